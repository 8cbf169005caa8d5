package dev.otherix.apiserver.watchcache;

import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Watches that are woken together. Changed under the lock of [CacheState]; the array that is given
/// out never changes, so that waking needs no lock.
final class WatcherSet {
  private static final CacheWatch[] NOBODY = new CacheWatch[0];

  private final Set<CacheWatch> watchers = new LinkedHashSet<>();
  private CacheWatch @Nullable [] array = NOBODY;

  void add(CacheWatch watch) {
    watchers.add(watch);
    array = null;
  }

  boolean remove(CacheWatch watch) {
    array = null;
    return watchers.remove(watch);
  }

  boolean isEmpty() {
    return watchers.isEmpty();
  }

  int size() {
    return watchers.size();
  }

  CacheWatch[] array() {
    CacheWatch[] current = array;
    if (current == null) {
      current = watchers.toArray(NOBODY);
      array = current;
    }
    return current;
  }
}
