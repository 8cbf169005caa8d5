package dev.otherix.apiserver.watchcache;

import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jspecify.annotations.Nullable;

/// The states before the current one, as far back as options say: what pages and reads at a former
/// revision are answered from. Written under the lock of [CacheState], read by all.
final class FormerStates {
  private final CacheOptions options;

  /// By the revision since which the items were these, without gaps: each was until the next.
  private final ConcurrentSkipListMap<Long, Former> states = new ConcurrentSkipListMap<>();

  private int size;

  private record Former(SortedItems items, long untilMillis) {}

  FormerStates(CacheOptions options) {
    this.options = options;
  }

  void add(long since, SortedItems items, long nowMillis) {
    if (states.put(since, new Former(items, nowMillis)) == null) {
      size++;
    }
    while (size > options.snapshotsMax()) {
      drop();
    }
    evictAged(nowMillis);
  }

  void evictAged(long nowMillis) {
    long oldest = nowMillis - options.snapshotAge().toMillis();
    for (Map.Entry<Long, Former> first = states.firstEntry();
        first != null && first.getValue().untilMillis < oldest;
        first = states.firstEntry()) {
      drop();
    }
  }

  private void drop() {
    states.pollFirstEntry();
    size--;
  }

  /// The items at `revision`, which is below the current state's; null when they are not kept.
  @Nullable SortedItems at(long revision) {
    Map.Entry<Long, Former> found = states.floorEntry(revision);
    return found == null ? null : found.getValue().items;
  }

  void clear() {
    states.clear();
    size = 0;
  }

  int size() {
    return size;
  }
}
