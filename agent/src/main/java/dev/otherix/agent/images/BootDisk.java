package dev.otherix.agent.images;

import dev.otherix.agent.hypervisor.MachinePlan.Format;
import dev.otherix.agent.images.ImageException.Reason;
import dev.otherix.agent.state.DurableFile;
import dev.otherix.agent.state.MachineRecord.Origin;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// Makes boot disks of images, with qemu-img. A qcow2 disk begins as an overlay: it reads what it
/// did not write from the image, so it is there at once, and the image must stay. A raw disk shares
/// its blocks with a raw image where the file system can do that, and is a copy elsewhere.
public final class BootDisk {
  private static final Duration COPY_MAX = Duration.ofHours(1);
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
      convertTo(image.file(), image.format(), part, Format.RAW);
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

  /// Copies a disk that no machine runs on; the copy reads from no other file. What is written when
  /// it fails is worth nothing.
  public static void convert(Path from, Format format, Path to, Format wanted)
      throws InterruptedException {
    try {
      convertTo(from, format, to, wanted);
      Files.setPosixFilePermissions(to, PosixFilePermissions.fromString("rw-------"));
    } catch (IOException e) {
      throw new ImageException(
          Reason.NO_SPACE, "the disk " + from + " could not be copied: " + e.getMessage(), e);
    }
  }

  private static void convertTo(Path from, Format format, Path to, Format wanted)
      throws IOException, InterruptedException {
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
        throw new IOException(command.get(0) + " did not end");
      }
      if (process.exitValue() != 0) {
        throw new IOException(said.strip());
      }
    } finally {
      process.destroyForcibly();
    }
  }
}
