package dev.otherix.apiserver.watchcache;

import static dev.otherix.apiserver.watchcache.Fixture.refused;
import static dev.otherix.apiserver.watchcache.Fixture.texts;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apimachinery.status.CauseReason;
import dev.otherix.apimachinery.status.StatusReason;
import dev.otherix.apiserver.storage.Entry;
import dev.otherix.apiserver.storage.MemoryStorage;
import dev.otherix.apiserver.storage.ReadAt;
import dev.otherix.apiserver.storage.StorageException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Reads and lists: how fresh, at which revision, from memory or from the store.
final class WatchCacheTest {
  private static final Filter ALL = Filter.everything();

  @Test
  void list_latest_seesEveryWriteThatReturned() throws InterruptedException {
    try (Fixture f = new Fixture()) {
      for (int i = 0; i < 200; i++) {
        long revision = f.put("a", "v" + i);
        Listing listing = f.cache.list(ALL, "", 0, Freshness.LATEST);
        assertEquals(List.of("a=v" + i), texts(listing));
        assertEquals(revision, listing.revision());
      }
      assertEquals(0, f.cache.stats().storeReads());
    }
  }

  @Test
  void list_latestAfterWritesElsewhere_isAtTheGlobalRevisionAtOnce() throws InterruptedException {
    try (Fixture f = new Fixture()) {
      f.put("a", "red");
      f.settle();
      long begin = System.nanoTime();
      for (int i = 0; i < 50; i++) {
        long revision = f.elsewhere();
        assertEquals(revision, f.cache.list(ALL, "", 0, Freshness.LATEST).revision());
      }
      // 50 ticks of the feed would be five seconds.
      assertTrue(System.nanoTime() - begin < 2_500_000_000L, "readers wait for ticks");
      assertEquals(0, f.cache.stats().storeReads());
    }
  }

  @Test
  void get_notOlderThanOwnWrite_readsIt() throws InterruptedException {
    try (Fixture f = new Fixture()) {
      long written = f.put("a", "red");
      CacheItem item = f.cache.get("/w/a", new Freshness.NotOlderThan(written));
      assertEquals("a=red", Fixture.text(there(item)));
      long deleted = f.delete("a");
      assertNull(f.cache.get("/w/a", new Freshness.NotOlderThan(deleted)));
    }
  }

  private static CacheItem there(@Nullable CacheItem item) {
    if (item == null) {
      throw new AssertionError("there is no item");
    }
    return item;
  }

  @Test
  void get_latestWhileStalled_fallsBackToTheStore() throws InterruptedException {
    try (Fixture f = new Fixture(Fixture.impatient())) {
      f.put("a", "red");
      f.settle();
      f.store.stalled = true;
      await().atMost(Fixture.PATIENCE).until(() -> stalledAt(f));
      f.put("a", "blue");
      assertEquals("a=blue", Fixture.text(there(f.cache.get("/w/a", Freshness.LATEST))));
      assertEquals(List.of("a=blue"), texts(f.cache.list(ALL, "", 0, Freshness.LATEST)));
      assertEquals(List.of("a=red"), texts(f.cache.list(ALL, "", 0, Freshness.ANY)));
      assertEquals(2, f.cache.stats().storeReads());
    }
  }

  /// Whether a write no longer reaches the cache.
  private static boolean stalledAt(Fixture f) throws InterruptedException {
    return !f.cache.awaitFresh(f.elsewhere(), Duration.ofMillis(20));
  }

  @Test
  void awaitFresh_revisionThatNeverComes_isFalseInTime() throws InterruptedException {
    try (Fixture f = new Fixture()) {
      long revision = f.put("a", "red");
      assertFalse(f.cache.awaitFresh(revision + 1, Fixture.MOMENT));
      assertTrue(f.cache.awaitFresh(revision, Fixture.PATIENCE));
    }
  }

