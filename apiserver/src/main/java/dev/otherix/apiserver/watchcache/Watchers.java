package dev.otherix.apiserver.watchcache;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Who watches, found by what a change touches: those without a hint look at every change, those
/// with one only at the changes in their [Bucket]. Guarded by the lock of [CacheState].
final class Watchers {
  private final WatcherSet all = new WatcherSet();
  private final WatcherSet unhinted = new WatcherSet();

  /// By path, then by value.
  private final Map<String, Map<String, Bucket>> buckets = new HashMap<>();

  /// @return the bucket of the watch's hint; null when it has none
  @Nullable Bucket add(CacheWatch watch) {
    all.add(watch);
    Filter.Hint hint = watch.filter().hint();
    if (hint == null) {
      unhinted.add(watch);
      return null;
    }
    Bucket bucket =
        buckets
            .computeIfAbsent(hint.path(), _ -> new HashMap<>())
            .computeIfAbsent(hint.value(), _ -> new Bucket());
    bucket.watchers().add(watch);
    return bucket;
  }

  void remove(CacheWatch watch) {
    all.remove(watch);
    Filter.Hint hint = watch.filter().hint();
    if (hint == null) {
      unhinted.remove(watch);
      return;
    }
    Map<String, Bucket> byValue = buckets.get(hint.path());
    Bucket bucket = byValue == null ? null : byValue.get(hint.value());
    if (byValue == null || bucket == null || !bucket.watchers().remove(watch)) {
      return;
    }
    if (bucket.watchers().isEmpty()) {
      byValue.remove(hint.value());
      if (byValue.isEmpty()) {
        buckets.remove(hint.path());
      }
    }
  }

  /// Enters a change into the buckets it concerns: of the value that the item had and of the one it
  /// has.
  Concerned concerned() {
    return new Concerned();
  }

  /// Collects whom the changes of one batch concern.
  final class Concerned {
    private final List<Bucket> touched = new ArrayList<>();
    private boolean any;

    void add(Change change, long tail) {
      any = true;
      for (Map.Entry<String, Map<String, Bucket>> each : buckets.entrySet()) {
        String path = each.getKey();
        String former = change.former == null ? null : change.former.field(path);
        String current = change.current == null ? null : change.current.field(path);
        enter(change, tail, former == null ? null : each.getValue().get(former));
        if (current != null && !current.equals(former)) {
          enter(change, tail, each.getValue().get(current));
        }
      }
    }

    private void enter(Change change, long tail, @Nullable Bucket bucket) {
      if (bucket != null) {
        bucket.append(change.sequence, tail);
        touched.add(bucket);
      }
    }

    /// To be woken once the changes are published.
    List<CacheWatch[]> watchers() {
      List<CacheWatch[]> woken = new ArrayList<>(touched.size() + 1);
      if (any) {
        woken.add(unhinted.array());
      }
      for (Bucket bucket : touched) {
        woken.add(bucket.watchers().array());
      }
      return woken;
    }
  }

  CacheWatch[] everybody() {
    return all.array();
  }

  int size() {
    return all.size();
  }
}
