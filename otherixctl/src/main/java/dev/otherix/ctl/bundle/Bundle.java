package dev.otherix.ctl.bundle;

import dev.otherix.apimachinery.client.ConnectionException;
import dev.otherix.apimachinery.status.ApiException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/// A zip file that is being written. What cannot be had is noted in it and told, and the rest goes
/// on: who asks for help has something that does not work.
public final class Bundle implements AutoCloseable {
  /// A part is cut off here.
  private static final int PART_BYTES_MAX = 64 * 1024 * 1024;

  private final ZipOutputStream zip;
  private final PrintWriter err;
  private final StringBuilder missing = new StringBuilder();

  private Bundle(ZipOutputStream zip, PrintWriter err) {
    this.zip = zip;
    this.err = err;
  }

  /// @throws FileAlreadyExistsException when there is such a file
  public static Bundle create(Path file, PrintWriter err) throws IOException {
    OutputStream out =
        Files.newOutputStream(
            Files.createFile(
                file,
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))),
            StandardOpenOption.WRITE);
    return new Bundle(new ZipOutputStream(out), err);
  }

  /// Makes a part's text.
  @FunctionalInterface
  public interface Source {
    byte[] bytes() throws InterruptedException, IOException;
  }

  public void add(String name, Source source) throws InterruptedException, IOException {
    byte[] bytes;
    try {
      bytes = source.bytes();
    } catch (ApiException | ConnectionException e) {
      String line = name + ": " + e.getMessage();
      missing.append(line).append('\n');
      err.println("left out " + line);
      err.flush();
      return;
    }
    zip.putNextEntry(new ZipEntry(name));
    zip.write(bytes, 0, Math.min(bytes.length, PART_BYTES_MAX));
    zip.closeEntry();
    if (bytes.length > PART_BYTES_MAX) {
      missing.append(name).append(": the end, it has ").append(bytes.length).append(" bytes\n");
    }
  }

  /// Objects as documents of YAML, as many as fit.
  static final class Documents {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    /// @return whether there is room for more
    boolean add(String yaml) {
      out.writeBytes(("---\n" + yaml).getBytes(StandardCharsets.UTF_8));
      return out.size() < PART_BYTES_MAX;
    }

    byte[] bytes() {
      return out.toByteArray();
    }
  }

  @Override
  public void close() throws IOException {
    zip.putNextEntry(new ZipEntry("left-out.txt"));
    zip.write(missing.toString().getBytes(StandardCharsets.UTF_8));
    zip.closeEntry();
    zip.close();
  }
}
