package dev.otherix.apiserver.watchcache;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.otherix.apiserver.storage.Entry;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class SortedItemsTest {
  private static CacheItem item(int key, long revision) {
    return Fixture.item(
        new Entry("/w/" + String.format("%05d", key), Fixture.bytes("x"), revision));
  }

  private static List<CacheItem> from(SortedItems items, String from) {
    List<CacheItem> all = new ArrayList<>();
    items.visit(from, all::add);
    return all;
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void randomHistory_everyVersion_staysAsItWas(long seed) {
    Random random = new Random(seed);
    NavigableMap<String, CacheItem> model = new TreeMap<>();
    SortedItems items = SortedItems.EMPTY;
    List<SortedItems> versions = new ArrayList<>();
    List<List<CacheItem>> expected = new ArrayList<>();
    for (int i = 1; i <= 6000; i++) {
      // Grows to the middle, shrinks to nothing at the end, and grows again.
      boolean grow = i < 2500 ? random.nextInt(4) > 0 : i < 5000 ? random.nextInt(8) == 0 : true;
      CacheItem item = item(random.nextInt(2000), i);
      if (grow) {
        model.put(item.key(), item);
        items = items.with(item);
      } else {
        String key = model.isEmpty() ? item.key() : ceiling(model, item.key());
        model.remove(key);
        items = items.without(key);
      }
      if (i % 250 == 0) {
        versions.add(items);
        expected.add(List.copyOf(model.values()));
        requireSame(items, model, item.key());
      }
    }
    for (int i = 0; i < versions.size(); i++) {
      assertEquals(expected.get(i), from(versions.get(i), ""), "seed " + seed + " version " + i);
    }
  }

  private static String ceiling(NavigableMap<String, CacheItem> model, String key) {
    String found = model.ceilingKey(key);
    return found == null ? model.lastKey() : found;
  }

  private static void requireSame(
      SortedItems items, NavigableMap<String, CacheItem> model, String key) {
    assertEquals(model.size(), items.size());
    assertEquals(model.values().stream().mapToLong(CacheItem::bytes).sum(), items.bytes());
    assertEquals(model.get(key), items.get(key));
    assertEquals(model.headMap(key).size(), items.rank(key));
    assertEquals(List.copyOf(model.tailMap(key).values()), from(items, key));
    assertEquals(List.copyOf(model.tailMap(key, false).values()), from(items, key + "\0"));
    assertNull(items.get("/w/none"));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 31, 32, 33, 1024, 1025, 40_000})
  void of_sortedItems_isTheSameAsOneByOne(int count) {
    List<CacheItem> sorted = new ArrayList<>();
    SortedItems grown = SortedItems.EMPTY;
    for (int i = 0; i < count; i++) {
      sorted.add(item(i, i + 1));
      grown = grown.with(sorted.getLast());
    }
    SortedItems built = SortedItems.of(sorted);
    assertEquals(sorted, from(built, ""));
    assertEquals(sorted, from(grown, ""));
    assertEquals(count, built.size());
    for (int i = 0; i < count; i += 97) {
      assertEquals(sorted.get(i), built.get(sorted.get(i).key()));
      assertEquals(i, built.rank(sorted.get(i).key()));
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void without_everything_isEmpty(boolean ascending) {
    SortedItems items = SortedItems.EMPTY;
    for (int i = 0; i < 3000; i++) {
      items = items.with(item(i, i + 1));
    }
    for (int i = 0; i < 3000; i++) {
      items = items.without(item(ascending ? i : 2999 - i, 1).key());
      assertEquals(2999 - i, items.size());
    }
    assertEquals(List.of(), from(items, ""));
    assertEquals(1, items.with(item(7, 1)).size());
  }
}
