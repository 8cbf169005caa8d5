package dev.otherix.agent.state;

import dev.otherix.apimachinery.fault.Fault;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/// Files that are wholly there or not at all, also after a loss of power.
public final class DurableFile {
  private static final Fault BEFORE_RENAME = Fault.named("agent.file.beforeRename");
  private static final String PART = ".part";

  private DurableFile() {}

  /// Replaces what is there; only the agent's user may read it.
  public static void write(Path file, byte[] content) throws IOException {
    Path part = partOf(file);
    Files.deleteIfExists(part);
    try (FileChannel channel =
        FileChannel.open(
            part,
            Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
      ByteBuffer bytes = ByteBuffer.wrap(content);
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      channel.force(true);
    }
    BEFORE_RENAME.here();
    Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    syncFolder(file.toAbsolutePath().resolveSibling(""));
  }

  /// Gives a file that was written under [#partOf] its name.
  public static void publish(Path part, Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(part, StandardOpenOption.WRITE)) {
      channel.force(true);
    }
    BEFORE_RENAME.here();
    Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    syncFolder(file.toAbsolutePath().resolveSibling(""));
  }

  /// Where a file is written before it is whole. What stands there after a crash is worth nothing.
  public static Path partOf(Path file) {
    return file.resolveSibling(file.getFileName() + PART);
  }

  public static boolean isPart(Path file) {
    return file.toString().endsWith(PART);
  }

  /// Makes names in a folder as durable as the files.
  public static void syncFolder(Path folder) throws IOException {
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }
}
