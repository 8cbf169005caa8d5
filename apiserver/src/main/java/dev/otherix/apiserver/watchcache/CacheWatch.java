package dev.otherix.apiserver.watchcache;

import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apiserver.storage.StorageException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// A cursor over the changes of a cache: a place in the ring and a filter, no queue. Its events are
/// in order, each once, none left out; one who reads too slowly for that gets 410 and must list
/// again.
///
/// [#next] and [#poll] are for one thread at a time; [#close] for any.
public final class CacheWatch implements AutoCloseable {
  private static final int BATCH_EVENTS_MAX = 1000;

  /// Changes that one call looks at when few of them match.
  private static final int BATCH_CHANGES_MAX = 20_000;

  private static final Duration BEFORE_DEADLINE = Duration.ofSeconds(2);

  private final CacheState state;
  private final CacheOptions options;
  private final WatchRequest request;
  private final Filter filter;
  private final long deadlineBookmarkMillis;

  /// Set once, before the watch is handed out.
  private long epoch;

  private @Nullable Bucket bucket;

  /// The bucket has the changes from here on.
  private long bucketFrom;

  /// The next change to look at.
  private long position;

  private long revision;
  private @Nullable Snapshot initial;
  private String initialFrom = "";
  private volatile long nextBookmarkMillis;

  /// Whether the last poll was empty and nobody was woken since.
  private volatile boolean waiting;

  private volatile @Nullable Thread sleeper;
  private volatile boolean closed;

  /// @param events may be empty
  /// @param revision all changes up to it that the filter lets through have been handed out; 0
  ///   while initial events are going on
  public record Batch(List<WatchEvent> events, long revision) {}

  /// Where a watch is put at its registration.
  record Place(@Nullable Bucket bucket, long position, long end, long epoch) {}

  private CacheWatch(CacheState state, CacheOptions options, WatchRequest request) {
    this.state = state;
    this.options = options;
    this.request = request;
    this.filter = request.filter();
    long now = options.clock().millis();
    Instant deadline = request.deadline();
    this.deadlineBookmarkMillis =
        deadline == null ? Long.MAX_VALUE : deadline.minus(BEFORE_DEADLINE).toEpochMilli();
    scheduleBookmark(now);
  }

  /// @throws ApiException `Expired`
  static CacheWatch after(
      CacheState state, CacheOptions options, WatchRequest request, long revision) {
    CacheWatch watch = new CacheWatch(state, options, request);
    watch.begin(state.registerAfter(watch, revision), revision);
    return watch;
  }

  /// Null when the cache was loaded anew since the snapshot was taken.
  static @Nullable CacheWatch behind(
      CacheState state,
      CacheOptions options,
      WatchRequest request,
      Snapshot snapshot,
      boolean withItems) {
    CacheWatch watch = new CacheWatch(state, options, request);
    Place place = state.registerBehind(watch, snapshot);
    if (place == null) {
      return null;
    }
    watch.begin(place, snapshot.revision());
    watch.initial = withItems ? snapshot : null;
    return watch;
  }

  private void begin(Place place, long revision) {
    this.bucket = place.bucket;
    this.position = place.position;
    this.bucketFrom = place.bucket == null ? Long.MAX_VALUE : place.end;
    this.epoch = place.epoch;
    this.revision = revision;
  }

  Filter filter() {
    return filter;
  }

  /// What there is now, without waiting. After a batch without events, the request's `wakeUp` is
  /// called once there may be more; after one with events it is not, so poll again.
  ///
  /// @throws ApiException `Expired` (410) when changes that concern it are gone: the watch is over
  /// @throws StorageException `CLOSED` when the watch or the cache is closed
  public Batch poll() {
    while (true) {
      Batch batch = take();
      if (!batch.events.isEmpty()) {
        return batch;
      }
      waiting = true;
      if (!mayHaveMore()) {
        return batch;
      }
      waiting = false;
    }
  }