  @Test
  void read_ofTheFuture_isTooLarge() throws InterruptedException {
    try (Fixture f = new Fixture(Fixture.impatient())) {
      long revision = f.put("a", "red");
      f.settle();
      long future = revision + 100;
      for (Freshness each :
          List.of(new Freshness.NotOlderThan(future), new Freshness.Exactly(future))) {
        requireTooLarge(refused(StatusReason.TIMEOUT, () -> f.cache.list(ALL, "", 0, each)));
        requireTooLarge(refused(StatusReason.TIMEOUT, () -> f.cache.get("/w/a", each)));
      }
      requireTooLarge(refused(StatusReason.TIMEOUT, () -> f.watch(future)));
    }
  }

  private static void requireTooLarge(ApiException e) {
    assertTrue(
        e.status().toString().contains(CauseReason.RESOURCE_VERSION_TOO_LARGE.wireName()),
        e.status().toString());
    assertTrue(e.status().message().startsWith("Too large resource version: "));
  }

  @Test
  void list_exactly_isThatStateFromMemory() throws InterruptedException {
    try (Fixture f = new Fixture()) {
      f.cache.awaitReady();
      List<List<String>> states = new ArrayList<>();
      List<Long> revisions = new ArrayList<>();
      for (int i = 0; i < 60; i++) {
        long revision = i % 3 == 2 ? f.elsewhere() : f.put("k" + i % 5, "v" + i);
        revisions.add(revision);
        states.add(
            f.store.list("/w/", "", 0, ReadAt.LATEST).entries().stream()
                .map(each -> Fixture.text(Fixture.item(each)))
                .toList());
      }
      int lists = f.store.lists.get();
      for (int i = 0; i < 60; i++) {
        Listing listing = f.cache.list(ALL, "", 0, new Freshness.Exactly(revisions.get(i)));
        assertEquals(states.get(i), texts(listing));
        assertEquals(revisions.get(i), listing.revision());
      }
      assertEquals(lists, f.store.lists.get());
    }
  }

  @Test
  void list_exactlyOlderThanMemory_isReadFromTheStore() throws InterruptedException {
    CacheOptions options = Fixture.options().withSnapshots(3, Duration.ofDays(1));
    try (Fixture f = new Fixture(options)) {
      f.cache.awaitReady();
      long first = f.put("a", "v0");
      f.put("b", "w");
      long last = first;
      for (int i = 1; i < 10; i++) {
        last = f.put("a", "v" + i);
      }
      f.cache.awaitFresh(last);
      Listing listing = f.cache.list(ALL, "", 0, new Freshness.Exactly(first));
      assertEquals(List.of("a=v0"), texts(listing));
      assertEquals(first, listing.revision());
      assertEquals(1, f.cache.stats().storeReads());
      assertEquals(3, f.cache.stats().snapshots());
    }
  }

  @Test
  void snapshots_tooOld_areLetGo() throws InterruptedException {
    try (Fixture f = new Fixture(Fixture.options().withSnapshots(100, Duration.ofSeconds(10)))) {
      f.cache.awaitReady();
      for (int i = 0; i < 10; i++) {
        f.put("a", "v" + i);
      }
      f.settle();
      assertEquals(10, f.cache.stats().snapshots());
      f.pass(Duration.ofSeconds(11));
      await().atMost(Fixture.PATIENCE).until(() -> f.cache.stats().snapshots() == 0);
    }
  }

  @Test
  void list_exactlyCompacted_isExpired() throws InterruptedException {
    CacheOptions options = Fixture.options().withSnapshots(1, Duration.ofDays(1));
    try (Fixture f = new Fixture(options)) {
      long first = f.put("a", "v0");
      for (int i = 1; i < 5; i++) {
        f.put("a", "v" + i);
      }
      f.settle();
      f.store.compact(f.store.revision());
      refused(StatusReason.EXPIRED, () -> f.cache.list(ALL, "", 0, new Freshness.Exactly(first)));
      refused(StatusReason.EXPIRED, () -> f.cache.get("/w/a", new Freshness.Exactly(first)));
    }
  }

