package dev.otherix.apiserver.storage;

import static dev.otherix.apiserver.storage.StorageCases.written;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.DBOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.WALRecoveryMode;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/// RocksDB's log: written over when it is free, and as former builds wrote it.
@Tag("slow")
final class RocksLogTest {
  private static final int VALUE_BYTES = 1 << 20;
  private static final int WRITES_MAX = 1000;
  private static final int WRITES_AFTER = 20;
  private static final int DAMAGES = 12;

  private final SplittableRandom random = new SplittableRandom(20_260_101);
  @TempDir private Path folder;

  /// What was written last.
  private byte[] last = {};

  private static RocksStorage open(Path directory) {
    return RocksStorage.open(RocksOptions.in(directory).withSync(false));
  }

  private static List<Path> logs(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return new ArrayList<>(
          files.filter(each -> each.toString().endsWith(".log")).sorted().toList());
    }
  }

  /// What a kill would leave behind when the log had been written over.
  private Path killed(List<Entry> entries) throws IOException {
    Path whole = folder.resolve("whole");
    Path copy = folder.resolve("killed");
    try (RocksStorage store = open(whole)) {
      int writes = 0;
      while (!recycled(whole)) {
        assertTrue(++writes < WRITES_MAX, "no log is ever written over");
        write(store, "/a/" + writes);
      }
      for (int i = 0; i < WRITES_AFTER; i++) {
        write(store, "/b/" + i);
      }
      entries.addAll(store.list("/", "", 0, ReadAt.LATEST).entries());
      copy(whole, copy);
    }
    return copy;
  }

  private void write(RocksStorage store, String key) {
    last = new byte[VALUE_BYTES];
    random.nextBytes(last);
    written(store.create(key, last, null));
  }

  /// RocksDB says so in its own log.
  private static boolean recycled(Path directory) throws IOException {
    try (Stream<String> lines = Files.lines(directory.resolve("LOG"))) {
      return lines.anyMatch(each -> each.contains("reusing log"));
    }
  }

  private static void copy(Path from, Path to) throws IOException {
    Files.createDirectories(to);
    try (Stream<Path> files = Files.list(from)) {
      for (Path each : files.filter(Files::isRegularFile).toList()) {
        Files.copy(each, to.resolve(each.getFileName()));
      }
    }
  }

  @Test
  void open_killedWithAnOverwrittenLog_isWholeAndHasNothingOfBefore() throws IOException {
    List<Entry> entries = new ArrayList<>();
    Path killed = killed(entries);
    try (RocksStorage store = open(killed)) {
      assertEquals(entries, store.list("/", "", 0, ReadAt.LATEST).entries());
      assertEquals(entries.size(), store.revision());
    }
  }

  @Test
  void open_damageInAnOverwrittenLog_isRefusedOrWhole() throws IOException {
    List<Entry> entries = new ArrayList<>();
    Path killed = killed(entries);
    for (int i = 0; i < DAMAGES; i++) {
      Path copy = folder.resolve("damaged" + i);
      copy(killed, copy);
      List<Path> logs = logs(copy);
      Path log = logs.get(random.nextInt(logs.size()));
      byte[] content = Files.readAllBytes(log);
      int at = random.nextInt(Math.max(1, content.length));
      if (content.length > 0) {
        content[at] ^= 1;
      }
      Files.write(log, content);
      try (RocksStorage store = open(copy)) {
        assertEquals(entries, store.list("/", "", 0, ReadAt.LATEST).entries(), log + " at " + at);
      } catch (StorageException e) {
        assertEquals(StorageException.Reason.CORRUPT, e.reason(), log + " at " + at);
      }
    }
    damage(killed, last);
    StorageException refused = assertThrows(StorageException.class, () -> open(killed).close());
    assertEquals(StorageException.Reason.CORRUPT, refused.reason());
  }

  /// Flips a bit of a value, wherever a log has it.
  private static void damage(Path directory, byte[] value) throws IOException {
    for (Path log : logs(directory)) {
      byte[] content = Files.readAllBytes(log);
      // A record of the log may end and go on within one of these places, but not within both.
      int at = Math.max(indexOf(content, value, 0), indexOf(content, value, Long.BYTES * 10));
      if (at >= 0) {
        content[at] ^= 1;
        Files.write(log, content);
        return;
      }
    }
    throw new AssertionError("no log has the last write");
  }

  private static int indexOf(byte[] content, byte[] value, int from) {
    for (int at = 0; at + Long.BYTES <= content.length; at++) {
      if (Arrays.equals(content, at, at + Long.BYTES, value, from, from + Long.BYTES)) {
        return at;
      }
    }
    return -1;
  }

  /// Former builds neither wrote logs over nor serialized batches themselves.
  @Test
  void open_storeOfAFormerBuild_hasEverything() throws RocksDBException {
    Path directory = folder.resolve("former");
    open(directory).close();
    Entry entry = new Entry("/a/former", new byte[] {1, 2, 3}, 1);
    List<ColumnFamilyDescriptor> families =
        Stream.of("default", "head", "version", "log")
            .map(each -> new ColumnFamilyDescriptor(RocksFormat.ascii(each)))
            .toList();
    List<ColumnFamilyHandle> handles = new ArrayList<>();
    try (DBOptions options =
            new DBOptions().setWalRecoveryMode(WALRecoveryMode.TolerateCorruptedTailRecords);
        RocksDB rocks = RocksDB.open(options, directory.toString(), families, handles);
        WriteOptions write = new WriteOptions();
        WriteBatch batch = new WriteBatch()) {
      RocksFormat.Head head = new RocksFormat.Head(1, 0, entry.value().length);
      batch.put(handles.get(1), RocksFormat.ascii(entry.key()), RocksFormat.head(head));
      batch.put(
          handles.get(2),
          RocksFormat.versionKey(entry.key(), 1),
          RocksFormat.version(entry.value(), 0));
      batch.put(
          handles.get(3),
          RocksFormat.number(1),
          RocksFormat.logRecord(
              new RocksFormat.LogRecord(1, RocksFormat.Change.CREATED, 0, 0, entry.key())));
      rocks.write(write, batch);
      handles.forEach(ColumnFamilyHandle::close);
    }
    try (RocksStorage store = open(directory)) {
      assertEquals(List.of(entry), store.list("/", "", 0, ReadAt.LATEST).entries());
      assertEquals(1, store.revision());
      write(store, "/a/next");
      assertEquals(2, store.revision());
    }
  }
}
