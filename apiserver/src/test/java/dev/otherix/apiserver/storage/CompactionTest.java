package dev.otherix.apiserver.storage;

import static dev.otherix.apiserver.storage.StorageCases.bytes;
import static dev.otherix.apiserver.storage.StorageCases.refused;
import static dev.otherix.apiserver.storage.StorageCases.written;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// History of an etcd that nobody else compacts, and what etcd tells of its room.
final class CompactionTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  @TempDir private Path folder;

  @Test
  void historyOlderThanARound_goes_andYoungerStays() {
    Semaphore rounds = new Semaphore(0);
    try (EtcdProcess etcd = EtcdProcess.start(folder.resolve("etcd"));
        Storage store = EtcdStorage.open(etcd.options())) {
      long first = written(store.create("/a/1", bytes("1"), null));
      long second = written(store.update("/a/1", bytes("2"), first, null));
      try (Compaction _ = Compaction.start(store, Duration.ofMinutes(5), _ -> rounds.acquire())) {
        await().atMost(PATIENCE).until(rounds::hasQueuedThreads);
        long third = written(store.update("/a/1", bytes("3"), second, null));
        store.get("/a/1", ReadAt.revision(first));
        rounds.release();
        await().atMost(PATIENCE).until(() -> store.compactedRevision() >= second);
        refused(StorageException.Reason.COMPACTED, () -> store.get("/a/1", ReadAt.revision(first)));
        assertTrue(store.compactedRevision() < third, "what is young stays");
      }
    }
  }

  @Test
  void quotaUsedUp_isTold() {
    try (EtcdProcess etcd =
            EtcdProcess.start(folder.resolve("etcd"), "--quota-backend-bytes", "2000000");
        EtcdStorage store = EtcdStorage.open(etcd.options())) {
      EtcdState before = store.state();
      assertTrue(before.hasLeader());
      assertFalse(before.corrupt());
      assertTrue(before.sizeBytes() > 0 && before.usedBytes() <= before.sizeBytes());
      StorageException full =
          assertThrows(
              StorageException.class,
              () -> {
                for (int i = 0; i < 1000; i++) {
                  store.create("/b/" + i, new byte[100_000], null);
                }
              });
      assertEquals(StorageException.Reason.FULL, full.reason());
      assertTrue(store.state().full());
      assertTrue(store.state().families().toString().contains("nospace"));
    }
  }
}