  /// Waits until there is something. The batch is empty when the time is over.
  ///
  /// @throws ApiException as [#poll]
  /// @throws StorageException as [#poll]
  public Batch next(Duration timeout) throws InterruptedException {
    long deadline = System.nanoTime() + timeout.toNanos();
    while (true) {
      Batch batch = poll();
      long left = deadline - System.nanoTime();
      if (!batch.events.isEmpty() || left <= 0) {
        return batch;
      }
      sleeper = Thread.currentThread();
      if (waiting) {
        LockSupport.parkNanos(this, left);
      }
      sleeper = null;
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
    }
  }

  /// How far the last batch came, see [Batch#revision].
  public long revision() {
    return revision;
  }

  private Batch take() {
    if (closed || state.closed()) {
      close();
      throw state.closedCache();
    }
    List<WatchEvent> events = new ArrayList<>();
    Snapshot items = initial;
    if (items != null) {
      takeInitial(items, events);
      return new Batch(events, initial == null ? revision : 0);
    }
    Snapshot now = state.current();
    if (now == null || now.epoch() != epoch) {
      throw expire();
    }
    if (takeChanges(now.end(), events)) {
      revision = now.revision();
      long millis = options.clock().millis();
      if (bookmarkDue(millis)) {
        events.add(new WatchEvent.Bookmark(revision, false));
        scheduleBookmark(millis);
      }
    }
    return new Batch(events, revision);
  }

  private void takeInitial(Snapshot snapshot, List<WatchEvent> events) {
    Listing page = snapshot.list(filter, initialFrom, BATCH_EVENTS_MAX);
    page.items().forEach(each -> events.add(new WatchEvent.Added(each)));
    initialFrom = page.next();
    if (initialFrom.isEmpty()) {
      initial = null;
      if (request.bookmarks()
          && request.start() instanceof WatchStart.Initial(Freshness _, boolean endBookmark)
          && endBookmark) {
        events.add(new WatchEvent.Bookmark(snapshot.revision(), true));
      }
    }
  }

  /// @return whether it got to `end`
  private boolean takeChanges(long end, List<WatchEvent> events) {
    int looks = 0;
    while (position < end) {
      long next = nextToLookAt(end);
      if (next >= end) {
        position = end;
        return true;
      }
      Change change = state.ring().get(next);
      if (change == null) {
        throw expire();
      }
      WatchEvent event = change.seenBy(filter);
      if (event != null) {
        events.add(event);
      }
      position = next + 1;
      revision = change.revision;
      if (events.size() == BATCH_EVENTS_MAX || ++looks == BATCH_CHANGES_MAX) {
        return position == end;
      }
    }
    return true;
  }

  private long nextToLookAt(long end) {
    if (position < bucketFrom || bucket == null) {
      return Math.min(position, end);
    }
    long next = bucket.ceiling(position);
    if (next == Bucket.LOST) {
      throw expire();
    }
    return next;
  }

  private ApiException expire() {
    end(true);
    return state.tooOld(revision);
  }

  private boolean mayHaveMore() {
    Snapshot now = state.current();
    if (closed || state.closed() || now == null || now.epoch() != epoch) {
      return true;
    }
    if (bookmarkDue(options.clock().millis())) {
      return true;
    }
    return position < now.end() && nextToLookAt(now.end()) < now.end();
  }

  private void scheduleBookmark(long now) {
    long next = now + options.bookmarkEvery().toMillis();
    nextBookmarkMillis =
        now < deadlineBookmarkMillis ? Math.min(next, deadlineBookmarkMillis) : next;
  }

  boolean bookmarkDue(long nowMillis) {
    return request.bookmarks() && nowMillis >= nextBookmarkMillis;
  }

  /// For the thread that feeds the cache, after it published something.
  void wake() {
    if (waiting) {
      waiting = false;
      Thread thread = sleeper;
      if (thread != null) {
        LockSupport.unpark(thread);
      }
      request.wakeUp().run();
    }
  }

  @Override
  public void close() {
    end(false);
  }

  private void end(boolean because410) {
    if (!closed) {
      closed = true;
      state.unregister(this, because410);
      wake();
    }
  }
}
