package dev.otherix.apiserver.watchcache;

/// What a watcher gets to see. Shared between watchers, immutable.
public sealed interface WatchEvent {
  /// Of the change, or how far a bookmark vouches.
  long revision();

  /// The item came into view: it was created, began to match, or was there when the watch began.
  record Added(CacheItem item) implements WatchEvent {
    @Override
    public long revision() {
      return item.revision();
    }
  }

  record Modified(CacheItem item, CacheItem former) implements WatchEvent {
    @Override
    public long revision() {
      return item.revision();
    }
  }

  /// The item left the view: it was removed or stopped to match.
  ///
  /// @param item the last content that was in view, at the revision of the change
  /// @param former the same at its own revision
  record Deleted(CacheItem item, CacheItem former) implements WatchEvent {
    @Override
    public long revision() {
      return item.revision();
    }
  }

  /// Every change up to `revision` that the watcher may see was handed out before.
  ///
  /// @param initialEventsEnd whether it ends the initial events; once per watch
  record Bookmark(long revision, boolean initialEventsEnd) implements WatchEvent {}
}
