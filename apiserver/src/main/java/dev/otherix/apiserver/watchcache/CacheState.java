package dev.otherix.apiserver.watchcache;

import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apiserver.storage.Entry;
import dev.otherix.apiserver.storage.StorageEvent;
import dev.otherix.apiserver.storage.StorageException;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// What a cache holds. [Feed] alone changes it, under the lock; each change ends with one volatile
/// write of [#current], from which readers go on without the lock.
final class CacheState {
  private final CacheOptions options;
  private final Function<Entry, CacheItem> reader;
  private final ReentrantLock lock = new ReentrantLock();
  private final EventRing ring;
  private final FormerStates former;
  private final Watchers watchers = new Watchers();
  private final FreshnessGate gate = new FreshnessGate(this::revision);
  private long expired;
  private long received;

  /// Reads below are refused by the store, and are not answered here either.
  private volatile long floor;

  private volatile @Nullable Snapshot current;
  private volatile boolean closed;

  CacheState(CacheOptions options, Function<Entry, CacheItem> reader) {
    this.options = options;
    this.reader = reader;
    this.ring = new EventRing(options);
    this.former = new FormerStates(options);
  }

  /// Null until the first load.
  @Nullable Snapshot current() {
    return current;
  }

  /// How far the published state has come, or [FreshnessGate#NOT_LOADED].
  long revision() {
    Snapshot snapshot = current;
    return snapshot == null ? FreshnessGate.NOT_LOADED : snapshot.revision();
  }

  boolean closed() {
    return closed;
  }

  FreshnessGate gate() {
    return gate;
  }

  EventRing ring() {
    return ring;
  }

  /// The state at precisely `revision`; null when it is not in memory.
  @Nullable Snapshot at(long revision) {
    Snapshot now = current;
    if (now == null || revision > now.revision() || revision < floor) {
      return null;
    }
    SortedItems items = revision >= now.since() ? now.items() : former.at(revision);
    return items == null ? null : new Snapshot(items, revision, revision, now.end(), now.epoch());
  }

  /// Replaces everything. Watches on what was before cannot go on.
  void load(SortedItems items, long revision) {
    CacheWatch[] woken;
    lock.lock();
    try {
      Snapshot before = current;
      if (before != null && revision < before.revision()) {
        throw new StorageException(
            StorageException.Reason.CORRUPT,
            "the store went back from revision "
                + before.revision()
                + " to "
                + revision
                + "; the cache of "
                + options.prefix()
                + " keeps its newer state");
      }
      ring.restart(revision);
      former.clear();
      long epoch = before == null ? 1 : before.epoch() + 1;
      current = new Snapshot(items, revision, revision, ring.head(), epoch);
      woken = watchers.everybody();
    } finally {
      lock.unlock();
    }
    gate.advance(revision);
    wake(woken);
  }

  /// Takes in what the store's watch handed out.
  void apply(List<StorageEvent> events, long revision) {
    if (events.isEmpty()) {
      progress(revision);
      return;
    }
    CacheItem[] items = read(events);
    List<CacheWatch[]> woken;
    lock.lock();
    try {
      Snapshot before = loaded();
      received += items.length;
      long now = options.clock().millis();
      SortedItems sorted = before.items();
      long since = before.since();
      Watchers.Concerned concerned = watchers.concerned();
      for (int i = 0; i < items.length; i++) {
        StorageEvent event = events.get(i);
        CacheItem old = sorted.get(event.key());
        requireFollows(event, old, i == 0 ? before.revision() : since);
        former.add(since, sorted, now);
        CacheItem item = items[i];
        Change change = ring.append(event.revision(), now, old, item);
        concerned.add(change, ring.tail());
        sorted = item == null ? sorted.without(event.key()) : sorted.with(item);
        since = event.revision();
      }
      current = new Snapshot(sorted, Math.max(revision, since), since, ring.head(), before.epoch());
      woken = concerned.watchers();
    } finally {
      lock.unlock();
    }
    gate.advance(revision);
    woken.forEach(CacheState::wake);
  }

  private CacheItem[] read(List<StorageEvent> events) {
    CacheItem[] items = new CacheItem[events.size()];
    for (int i = 0; i < items.length; i++) {
      switch (events.get(i)) {
        case StorageEvent.Created created -> items[i] = reader.apply(created.entry());
        case StorageEvent.Updated updated -> items[i] = reader.apply(updated.entry());
        case StorageEvent.Deleted _ -> {}
      }
    }
    return items;
  }

