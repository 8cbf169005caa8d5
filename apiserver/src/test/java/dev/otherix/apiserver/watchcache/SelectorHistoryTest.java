package dev.otherix.apiserver.watchcache;

import static dev.otherix.apiserver.watchcache.Fixture.fields;
import static dev.otherix.apiserver.watchcache.Fixture.labels;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.otherix.apiserver.storage.ReadAt;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// For a random history and every selector: the list at r, changed by the events after r, is the
/// list at every later s.
final class SelectorHistoryTest {
  private static final List<Filter> FILTERS =
      List.of(
          Filter.everything(),
          labels("color=c1"),
          labels("color!=c1"),
          fields("spec.node=n1"),
          fields("spec.node="),
          fields("spec.node!=n1,metadata.name!=k2"),
          fields("metadata.name=k3"));

  @ParameterizedTest
  @ValueSource(longs = {11, 12, 13, 14, 15, 16})
  void listAndEvents_areEveryLaterList(long seed) throws InterruptedException {
    Random random = new Random(seed);
    try (Fixture f = new Fixture()) {
      f.cache.awaitReady();
      List<Long> revisions = new ArrayList<>();
      for (int i = 0; i < 150; i++) {
        revisions.add(write(f, random));
      }
      f.settle();
      for (Filter filter : FILTERS) {
        for (int start = 0; start < revisions.size(); start += 1 + random.nextInt(12)) {
          requireHistory(f, filter, revisions, start, "seed " + seed);
        }
      }
    }
  }

  private static long write(Fixture f, Random random) {
    String name = "k" + random.nextInt(6);
    boolean there = f.store.get("/w/" + name, ReadAt.LATEST) != null;
    if (there && random.nextInt(4) == 0) {
      return f.delete(name);
    }
    if (random.nextInt(6) == 0) {
      return f.elsewhere();
    }
    String node = random.nextInt(3) == 0 ? "" : ",n" + random.nextInt(3);
    return f.put(name, "c" + random.nextInt(3) + node);
  }

  private static void requireHistory(
      Fixture f, Filter filter, List<Long> revisions, int start, String seed)
      throws InterruptedException {
    NavigableMap<String, CacheItem> state = new TreeMap<>();
    list(f, filter, revisions.get(start)).forEach(each -> state.put(each.key(), each));
    try (CacheWatch watch = f.watch(revisions.get(start), filter)) {
      List<WatchEvent> events = f.drain(watch);
      int next = 0;
      for (int i = start; i < revisions.size(); i++) {
        while (next < events.size() && events.get(next).revision() <= revisions.get(i)) {
          apply(events.get(next++), state);
        }
        assertEquals(
            List.copyOf(state.values()),
            list(f, filter, revisions.get(i)),
            seed + ", from " + revisions.get(start) + " to " + revisions.get(i));
      }
      assertEquals(events.size(), next);
    }
  }

  private static List<CacheItem> list(Fixture f, Filter filter, long revision)
      throws InterruptedException {
    List<CacheItem> items = f.cache.list(filter, "", 0, new Freshness.Exactly(revision)).items();
    List<String> stored =
        new StoreReads(f.store, "/w/", Fixture::item)
            .list(filter, "", 0, ReadAt.revision(revision)).items().stream()
                .map(each -> Fixture.text(each) + "@" + each.revision())
                .toList();
    assertEquals(
        stored, items.stream().map(each -> Fixture.text(each) + "@" + each.revision()).toList());
    return items;
  }

  private static void apply(WatchEvent event, NavigableMap<String, CacheItem> state) {
    switch (event) {
      case WatchEvent.Added added ->
          assertEquals(null, state.put(added.item().key(), added.item()), "added twice");
      case WatchEvent.Modified modified ->
          assertEquals(modified.former(), state.put(modified.item().key(), modified.item()));
      case WatchEvent.Deleted deleted ->
          assertEquals(deleted.former(), state.remove(deleted.item().key()));
      case WatchEvent.Bookmark _ -> throw new AssertionError("nobody asked for bookmarks");
    }
  }
}
