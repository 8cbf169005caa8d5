package dev.otherix.apiserver.watchcache;

import static dev.otherix.apiserver.watchcache.Fixture.refused;
import static dev.otherix.apiserver.watchcache.Fixture.take;
import static dev.otherix.apiserver.watchcache.Fixture.texts;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.apimachinery.status.StatusReason;
import dev.otherix.apiserver.storage.StorageException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// What is left of a cache's promises when the store's watch breaks.
final class WatchCacheReloadTest {
  @Test
  void brokenWatch_goesOnWithoutLoss() throws InterruptedException {
    try (Fixture f = new Fixture()) {
      f.put("a", "red");
      f.settle();
      try (CacheWatch watch = f.watch(f.store.revision())) {
        int lists = f.store.lists.get();
        f.store.watchFails.set(StorageException.Reason.UNAVAILABLE);
        await().atMost(Fixture.PATIENCE).until(() -> f.cache.stats().resumes() >= 2);
        f.put("a", "blue");
        f.delete("a");
        f.put("b", "green");
        f.store.watchFails.set(null);
        assertEquals(List.of("~a=blue", "-a=blue", "+b=green"), texts(take(watch, 3)));
        assertEquals(0, f.cache.stats().reloads());
        assertEquals(lists, f.store.lists.get());
      }
    }
  }

  @Test
  void compactedWatch_loadsAgainAndExpiresWatchers() throws InterruptedException {
    try (Fixture f = new Fixture()) {
      f.put("a", "red");
      f.put("b", "red");
      f.settle();
      long before = f.store.revision();
      Snapshot old = f.cache.snapshot();
      try (CacheWatch watch = f.watch(before);
          CacheWatch hinted = f.watch(before, Fixture.fields("spec.node=n1"))) {
        f.store.watchFails.set(StorageException.Reason.UNAVAILABLE);
        await().atMost(Fixture.PATIENCE).until(() -> f.cache.stats().resumes() >= 1);
        f.delete("a");
        f.put("b", "blue");
        f.store.compact(f.store.revision());
        f.store.watchFails.set(null);
        f.settle();
        assertEquals(1, f.cache.stats().reloads());
        assertEquals(
            List.of("b=blue"), texts(f.cache.list(Filter.everything(), "", 0, Freshness.ANY)));
        refused(StatusReason.EXPIRED, () -> watch.next(Fixture.PATIENCE));
        refused(StatusReason.EXPIRED, () -> hinted.next(Fixture.PATIENCE));
        refused(StatusReason.EXPIRED, () -> f.watch(before));
        assertEquals(2, old.size());
      }
      try (CacheWatch watch = f.watch(f.store.revision())) {
        f.put("c", "red");
        assertEquals(List.of("+c=red"), texts(take(watch, 1)));
      }
    }
  }

  @Test
  void whileLoadingAgain_oldStateIsServedAndFreshReadsWait() throws InterruptedException {
    try (Fixture f = new Fixture(Fixture.impatient())) {
      f.put("a", "red");
      f.settle();
      f.store.listFails.set(StorageException.Reason.UNAVAILABLE);
      f.store.watchFails.set(StorageException.Reason.COMPACTED);
      int lists = f.store.lists.get();
      await().atMost(Fixture.PATIENCE).until(() -> f.store.lists.get() > lists + 2);
      f.put("a", "blue");
      assertTrue(f.cache.ready());
      assertEquals(
          List.of("a=red"), texts(f.cache.list(Filter.everything(), "", 0, Freshness.ANY)));
      assertEquals("a=blue", Fixture.text(there(f.cache.get("/w/a", Freshness.LATEST))));
      f.store.watchFails.set(null);
      f.store.listFails.set(null);
      f.settle();
      assertEquals(
          List.of("a=blue"), texts(f.cache.list(Filter.everything(), "", 0, Freshness.ANY)));
    }
  }

  private static CacheItem there(@Nullable CacheItem item) {
    if (item == null) {
      throw new AssertionError("there is no item");
    }
    return item;
  }

  @Test
  void closedStore_endsTheCache() {
    try (Fixture f = new Fixture()) {
      await().atMost(Fixture.PATIENCE).until(f.cache::ready);
      f.store.watchFails.set(StorageException.Reason.CLOSED);
      await().atMost(Fixture.PATIENCE).until(() -> !f.cache.ready());
    }
  }
}