  /// An event that does not fit what is here means that one was lost or came twice.
  private void requireFollows(StorageEvent event, @Nullable CacheItem old, long after) {
    long expected =
        switch (event) {
          case StorageEvent.Created _ -> 0;
          case StorageEvent.Updated updated -> updated.previous().revision();
          case StorageEvent.Deleted deleted -> deleted.previous().revision();
        };
    long held = old == null ? 0 : old.revision();
    if (expected != held || event.revision() <= after) {
      throw new StorageException(
          StorageException.Reason.CORRUPT,
          "the store's watch of "
              + options.prefix()
              + " does not fit: "
              + event.key()
              + " changed at "
              + event.revision()
              + " from "
              + expected
              + ", but the cache at "
              + after
              + " has it at "
              + held);
    }
  }

  private void progress(long revision) {
    lock.lock();
    try {
      Snapshot before = loaded();
      if (revision > before.revision()) {
        current =
            new Snapshot(before.items(), revision, before.since(), before.end(), before.epoch());
      }
    } finally {
      lock.unlock();
    }
    gate.advance(revision);
  }

  private Snapshot loaded() {
    Snapshot snapshot = current;
    if (snapshot == null) {
      throw new IllegalStateException("changes before the first load of " + options.prefix());
    }
    return snapshot;
  }

  /// Lets go of what is too old, and wakes the watches whose bookmark is due.
  void tick() {
    long now = options.clock().millis();
    CacheWatch[] everybody;
    lock.lock();
    try {
      ring.evictAged(now);
      former.evictAged(now);
      everybody = watchers.everybody();
    } finally {
      lock.unlock();
    }
    for (CacheWatch watch : everybody) {
      if (watch.bookmarkDue(now)) {
        watch.wake();
      }
    }
  }

  /// What the store no longer answers is not answered here either.
  void forgetBefore(long revision) {
    lock.lock();
    try {
      floor = Math.max(floor, revision);
      ring.evictThrough(revision);
    } finally {
      lock.unlock();
    }
  }

  /// Places a new watch behind the last change at `revision`.
  ///
  /// @throws ApiException `Expired` when changes after it are no longer here
  CacheWatch.Place registerAfter(CacheWatch watch, long revision) {
    lock.lock();
    try {
      Snapshot now = loaded();
      if (revision < ring.completeAfter()) {
        throw tooOld(revision);
      }
      return register(watch, now, ring.firstAfter(revision));
    } finally {
      lock.unlock();
    }
  }

  /// Places a new watch behind the changes that are in `snapshot`; null when the cache was loaded
  /// anew since the snapshot was taken.
  CacheWatch.@Nullable Place registerBehind(CacheWatch watch, Snapshot snapshot) {
    lock.lock();
    try {
      Snapshot now = loaded();
      return now.epoch() == snapshot.epoch() ? register(watch, now, snapshot.end()) : null;
    } finally {
      lock.unlock();
    }
  }

  private CacheWatch.Place register(CacheWatch watch, Snapshot now, long position) {
    if (closed) {
      throw closedCache();
    }
    return new CacheWatch.Place(watchers.add(watch), position, now.end(), now.epoch());
  }

  void unregister(CacheWatch watch, boolean because410) {
    lock.lock();
    try {
      watchers.remove(watch);
      expired += because410 ? 1 : 0;
    } finally {
      lock.unlock();
    }
  }

  /// The words are those that clients know.
  ApiException tooOld(long revision) {
    lock.lock();
    try {
      return ApiException.expired(
          "too old resource version: " + revision + " (" + ring.completeAfter() + ")", "");
    } finally {
      lock.unlock();
    }
  }

  StorageException closedCache() {
    return new StorageException(
        StorageException.Reason.CLOSED, "the cache of " + options.prefix() + " is closed");
  }

  CacheStats stats(
      long reloads,
      long resumes,
      long waits,
      long storeReads,
      long progress,
      CacheStats.Consistent consistent,
      CacheStats.Lists lists) {
    lock.lock();
    try {
      Snapshot now = current;
      return new CacheStats(
          now == null ? 0 : now.size(),
          now == null ? 0 : now.bytes(),
          revision(),
          ring.size(),
          ring.capacity(),
          ring.bytes(),
          former.size(),
          watchers.size(),
          ring.evictions(),
          expired,
          reloads,
          resumes,
          waits,
          storeReads,
          received,
          progress,
          consistent,
          lists);
    } finally {
      lock.unlock();
    }
  }

  void close() {
    CacheWatch[] everybody;
    lock.lock();
    try {
      closed = true;
      everybody = watchers.everybody();
    } finally {
      lock.unlock();
    }
    gate.close();
    wake(everybody);
  }

  private static void wake(CacheWatch[] watches) {
    for (CacheWatch watch : watches) {
      watch.wake();
    }
  }
}
