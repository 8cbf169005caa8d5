package dev.otherix.apiserver.watchcache;

import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apimachinery.status.StatusReason;
import dev.otherix.apiserver.storage.Entry;
import dev.otherix.apiserver.storage.Keys;
import dev.otherix.apiserver.storage.Outcome;
import dev.otherix.apiserver.storage.Page;
import dev.otherix.apiserver.storage.ReadAt;
import dev.otherix.apiserver.storage.Storage;
import dev.otherix.apiserver.storage.StorageException;
import dev.otherix.apiserver.storage.Watch;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A store with a [WatchCache] in front of some of its prefixes. Writes pass through; reads, lists
/// and watches of cached prefixes come from memory where memory has them, and else from the store,
/// with the same answers. Owns the store and the caches.
public final class CachedStorage implements Storage {
  private final Storage store;
  private final List<WatchCache> caches;

  /// @param caches over `store`
  public CachedStorage(Storage store, List<WatchCache> caches) {
    this.store = store;
    this.caches = List.copyOf(caches);
  }

  @Override
  public long revisionNow(String prefix) {
    return store.revisionNow(prefix);
  }

  @Override
  public long revision() {
    return store.revision();
  }

  @Override
  public @Nullable Entry get(String key, ReadAt at) {
    Snapshot snapshot = snapshot(key.endsWith("/") ? null : cacheOf(key), at);
    if (snapshot == null) {
      return store.get(key, at);
    }
    CacheItem item = snapshot.get(key);
    return item == null ? null : item.entry();
  }

  @Override
  public Page list(String prefix, String from, int limit, ReadAt at) {
    Snapshot snapshot = limit < 0 ? null : snapshot(cacheOfPrefix(prefix), at);
    if (snapshot == null) {
      return store.list(prefix, from, limit, at);
    }
    int max = limit == 0 ? Keys.PAGE_ENTRIES_MAX : Math.min(limit, Keys.PAGE_ENTRIES_MAX);
    Listing listing = snapshot.list(Filter.under(prefix), from, max);
    List<Entry> entries = listing.items().stream().map(CacheItem::entry).toList();
    return new Page(entries, listing.revision(), listing.remaining());
  }

  /// The state to answer from; null when the store has to.
  private @Nullable Snapshot snapshot(@Nullable WatchCache cache, ReadAt at) {
    if (cache == null) {
      return null;
    }
    long current = store.revision();
    if (at.revision() > current) {
      return null;
    }
    try {
      long wanted = at.latest() ? current : at.revision();
      if (!cache.awaitFresh(wanted)) {
        return null;
      }
      return at.latest() ? cache.snapshot() : cache.snapshotAt(wanted);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  /// The cache that holds everything under `path`; null when there is none, and for what is no path
  /// at all, so that the store refuses it.
  private @Nullable WatchCache cacheOf(String path) {
    for (WatchCache cache : caches) {
      if (path.startsWith(cache.prefix()) && Keys.isPath(path)) {
        return cache;
      }
    }
    return null;
  }

  private @Nullable WatchCache cacheOfPrefix(String prefix) {
    return prefix.endsWith("/") ? cacheOf(prefix) : null;
  }

  private static StorageException interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return new StorageException(
        StorageException.Reason.UNAVAILABLE, "interrupted while waiting for the cache", e);
  }

  @Override
  public Outcome create(String key, byte[] value, @Nullable Duration timeToLive) {
    awaitReady(key);
    return store.create(key, value, timeToLive);
  }

  @Override
  public Outcome update(
      String key, byte[] value, long expectedRevision, @Nullable Duration timeToLive) {
    awaitReady(key);
    return store.update(key, value, expectedRevision, timeToLive);
  }

  @Override
  public Outcome delete(String key, long expectedRevision) {
    awaitReady(key);
    return store.delete(key, expectedRevision);
  }

  private void awaitReady(String key) {
    WatchCache cache = cacheOf(key);
    if (cache != null) {
      try {
        cache.awaitReady();
      } catch (InterruptedException e) {
        throw interrupted(e);
      }
    }
  }

  @Override
  public Watch watch(String prefix, long afterRevision) {
    WatchCache cache = cacheOfPrefix(prefix);
    if (cache == null || afterRevision > store.revision()) {
      return store.watch(prefix, afterRevision);
    }
    try {
      WatchRequest request =
          WatchRequest.of(new WatchStart.After(afterRevision), Filter.under(prefix));
      return new CachedStorageWatch(store, prefix, cache.watch(request), afterRevision);
    } catch (ApiException e) {
      if (e.is(StatusReason.EXPIRED) || e.is(StatusReason.TIMEOUT)) {
        return store.watch(prefix, afterRevision);
      }
      throw e;
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  @Override
  public void compact(long revision) {
    store.compact(revision);
    caches.forEach(each -> each.forgetBefore(revision));
  }

  @Override
  public long compactedRevision() {
    return store.compactedRevision();
  }

  @Override
  public Stats stats(String prefix) {
    return store.stats(prefix);
  }

  @Override
  public long backup(Path target) {
    return store.backup(target);
  }

  @Override
  public void close() {
    caches.forEach(WatchCache::close);
    store.close();
  }
}
