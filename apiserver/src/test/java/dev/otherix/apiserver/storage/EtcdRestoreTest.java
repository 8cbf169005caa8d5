package dev.otherix.apiserver.storage;

import static dev.otherix.apiserver.storage.StorageCases.bytes;
import static dev.otherix.apiserver.storage.StorageCases.refused;
import static dev.otherix.apiserver.storage.StorageCases.there;
import static dev.otherix.apiserver.storage.StorageCases.written;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.etcd.jetcd.api.KVGrpc;
import io.etcd.jetcd.api.TxnRequest;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Backups into etcd, from etcd and from other engines.
@Tag("slow")
final class EtcdRestoreTest {
  private static final AtomicInteger CASES = new AtomicInteger();

  @TempDir private static Path etcdFolder;
  private static EtcdProcess etcd;

  @TempDir private Path folder;

  @BeforeAll
  static void startEtcd() {
    etcd = EtcdProcess.start(etcdFolder.resolve("etcd"));
  }

  @AfterAll
  static void stopEtcd() {
    etcd.close();
  }

  private static EtcdOptions emptyPrefix() {
    return etcd.options().withPrefix("/restore-" + CASES.incrementAndGet());
  }

  private static List<String> state(Storage store) {
    return StorageCases.pairs(store.list("/", "", 0, ReadAt.LATEST));
  }

  @Test
  void restore_backupOfEtcd_isTheSameAtHigherRevisions() throws InterruptedException {
    Path file = folder.resolve("backup");
    long taken;
    List<String> before;
    try (EtcdStorage store = EtcdStorage.open(emptyPrefix())) {
      for (int i = 0; i < 250; i++) {
        written(store.create("/a/" + i, bytes("v" + i), null));
      }
      before = state(store);
      taken = store.backup(file);
    }
    EtcdOptions target = emptyPrefix();
    long seen = taken + 5_000_000;
    long begin = EtcdStorage.restore(file, target, seen);
    assertTrue(begin > seen);
    try (EtcdStorage store = EtcdStorage.open(target)) {
      assertEquals(before, state(store));
      assertEquals(before, StorageCases.pairs(store.list("/", "", 0, ReadAt.revision(begin))));
      assertTrue(store.revision() >= begin);
      assertEquals(begin, store.compactedRevision());
      Entry entry = there(store.get("/a/7", ReadAt.LATEST));
      assertTrue(entry.revision() > seen && entry.revision() <= begin);

      long updated = written(store.update("/a/7", bytes("new"), entry.revision(), null));
      assertTrue(updated > begin);
      assertInstanceOf(
          Outcome.Changed.class, store.update("/a/7", bytes("x"), entry.revision(), null));
      try (Watch watch = store.watch("/a/", begin)) {
        Watch.Batch batch = watch.next(Duration.ofSeconds(30));
        assertEquals(List.of("~/a/7=new<v7"), StorageCases.texts(batch.events()));
        assertEquals(updated, batch.revision());
      }
      assertTrue(written(store.delete("/a/7", updated)) > updated);
    }
  }

  @Test
  void restored_revisionsBefore_areCompacted() {
    Path file = folder.resolve("backup");
    long begin;
    EtcdOptions target = emptyPrefix();
    try (MemoryStorage memory = new MemoryStorage(InstantSource.system())) {
      written(memory.create("/a/1", bytes("1"), null));
      memory.backup(file);
      begin = EtcdStorage.restore(file, target, 0);
    }
    try (EtcdStorage store = EtcdStorage.open(target)) {
      for (long old : new long[] {1, 1_000, begin - 1}) {
        refused(StorageException.Reason.COMPACTED, () -> store.get("/a/1", ReadAt.revision(old)));
        refused(StorageException.Reason.COMPACTED, () -> store.watch("/a/", old));
      }
      refused(StorageException.Reason.COMPACTED, () -> store.watch("/a/", 0));
      store.compact(begin - 1);
      assertEquals(begin, store.compactedRevision());
      assertInstanceOf(Outcome.Changed.class, store.update("/a/1", bytes("x"), 1, null));
      assertInstanceOf(Outcome.Changed.class, store.delete("/a/1", 0));
      assertInstanceOf(Outcome.Missing.class, store.delete("/a/none", 0));
      assertInstanceOf(Outcome.Missing.class, store.update("/a/none", bytes("x"), 0, null));
    }
  }

