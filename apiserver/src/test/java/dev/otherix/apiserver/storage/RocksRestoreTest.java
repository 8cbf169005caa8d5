package dev.otherix.apiserver.storage;

import static dev.otherix.apiserver.storage.StorageCases.bytes;
import static dev.otherix.apiserver.storage.StorageCases.refused;
import static dev.otherix.apiserver.storage.StorageCases.written;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.RocksDBException;

/// From a backup to a store that clients of the former one can go on with.
final class RocksRestoreTest {
  private final ManualClock clock = new ManualClock();
  @TempDir private Path folder;
  private Path backup;
  private List<Entry> entries = List.of();
  private long taken;

  @BeforeEach
  void makeBackup() {
    backup = folder.resolve("backup");
    try (RocksStorage store = RocksStorage.open(options("origin"))) {
      for (int i = 0; i < 50; i++) {
        long revision = written(store.create("/a/" + i, bytes("first " + i), null));
        written(store.update("/a/" + i, bytes("second " + i), revision, null));
      }
      written(store.create("/ttl", bytes("short"), Duration.ofSeconds(60)));
      entries = store.list("/", "", 0, ReadAt.LATEST).entries();
      taken = store.backup(backup);
    }
  }

  private RocksOptions options(String name) {
    return RocksOptions.in(folder.resolve(name)).withSync(false).withClock(clock);
  }

  @Test
  void restore_backup_isTheSameEntriesAtAHigherRevision() {
    long begins = RocksStorage.restore(backup, options("new"), 0);
    assertTrue(begins > taken);
    for (int i = 0; i < 2; i++) {
      try (RocksStorage store = RocksStorage.open(options("new"))) {
        assertEquals(begins, store.revision());
        assertEquals(begins, store.compactedRevision());
        assertEquals(entries, store.list("/", "", 0, ReadAt.LATEST).entries());
        assertEquals(entries, store.list("/", "", 0, ReadAt.revision(begins)).entries());
        refused(
            StorageException.Reason.COMPACTED,
            () -> store.list("/", "", 0, ReadAt.revision(taken)));
        refused(StorageException.Reason.COMPACTED, () -> store.watch("/", taken));
      }
    }
  }

  @Test
  void restore_revisionSeenAboveTheBackup_goesOnAboveIt() {
    long seen = taken + 5_000_000;
    long begins = RocksStorage.restore(backup, options("new"), seen);
    assertTrue(begins > seen);
    try (RocksStorage store = RocksStorage.open(options("new"))) {
      assertTrue(written(store.create("/b", bytes("1"), null)) > begins);
    }
  }

  @Test
  void restore_store_isWrittenAndWatched() throws InterruptedException {
    long begins = RocksStorage.restore(backup, options("new"), 0);
    try (RocksStorage store = RocksStorage.open(options("new"));
        Watch watch = store.watch("/", begins)) {
      Entry first = entries.getFirst();
      written(store.update(first.key(), bytes("third"), first.revision(), null));
      Entry second = entries.get(1);
      written(store.delete(second.key(), second.revision()));
      List<StorageEvent> events = watch.next(Duration.ZERO).events();
      assertEquals(first, ((StorageEvent.Updated) events.getFirst()).previous());
      assertEquals(second, ((StorageEvent.Deleted) events.getLast()).previous());
      store.compact(store.revision());
    }
    try (RocksStorage store = RocksStorage.open(options("new"))) {
      assertEquals(entries.size() - 1, store.list("/", "", 0, ReadAt.LATEST).entries().size());
    }
  }

  @Test
  void restore_timeToLive_goesOnFromWhereItWas() {
    RocksStorage.restore(backup, options("new"), 0);
    try (RocksStorage store = RocksStorage.open(options("new"))) {
      assertEquals(entries.size(), store.stats("/").entries());
      clock.advance(Duration.ofSeconds(61));
      Awaitility.await()
          .atMost(Duration.ofSeconds(30))
          .until(() -> store.get("/ttl", ReadAt.LATEST) == null);
    }
  }

  @Test
  void restore_backupOfTheMemoryStore_isTheSame() {
    Path file = folder.resolve("memory");
    try (MemoryStorage memory = new MemoryStorage(clock)) {
      written(memory.create("/m/1", bytes("1"), null));
      memory.backup(file);
      RocksStorage.restore(file, options("new"), 0);
      try (RocksStorage store = RocksStorage.open(options("new"))) {
        assertEquals(
            memory.list("/", "", 0, ReadAt.LATEST).entries(),
            store.list("/", "", 0, ReadAt.LATEST).entries());
      }
    }
  }

  @Test
  void restore_damagedBackup_isRefusedAndMakesNothing() throws IOException {
    byte[] content = Files.readAllBytes(backup);
    SplittableRandom random = new SplittableRandom(20_260_101);
    Path damaged = folder.resolve("damaged");
    for (int i = 0; i < 300; i++) {
      byte[] copy = content.clone();
      int at = i < 40 ? i : random.nextInt(copy.length);
      copy[at] ^= (byte) (1 << random.nextInt(8));
      Files.write(damaged, copy);
      requireRefused(damaged, "flipped at " + at);
    }
    for (int i = 0; i < 100; i++) {
      int length = random.nextInt(content.length);
      Files.write(damaged, Arrays.copyOf(content, length));
      requireRefused(damaged, "cut at " + length);
    }
    Files.write(damaged, Arrays.copyOf(content, content.length + 1));
    requireRefused(damaged, "one byte too many");
  }

  private void requireRefused(Path damaged, String what) {
    StorageException refusal =
        refused(
            StorageException.Reason.CORRUPT,
            () -> RocksStorage.restore(damaged, options("new"), 0));
    assertTrue(String.valueOf(refusal.getMessage()).contains("use another backup"), what);
    assertTrue(Files.notExists(folder.resolve("new")), what);
  }

  @Test
  void restore_missingBackup_isRefused() {
    refused(
        StorageException.Reason.UNAVAILABLE,
        () -> RocksStorage.restore(folder.resolve("none"), options("new"), 0));
  }

  @Test
  void restore_intoAStore_isRefusedAndLeavesIt() {
    refused(
        StorageException.Reason.UNAVAILABLE,
        () -> RocksStorage.restore(backup, options("origin"), 0));
    try (RocksStorage store = RocksStorage.open(options("origin"))) {
      assertEquals(taken, store.revision());
      assertEquals(entries, store.list("/", "", 0, ReadAt.LATEST).entries());
    }
  }

  @Test
  void restore_interrupted_isNoStore() throws RocksDBException {
    try (RocksDatabase database = RocksDatabase.open(options("new"))) {
      RocksChanges changes = new RocksChanges();
      changes.put(RocksDatabase.Family.META, RocksFormat.RESTORING_KEY, RocksFormat.number(1));
      database.write(changes, true);
    }
    StorageException refusal =
        refused(StorageException.Reason.CORRUPT, () -> RocksStorage.open(options("new")).close());
    assertTrue(String.valueOf(refusal.getMessage()).contains("empty the directory"));
    refused(
        StorageException.Reason.UNAVAILABLE, () -> RocksStorage.restore(backup, options("new"), 0));
  }
}
