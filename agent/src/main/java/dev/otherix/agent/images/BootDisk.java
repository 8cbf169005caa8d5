package dev.otherix.agent.images;

import dev.otherix.agent.hypervisor.MachinePlan.Format;
import dev.otherix.agent.images.ImageException.Reason;
import dev.otherix.agent.state.DurableFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// Makes boot disks of images, with qemu-img. A qcow2 disk begins as an overlay: it reads what it
/// did not write from the image, so it is there at once, and the image must stay. A raw disk is a
/// copy.
public final class BootDisk {
  private static final Duration COPY_MAX = Duration.ofHours(1);
  private static final long GIBIBYTE = 1024L * 1024 * 1024;

  private BootDisk() {}

  /// The disk is wholly there afterwards, or not at all.
  ///
  /// @param gibibytes its size; 0 for the image's
  /// @return what a guest sees as its size in bytes
  public static long make(Image image, Path disk, Format format, int gibibytes)
      throws InterruptedException {
    long bytes = gibibytes == 0 ? image.virtualBytes() : gibibytes * GIBIBYTE;
    if (bytes < image.virtualBytes()) {
      throw new ImageException(
          Reason.DISK_TOO_SMALL,
          "diskGiB "
              + gibibytes
              + " is less than the image's "
              + image.virtualBytes()
              + " bytes; ask for at least "
              + ((image.virtualBytes() + GIBIBYTE - 1) / GIBIBYTE));
    }
    Path part = DurableFile.partOf(disk);
    try {
      Files.createDirectories(
          disk.toAbsolutePath().resolveSibling(""),
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      Files.deleteIfExists(part);
      switch (format) {
        case QCOW2 ->
            run(
                List.of(
                    "qemu-img",
                    "create",
                    "-q",
                    "-f",
                    "qcow2",
                    "-F",
                    image.format().word(),
                    "-b",
                    image.file().toAbsolutePath().toString(),
                    part.toString(),
                    Long.toString(bytes)));
        case RAW -> {
          run(
              List.of(
                  "qemu-img",
                  "convert",
                  "-q",
                  "-f",
                  image.format().word(),
                  "-O",
                  "raw",
                  image.file().toString(),
                  part.toString()));
          run(
              List.of(
                  "qemu-img", "resize", "-q", "-f", "raw", part.toString(), Long.toString(bytes)));
        }
      }
      DurableFile.publish(part, disk);
      return bytes;
    } catch (IOException e) {
      throw new ImageException(
          Reason.NO_SPACE, "the disk " + disk + " could not be made: " + e.getMessage(), e);
    }
  }

  /// Makes an image of this size that holds nothing.
  public static void blank(Path file, Format format, long bytes) throws InterruptedException {
    String size = Long.toString(bytes);
    try {
      run(List.of("qemu-img", "create", "-q", "-f", format.word(), file.toString(), size));
    } catch (IOException e) {
      throw new ImageException(
          Reason.NO_SPACE, "the disk " + file + " could not be made: " + e.getMessage(), e);
    }
  }

  /// Copies a disk that no machine runs on; the copy reads from no other file. What is written when
  /// it fails is worth nothing.
  public static void convert(Path from, Format format, Path to, Format wanted)
      throws InterruptedException {
    try {
      run(
          List.of(
              "qemu-img",
              "convert",
              "-q",
              "-f",
              format.word(),
              "-O",
              wanted.word(),
              from.toString(),
              to.toString()));
    } catch (IOException e) {
      throw new ImageException(
          Reason.NO_SPACE, "the disk " + from + " could not be copied: " + e.getMessage(), e);
    }
  }

  /// The same; the copy is wholly there afterwards, or not at all.
  public static void copy(Path from, Format format, Path to, Format wanted)
      throws InterruptedException {
    Path part = DurableFile.partOf(to);
    try {
      Files.createDirectories(
          to.toAbsolutePath().resolveSibling(""),
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      Files.deleteIfExists(part);
      convert(from, format, part, wanted);
      DurableFile.publish(part, to);
    } catch (IOException e) {
      throw new ImageException(
          Reason.NO_SPACE, "the disk " + to + " could not be made: " + e.getMessage(), e);
    }
  }

  /// Makes a disk larger that no machine runs on. Nothing happens when it has that size.
  public static void grow(Path disk, Format format, long bytes) throws InterruptedException {
    String size = Long.toString(bytes);
    try {
      run(List.of("qemu-img", "resize", "-q", "-f", format.word(), disk.toString(), size));
    } catch (IOException e) {
      throw new ImageException(
          Reason.NO_SPACE, "the disk " + disk + " could not be grown: " + e.getMessage(), e);
    }
  }

  private static void run(List<String> command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    try {
      String said = new String(process.getInputStream().readNBytes(8192), StandardCharsets.UTF_8);
      if (!process.waitFor(COPY_MAX.toSeconds(), TimeUnit.SECONDS)) {
        throw new IOException(command.get(1) + " did not end");
      }
      if (process.exitValue() != 0) {
        throw new IOException(said.strip());
      }
    } finally {
      process.destroyForcibly();
    }
  }
}
