package dev.otherix.apiserver.storage;

import static dev.otherix.apiserver.storage.StorageCases.bytes;
import static dev.otherix.apiserver.storage.StorageCases.refused;
import static dev.otherix.apiserver.storage.StorageCases.written;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// How much history the embedded store keeps by itself, and how watchers fare that fall behind.
@Tag("slow")
final class RocksRetentionTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final ManualClock clock = new ManualClock();
  @TempDir private Path folder;

  private RocksStorage open(Duration age, long revisions) {
    return RocksStorage.open(
        RocksOptions.in(folder).withSync(false).withClock(clock).withHistory(age, revisions));
  }

  private static long churn(RocksStorage store, String key, int times) {
    long revision = written(store.create(key, bytes("0"), null));
    for (int i = 1; i < times; i++) {
      revision = written(store.update(key, bytes(String.valueOf(i)), revision, null));
    }
    return revision;
  }

  @Test
  void history_aboveTheCount_isForgotten() {
    try (RocksStorage store = open(Duration.ofDays(1), 100)) {
      long last = churn(store, "/a/k", 500);
      clock.advance(Duration.ofSeconds(2));
      Awaitility.await().atMost(PATIENCE).until(() -> store.compactedRevision() == last - 100);
      refused(
          StorageException.Reason.COMPACTED, () -> store.get("/a/k", ReadAt.revision(last - 101)));
      Entry oldest = store.get("/a/k", ReadAt.revision(last - 100));
      assertEquals(last - 100, oldest == null ? 0 : oldest.revision());
    }
    try (RocksStorage store = open(Duration.ofDays(1), 100)) {
      assertEquals(400, store.compactedRevision());
      assertEquals(500, store.revision());
    }
  }

  @Test
  void history_aboveTheAge_isForgotten() {
    try (RocksStorage store = open(Duration.ofMinutes(5), 1_000_000)) {
      long old = churn(store, "/a/k", 2500);
      clock.advance(Duration.ofMinutes(4));
      long fresh = churn(store, "/a/fresh", 10);
      assertEquals(0, store.compactedRevision());
      clock.advance(Duration.ofMinutes(2));
      Awaitility.await().atMost(PATIENCE).until(() -> store.compactedRevision() == old);
      Entry entry = store.get("/a/k", ReadAt.revision(old));
      assertEquals(old, entry == null ? 0 : entry.revision());
      assertEquals(fresh, store.revision());
    }
  }

  @Test
  void revision_allHistoryForgotten_isKept() {
    long last;
    try (RocksStorage store = open(Duration.ofMinutes(5), 1_000_000)) {
      long revision = churn(store, "/a/k", 10);
      last = written(store.delete("/a/k", revision));
      clock.advance(Duration.ofMinutes(6));
      Awaitility.await().atMost(PATIENCE).until(() -> store.compactedRevision() == last);
    }
    try (RocksStorage store = open(Duration.ofMinutes(5), 1_000_000)) {
      assertEquals(last, store.revision());
      assertTrue(written(store.create("/a/k", bytes("1"), null)) > last);
    }
  }

  @Test
  void watch_farBehindTheRecentEvents_isCompleteFromTheLog() throws InterruptedException {
    try (RocksStorage store = open(Duration.ofDays(1), 1_000_000);
        Watch behind = store.watch("/a/", 0)) {
      byte[] value = new byte[1 << 20];
      List<Long> wrote = new ArrayList<>();
      for (int i = 0; i < 80; i++) {
        wrote.add(written(store.create("/a/" + i, value, null)));
      }
      List<Long> seen = new ArrayList<>();
      long reached = 0;
      while (reached < store.revision()) {
        Watch.Batch batch = behind.next(Duration.ZERO);
        assertTrue(batch.events().size() < 40, "a batch of " + batch.events().size() + " MiB");
        batch.events().forEach(each -> seen.add(each.revision()));
        reached = batch.revision();
      }
      assertEquals(wrote, seen);
    }
  }

  @Test
  void watch_belowTheRetainedHistory_isRefused() throws InterruptedException {
    try (RocksStorage store = open(Duration.ofMinutes(5), 1_000_000)) {
      long old = churn(store, "/a/k", 10);
      clock.advance(Duration.ofMinutes(6));
      Awaitility.await().atMost(PATIENCE).until(() -> store.compactedRevision() == old);
      refused(StorageException.Reason.COMPACTED, () -> store.watch("/a/", old - 1));
      try (Watch watch = store.watch("/a/", old)) {
        long next = written(store.create("/a/next", bytes("1"), null));
        assertEquals(next, watch.next(PATIENCE).events().getFirst().revision());
      }
    }
  }
}
