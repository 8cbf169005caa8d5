package dev.otherix.agent.images;

import dev.otherix.agent.hypervisor.MachinePlan.Format;
import dev.otherix.agent.images.ImageException.Reason;
import dev.otherix.agent.state.DurableFile;
import dev.otherix.agent.state.MachineRecord.Origin;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.IntConsumer;

/// Makes boot disks of images, with qemu-img. A qcow2 disk begins as an overlay: it reads what it
/// did not write from the image, so it is there at once, and the image must stay. A raw disk shares
/// its blocks with a raw image where the file system can do that, and is a copy elsewhere.
public final class BootDisk {
  private static final Duration COPY_MAX = Duration.ofHours(1);
  private static final int SAID_MAX = 8192;
  private static final long GIBIBYTE = 1024L * 1024 * 1024;

  private BootDisk() {}

  /// A disk that was made.
  ///
  /// @param bytes what a guest sees as its size
  public record Made(long bytes, Origin origin) {}

  /// The disk is wholly there afterwards, or not at all.
  ///
  /// @param gibibytes its size; 0 for the image's
  public static Made make(Image image, Path disk, Format format, int gibibytes)
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
      Origin origin =
          switch (format) {
            case QCOW2 -> overlay(image, part, bytes);
            case RAW -> copy(image, part, bytes);
          };
      Files.setPosixFilePermissions(part, PosixFilePermissions.fromString("rw-------"));
      DurableFile.publish(part, disk);
      return new Made(bytes, origin);
    } catch (IOException e) {
      throw new ImageException(
          Reason.NO_SPACE, "the disk " + disk + " could not be made: " + e.getMessage(), e);
    }
  }

  private static Origin overlay(Image image, Path part, long bytes)
      throws IOException, InterruptedException {
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
    return Origin.OVERLAY;
  }

  private static Origin copy(Image image, Path part, long bytes)
      throws IOException, InterruptedException {
    Origin origin = Origin.COPY;
    if (image.format() == Format.RAW && shared(image.file(), part)) {
      origin = Origin.REFLINK;
    } else {
      convertTo(image.file(), image.format(), part, Format.RAW, _ -> {});
    }
    run(List.of("qemu-img", "resize", "-q", "-f", "raw", part.toString(), Long.toString(bytes)));
    return origin;
  }

  /// Whether the file system made the second file of the first one's blocks.
  private static boolean shared(Path image, Path part) throws IOException, InterruptedException {
    try {
      run(List.of("cp", "--reflink=always", image.toString(), part.toString()));
      return true;
    } catch (IOException _) {
      Files.deleteIfExists(part);
      return false;
    }
  }

  /// Makes an image of this size that holds nothing.
  public static void blank(Path file, Format format, long bytes) throws InterruptedException {
    String size = Long.toString(bytes);
    try {
      run(List.of("qemu-img", "create", "-q", "-f", format.word(), file.toString(), size));
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    } catch (IOException e) {
      throw new ImageException(
          Reason.NO_SPACE, "the disk " + file + " could not be made: " + e.getMessage(), e);
    }
  }

  /// A disk to be copied, on which no machine runs.
  ///
  /// @param whole whether it reads from no other file
  public record Source(Path file, Format format, boolean whole) {}

  /// Copies a disk; the copy reads from no other file. Where the file system can have two files of
  /// the same blocks, and the disk is whole and of that format, it takes no time. What is written
  /// when it fails is worth nothing.
  ///
  /// @param percent told how far it is, from its thread
  public static void convert(Source from, Path to, Format wanted, IntConsumer percent)
      throws InterruptedException {
    try {
      if (!from.whole() || from.format() != wanted || !shared(from.file(), to)) {
        convertTo(from.file(), from.format(), to, wanted, percent);
      }
      Files.setPosixFilePermissions(to, PosixFilePermissions.fromString("rw-------"));
    } catch (IOException e) {
      throw new ImageException(
          Reason.NO_SPACE,
          "the disk " + from.file() + " could not be copied: " + e.getMessage(),
          e);
    }
  }

  private static void convertTo(
      Path from, Format format, Path to, Format wanted, IntConsumer percent)
      throws IOException, InterruptedException {
    run(
        List.of(
            "qemu-img",
            "convert",
            "-p",
            "-f",
            format.word(),
            "-O",
            wanted.word(),
            from.toString(),
            to.toString()),
        new ShownPercent(percent)::take);
  }

  /// The same; the copy is wholly there afterwards, or not at all.
  public static void copy(Source from, Path to, Format wanted) throws InterruptedException {
    Path part = DurableFile.partOf(to);
    try {
      Files.createDirectories(
          to.toAbsolutePath().resolveSibling(""),
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      Files.deleteIfExists(part);
      convert(from, part, wanted, _ -> {});
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
    run(command, _ -> {});
  }

  /// @param heard gets each piece of what the command says
  private static void run(List<String> command, Consumer<String> heard)
      throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    try {
      String said = lastWords(process.getInputStream(), heard);
      if (!process.waitFor(COPY_MAX.toSeconds(), TimeUnit.SECONDS)) {
        throw new IOException(command.get(0) + " did not end");
      }
      if (process.exitValue() != 0) {
        // What is in front of it is how far it came.
        throw new IOException(said.substring(said.lastIndexOf('\r') + 1).strip());
      }
    } finally {
      process.destroyForcibly();
    }
  }

  private static String lastWords(InputStream in, Consumer<String> heard) throws IOException {
    StringBuilder said = new StringBuilder();
    byte[] piece = new byte[1024];
    for (int got = in.read(piece); got >= 0; got = in.read(piece)) {
      String text = new String(piece, 0, got, StandardCharsets.UTF_8);
      heard.accept(text);
      said.append(text);
      said.delete(0, Math.max(0, said.length() - SAID_MAX));
    }
    return said.toString();
  }
}
