package dev.otherix.apiserver.watchcache;

import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apimachinery.status.StatusReason;
import dev.otherix.apiserver.storage.Storage;
import dev.otherix.apiserver.storage.StorageEvent;
import dev.otherix.apiserver.storage.StorageException;
import dev.otherix.apiserver.storage.Watch;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Reads from the cache's ring, and goes over to the store's own watch when it falls behind that.
/// Confined to one thread, except [#close].
final class CachedStorageWatch implements Watch {
  private final Storage store;
  private final String prefix;
  private final CacheWatch cached;

  /// All changes up to it were handed out.
  private long after;

  private volatile @Nullable Watch stored;
  private volatile boolean closed;

  CachedStorageWatch(Storage store, String prefix, CacheWatch cached, long after) {
    this.store = store;
    this.prefix = prefix;
    this.cached = cached;
    this.after = after;
  }

  @Override
  public Batch next(Duration timeout) throws InterruptedException {
    if (closed) {
      throw new StorageException(StorageException.Reason.CLOSED, "the watch is closed");
    }
    Watch fallback = stored;
    if (fallback != null) {
      return fallback.next(timeout);
    }
    try {
      CacheWatch.Batch batch = cached.next(timeout);
      List<StorageEvent> events = new ArrayList<>(batch.events().size());
      batch.events().forEach(each -> events.add(stored(each)));
      after = batch.revision();
      return new Batch(events, after);
    } catch (ApiException e) {
      if (!e.is(StatusReason.EXPIRED)) {
        throw e;
      }
      Watch watch = store.watch(prefix, after);
      stored = watch;
      if (closed) {
        watch.close();
      }
      return watch.next(timeout);
    }
  }

  /// A filter by key alone never makes an item come into view or leave it.
  private static StorageEvent stored(WatchEvent event) {
    return switch (event) {
      case WatchEvent.Added added -> new StorageEvent.Created(added.item().entry());
      case WatchEvent.Modified modified ->
          new StorageEvent.Updated(modified.item().entry(), modified.former().entry());
      case WatchEvent.Deleted deleted ->
          new StorageEvent.Deleted(deleted.former().entry(), deleted.revision());
      case WatchEvent.Bookmark _ ->
          throw new IllegalStateException("a bookmark that nobody asked for");
    };
  }

  @Override
  public void close() {
    closed = true;
    cached.close();
    Watch fallback = stored;
    if (fallback != null) {
      fallback.close();
    }
  }
}
