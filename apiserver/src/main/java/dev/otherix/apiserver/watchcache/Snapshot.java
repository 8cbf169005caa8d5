package dev.otherix.apiserver.watchcache;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The state at one revision. Immutable: pages that are taken from the same snapshot fit together,
/// whatever is written meanwhile. Holding on to one keeps the items of that time in memory.
public final class Snapshot {
  private final SortedItems items;
  private final long revision;

  /// The revision since which the items are these.
  private final long since;

  /// The ring's sequence number of the first change that is not in here.
  private final long end;

  /// How often the cache had been loaded. Changes lead only from snapshot to snapshot of one epoch.
  private final long epoch;

  Snapshot(SortedItems items, long revision, long since, long end, long epoch) {
    this.items = items;
    this.revision = revision;
    this.since = since;
    this.end = end;
    this.epoch = epoch;
  }

  public long revision() {
    return revision;
  }

  /// Whether nothing changed from one to the other.
  public boolean sameObjectsAs(Snapshot other) {
    return items == other.items;
  }

  /// The same state, known to be that of a later revision too.
  Snapshot showing(long later) {
    return new Snapshot(items, later, since, end, epoch);
  }

  public int size() {
    return items.size();
  }

  /// Of keys and bodies.
  public long bytes() {
    return items.bytes();
  }

  public @Nullable CacheItem get(String key) {
    return items.get(key);
  }

  /// The items that match, in key order.
  ///
  /// @param from the first key that may be in the page; empty for the beginning
  /// @param limit how many items at most; 0 for all
  public Listing list(Filter filter, String from, int limit) {
    String prefix = filter.keyPrefix();
    String first = from.compareTo(prefix) > 0 ? from : prefix;
    int max = limit == 0 ? Integer.MAX_VALUE : limit;
    List<CacheItem> page = new ArrayList<>(Math.min(max, filter.selects() ? 16 : items.size()));
    CacheItem[] behind = new CacheItem[1];
    long[] evaluated = {0};
    boolean whole =
        items.visit(
            first,
            item -> {
              if (!item.key().startsWith(prefix)) {
                return false;
              }
              evaluated[0]++;
              if (!filter.matches(item)) {
                return true;
              }
              if (page.size() == max) {
                behind[0] = item;
                return false;
              }
              page.add(item);
              return true;
            });
    CacheItem next = behind[0];
    if (whole || next == null) {
      return new Listing(page, revision, "", 0, evaluated[0]);
    }
    long remaining =
        filter.selects() ? Listing.UNKNOWN : items.rank(behind(prefix)) - items.rank(next.key());
    return new Listing(page, revision, page.getLast().key() + "\0", remaining, evaluated[0]);
  }

  /// A key that sorts behind all that begin with `prefix`. Keys are ASCII.
  private static String behind(String prefix) {
    return prefix + Character.MAX_VALUE;
  }

  SortedItems items() {
    return items;
  }

  long since() {
    return since;
  }

  long end() {
    return end;
  }

  long epoch() {
    return epoch;
  }
}