  @Test
  void list_pagesWhileWritten_areOneState() throws InterruptedException {
    try (Fixture f = new Fixture()) {
      for (int i = 0; i < 50; i++) {
        f.put("k" + (100 + i), "v");
      }
      Listing whole = f.cache.list(ALL, "", 0, Freshness.LATEST);
      Listing page = f.cache.list(ALL, "", 7, Freshness.LATEST);
      List<String> seen = new ArrayList<>(texts(page));
      assertEquals(43, page.remaining());
      while (!page.next().isEmpty()) {
        f.put("k" + (100 + seen.size()) + "x", "new");
        f.put("k110", "changed" + seen.size());
        page = f.cache.list(ALL, page.next(), 7, new Freshness.Exactly(whole.revision()));
        seen.addAll(texts(page));
        assertEquals(50 - seen.size(), page.remaining());
        assertEquals(whole.revision(), page.revision());
      }
      assertEquals(texts(whole), seen);
    }
  }

  @Test
  void list_filtered_isTheSameFromMemoryAndStore() throws InterruptedException {
    CacheOptions options = Fixture.options().withSnapshots(1, Duration.ofDays(1));
    try (Fixture f = new Fixture(options)) {
      for (int i = 0; i < 500; i++) {
        f.put("k" + (1000 + i), i % 100 == 99 ? "rare,n1" : "common,n2");
      }
      long then = f.store.revision();
      for (Filter filter :
          List.of(
              Fixture.labels("color=rare"),
              Fixture.fields("spec.node=n1"),
              Fixture.fields("metadata.name=k1099"),
              Fixture.labels("color=none"),
              Filter.under("/w/"),
              ALL)) {
        for (int limit : new int[] {0, 1, 2, 5, 6}) {
          Listing memory = f.cache.list(filter, "", limit, new Freshness.Exactly(then));
          Listing next = f.cache.list(filter, memory.next(), limit, Freshness.ANY);
          Listing store =
              new StoreReads(f.store, "/w/", Fixture::item)
                  .list(filter, "", limit, ReadAt.revision(then));
          assertEquals(whole(memory), whole(store));
          Listing storeNext =
              new StoreReads(f.store, "/w/", Fixture::item)
                  .list(filter, memory.next(), limit, ReadAt.LATEST);
          assertEquals(whole(next), whole(storeNext));
        }
      }
      Listing rare = f.cache.list(Fixture.labels("color=rare"), "", 2, Freshness.ANY);
      assertEquals(List.of("k1099=rare,n1", "k1199=rare,n1"), texts(rare));
      assertEquals(Listing.UNKNOWN, rare.remaining());
    }
  }

  private static String whole(Listing listing) {
    return texts(listing)
        + "@"
        + listing.revision()
        + " next "
        + listing.next()
        + " remaining "
        + listing.remaining();
  }

  @Test
  void list_underAPrefix_isThatNamespace() throws InterruptedException {
    try (Fixture f = new Fixture()) {
      for (String name : List.of("a/1", "a/2", "ab/1", "b/1", "a-/1")) {
        f.put(name, "v");
      }
      Listing listing = f.cache.list(Filter.under("/w/a/"), "", 0, Freshness.LATEST);
      assertEquals(List.of("a/1=v", "a/2=v"), texts(listing));
      Listing page = f.cache.list(Filter.under("/w/a/"), "", 1, Freshness.LATEST);
      assertEquals(1, page.remaining());
      assertEquals("/w/a/1\0", page.next());
    }
  }

  @Test
  void wireBytes_areTheStoresOwnArray() throws InterruptedException {
    MemoryStorage memory = new MemoryStorage(InstantSource.system());
    try (Fixture f = new Fixture(new FaultyStorage(memory), Fixture.options())) {
      byte[] value = Fixture.bytes("red");
      Fixture.put(memory, "/w/a", value);
      CacheItem item = f.cache.list(ALL, "", 0, Freshness.LATEST).items().getFirst();
      assertSame(value, item.object().body());
      Entry entry = memory.get("/w/a", ReadAt.LATEST);
      assertNotNull(entry);
      assertSame(entry.value(), item.object().body());
    }
  }

