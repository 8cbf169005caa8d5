package dev.otherix.agent.state;

import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.codec.Limits;
import dev.otherix.apimachinery.fault.Fault;
import dev.otherix.apimachinery.object.Records;
import dev.otherix.apimachinery.status.ApiException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import tools.jackson.databind.node.ObjectNode;

/// The machines' records and folders on this node, for one agent at a time: a second one that opens
/// the same folder is refused, also one in another process. Calls about one machine come from one
/// thread at a time.
public final class RecordStore implements AutoCloseable {
  private static final Fault BEFORE_WRITE = Fault.named("agent.record.beforeWrite");
  private static final Fault AFTER_WRITE = Fault.named("agent.record.afterWrite");
  private static final String VERSION = "agent.otherix/v1";
  private static final String KIND = "MachineRecord";
  private static final String FILE = "record.json";

  private final Path folder;
  private final FileChannel channel;
  private final FileLock lock;

  private RecordStore(Path folder, FileChannel channel, FileLock lock) {
    this.folder = folder;
    this.channel = channel;
    this.lock = lock;
  }

  /// @throws IllegalStateException when another agent has it
  public static RecordStore open(Path folder) throws IOException {
    Files.createDirectories(
        folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    FileChannel channel =
        FileChannel.open(
            folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    FileLock lock;
    try {
      lock = channel.tryLock();
    } catch (OverlappingFileLockException _) {
      lock = null;
    }
    if (lock == null) {
      channel.close();
      throw new IllegalStateException(
          "another agent works in " + folder + "; end it, or give this one a folder of its own");
    }
    return new RecordStore(folder, channel, lock);
  }

  /// A machine's own folder.
  ///
  /// @throws IllegalArgumentException when the uid is none: it becomes a file's name
  public Path folder(String uid) {
    return folder.resolve(UUID.fromString(uid).toString());
  }

  /// All records.
  ///
  /// @throws IllegalStateException when one cannot be read: the agent must not guess
  public List<MachineRecord> load() {
    List<MachineRecord> records = new ArrayList<>();
    try (DirectoryStream<Path> folders = Files.newDirectoryStream(folder)) {
      for (Path each : folders) {
        Path file = each.resolve(FILE);
        if (Files.exists(file)) {
          records.add(read(file));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("the machines' records cannot be read", e);
    }
    return records;
  }

  private static MachineRecord read(Path file) throws IOException {
    try {
      if (Json.decode(Files.readAllBytes(file), Limits.STORED).tree() instanceof ObjectNode tree
          && tree.path("apiVersion").asString("").equals(VERSION)) {
        return Records.read(tree, MachineRecord.class);
      }
    } catch (ApiException e) {
      throw new IllegalStateException(file + " is damaged: " + e.getMessage(), e);
    }
    throw new IllegalStateException(
        file + " is not of version " + VERSION + "; it was written by another agent");
  }

  public void save(MachineRecord record) {
    BEFORE_WRITE.here();
    Path own = folder(record.uid());
    try {
      Files.createDirectories(
          own, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      ObjectNode tree = Records.write(VERSION, KIND, record);
      DurableFile.write(own.resolve(FILE), Json.pretty(tree).getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(
          "the record of machine " + record.name() + " cannot be written: " + e.getMessage(), e);
    }
    AFTER_WRITE.here();
  }

  /// Removes everything that the agent holds about a machine; its disks are elsewhere.
  public void forget(String uid) {
    deleteTree(folder(uid));
  }

  /// Deletes a folder and what is in it, following no link. Nothing happens when it is gone.
  public static void deleteTree(Path tree) {
    try {
      if (Files.isDirectory(tree, LinkOption.NOFOLLOW_LINKS)) {
        try (Stream<Path> children = Files.list(tree)) {
          children.forEach(RecordStore::deleteTree);
        }
      }
      Files.deleteIfExists(tree);
    } catch (IOException e) {
      throw new UncheckedIOException(tree + " cannot be deleted: " + e.getMessage(), e);
    }
  }

  @Override
  public void close() {
    try {
      lock.release();
      channel.close();
    } catch (IOException e) {
      throw new UncheckedIOException("the lock of " + folder + " cannot be released", e);
    }
  }
}
