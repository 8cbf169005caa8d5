package dev.otherix.apiserver.watchcache;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// What a watcher wants.
///
/// @param bookmarks whether it wants to hear how far it has come while nothing concerns it
/// @param deadline when its stream will be closed, by others; there is a bookmark shortly before
/// @param wakeUp called when a watch whose last [CacheWatch#poll] was empty may have something. It
///   may be called without need; it runs on the thread that feeds the cache and must neither wait
///   nor throw: it hands over to an event loop
public record WatchRequest(
    WatchStart start,
    Filter filter,
    boolean bookmarks,
    @Nullable Instant deadline,
    Runnable wakeUp) {
  public static WatchRequest of(WatchStart start, Filter filter) {
    return new WatchRequest(start, filter, false, null, WatchRequest::nobody);
  }

  private static void nobody() {}

  public WatchRequest withBookmarks() {
    return new WatchRequest(start, filter, true, deadline, wakeUp);
  }

  public WatchRequest withDeadline(Instant deadline) {
    return new WatchRequest(start, filter, bookmarks, deadline, wakeUp);
  }

  public WatchRequest withWakeUp(Runnable wakeUp) {
    return new WatchRequest(start, filter, bookmarks, deadline, wakeUp);
  }
}
