package dev.otherix.apiserver.storage;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// When something was last written under each of the prefixes that somebody watches, so that those
/// who watch a quiet prefix sleep while others are busy. Guarded by the lock of [RecentEvents],
/// except for [#last], which anybody may ask.
final class PrefixRevisions {
  /// Unknown: nobody watches the prefix.
  static final long UNKNOWN = -1;

  private final ReentrantLock lock;
  private final Map<String, Watched> watched = new ConcurrentHashMap<>();

  /// One prefix, shared by all who watch it.
  static final class Watched {
    private final String prefix;
    private final Condition written;
    private int watchers;
    private boolean touched;
    private volatile long last;

    private Watched(String prefix, Condition written, long last) {
      this.prefix = prefix;
      this.written = written;
      this.last = last;
    }

    Condition written() {
      return written;
    }

    /// Of the last event under the prefix; at first of the whole store.
    long last() {
      return last;
    }
  }

  PrefixRevisions(ReentrantLock lock) {
    this.lock = lock;
  }

  /// @param revision of the store: what was written before is not known here
  Watched open(String prefix, long revision) {
    Watched one =
        watched.computeIfAbsent(prefix, _ -> new Watched(prefix, lock.newCondition(), revision));
    one.watchers++;
    return one;
  }

  void close(Watched one) {
    if (--one.watchers == 0) {
      watched.remove(one.prefix);
    }
  }

  /// Something was written under `key`; [#signal] tells the sleepers.
  void written(String key, long revision) {
    for (int slash = key.indexOf('/'); slash >= 0; slash = key.indexOf('/', slash + 1)) {
      Watched one = watched.get(key.substring(0, slash + 1));
      if (one != null) {
        one.last = revision;
        one.touched = true;
      }
    }
  }

  void signal() {
    for (Watched one : watched.values()) {
      if (one.touched) {
        one.touched = false;
        one.written.signalAll();
      }
    }
  }

  void signalAll() {
    watched.values().forEach(one -> one.written.signalAll());
  }

  long last(String prefix) {
    @Nullable Watched one = watched.get(prefix);
    return one == null ? UNKNOWN : one.last;
  }
}