  @Test
  void restore_ofARestoredStore_goesOnAbove() {
    EtcdOptions first = emptyPrefix();
    Path file = folder.resolve("backup");
    try (MemoryStorage memory = new MemoryStorage(InstantSource.system())) {
      written(memory.create("/a/1", bytes("1"), null));
      memory.backup(file);
    }
    EtcdStorage.restore(file, first, 0);
    Path second = folder.resolve("second");
    long taken;
    try (EtcdStorage store = EtcdStorage.open(first)) {
      taken = store.backup(second);
    }
    EtcdOptions target = emptyPrefix();
    assertTrue(EtcdStorage.restore(second, target, 0) > taken);
    Path third = folder.resolve("third");
    try (EtcdStorage store = EtcdStorage.open(target)) {
      assertEquals(List.of("/a/1=1"), state(store));
      assertTrue(store.backup(third) > taken);
    }
  }

  @Test
  void restore_largeValues_goesInParts() {
    Path file = folder.resolve("backup");
    EtcdOptions target = emptyPrefix();
    byte[] value = new byte[300_000];
    value[299_999] = 7;
    try (MemoryStorage memory = new MemoryStorage(InstantSource.system())) {
      for (int i = 0; i < 20; i++) {
        written(memory.create("/a/" + i, value, null));
      }
      memory.backup(file);
    }
    EtcdStorage.restore(file, target, 0);
    try (EtcdStorage store = EtcdStorage.open(target)) {
      List<Entry> entries = store.list("/a/", "", 0, ReadAt.LATEST).entries();
      assertEquals(20, entries.size());
      for (Entry each : entries) {
        assertArrayEquals(value, each.value());
      }
    }
  }

  @Test
  void restore_timeToLive_goesOn() {
    Path file = folder.resolve("backup");
    EtcdOptions target = emptyPrefix();
    try (MemoryStorage memory = new MemoryStorage(InstantSource.system())) {
      written(memory.create("/a/long", bytes("1"), Duration.ofHours(1)));
      written(memory.create("/a/short", bytes("1"), Duration.ofSeconds(2)));
      memory.backup(file);
    }
    EtcdStorage.restore(file, target, 0);
    try (EtcdStorage store = EtcdStorage.open(target)) {
      await()
          .atMost(Duration.ofSeconds(30))
          .until(() -> store.get("/a/short", ReadAt.LATEST) == null);
      assertEquals(List.of("/a/long=1"), state(store));
    }
  }

  @Test
  void restore_intoAStore_isRefused() {
    Path file = folder.resolve("backup");
    EtcdOptions target = emptyPrefix();
    try (EtcdStorage store = EtcdStorage.open(target)) {
      written(store.create("/a/1", bytes("1"), null));
      store.backup(file);
      refused(StorageException.Reason.UNAVAILABLE, () -> EtcdStorage.restore(file, target, 0));
      assertEquals(List.of("/a/1=1"), state(store));
    }
  }

  @Test
  void open_restoreCutOff_isRefused() {
    EtcdOptions target = emptyPrefix();
    try (EtcdClient client = new EtcdClient(target)) {
      TxnRequest mark =
          TxnRequest.newBuilder()
              .addSuccess(new EtcdBookkeeping(client).putRestoring("a test"))
              .build();
      assertTrue(client.write("mark", KVGrpc.getTxnMethod(), mark).getSucceeded());
    }
    refused(StorageException.Reason.CORRUPT, () -> EtcdStorage.open(target));
  }
}