  @Test
  void load_manyPagesWhileWritten_isOneState() throws InterruptedException {
    MemoryStorage memory = new MemoryStorage(InstantSource.system());
    for (int i = 0; i < 1000; i++) {
      Fixture.put(memory, "/w/k" + i, Fixture.bytes("v"));
    }
    CacheOptions options = Fixture.options().withPageEntries(3);
    try (Fixture f = new Fixture(new FaultyStorage(memory), options)) {
      for (int i = 0; i < 1000; i++) {
        f.put("k" + i, "w");
      }
      Listing listing = f.cache.list(ALL, "", 0, Freshness.LATEST);
      assertEquals(1000, listing.items().size());
      assertTrue(texts(listing).stream().allMatch(each -> each.endsWith("=w")));
    }
  }

  @Test
  void beforeReady_reads_waitAndThenAreUnavailable() {
    FaultyStorage store = new FaultyStorage(new MemoryStorage(InstantSource.system()));
    store.listFails.set(StorageException.Reason.UNAVAILABLE);
    try (Fixture f = new Fixture(store, Fixture.impatient())) {
      assertFalse(f.cache.ready());
      for (Freshness each : List.of(Freshness.ANY, Freshness.LATEST)) {
        StorageException refusal =
            assertThrows(
                StorageException.class, () -> f.cache.list(Filter.everything(), "", 0, each));
        assertEquals(StorageException.Reason.UNAVAILABLE, refusal.reason());
      }
      assertThrows(StorageException.class, () -> f.watch(0));
    }
  }

  @Test
  void beforeReady_whenTheStoreComesBack_isServed() throws InterruptedException {
    FaultyStorage store = new FaultyStorage(new MemoryStorage(InstantSource.system()));
    store.listFails.set(StorageException.Reason.UNAVAILABLE);
    try (Fixture f = new Fixture(store, Fixture.options())) {
      f.put("a", "red");
      store.listFails.set(null);
      assertEquals(List.of("a=red"), texts(f.cache.list(ALL, "", 0, Freshness.LATEST)));
      assertTrue(f.cache.ready());
    }
  }

  @Test
  void stats_tellWhatThereIs() throws InterruptedException {
    try (Fixture f = new Fixture(Fixture.options().withRing(4, 8, 1 << 20, Duration.ofDays(1)))) {
      f.cache.awaitReady();
      for (int i = 0; i < 20; i++) {
        f.put("k" + i % 10, "v");
      }
      f.settle();
      try (CacheWatch open = f.watch(f.store.revision())) {
        CacheStats stats = f.cache.stats();
        assertEquals(10, stats.objects());
        assertEquals(10L * ("/w/k0".length() + 1), stats.bytes());
        assertEquals(f.store.revision(), stats.revision());
        assertEquals(8, stats.ringEvents());
        assertEquals(12, stats.evictions());
        assertEquals(20, stats.snapshots());
        assertEquals(1, stats.watchers());
        assertEquals(open.revision(), stats.revision());
      }
      assertEquals(0, f.cache.stats().watchers());
    }
  }

  @Test
  void close_endsReadersAndWatchers() throws InterruptedException {
    Fixture f = new Fixture();
    CacheWatch watch = f.watch(f.put("a", "red"));
    f.cache.close();
    assertEquals(
        StorageException.Reason.CLOSED,
        assertThrows(StorageException.class, () -> watch.next(Fixture.PATIENCE)).reason());
    assertEquals(
        StorageException.Reason.CLOSED,
        assertThrows(StorageException.class, () -> f.cache.snapshot()).reason());
    f.close();
  }
}
