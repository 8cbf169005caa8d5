package dev.otherix.apiserver.watchcache;

import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apiserver.storage.Entry;
import dev.otherix.apiserver.storage.ReadAt;
import dev.otherix.apiserver.storage.Storage;
import dev.otherix.apiserver.storage.StorageException;
import java.time.Duration;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/// The current state and the recent changes of one prefix of a store, in memory. Answers reads,
/// lists and watches; asks the store only for its revision, and for states that are no longer in
/// memory. Writes go to the store; who wrote at a revision reads it here with
/// [Freshness.NotOlderThan].
///
/// Every method waits a bounded time ([CacheOptions#waitMax]): first until the cache is loaded,
/// else a [StorageException] `UNAVAILABLE`; then until it is as fresh as asked. Thread-safe.
public final class WatchCache implements AutoCloseable {
  /// How often a watch is placed anew when the cache is loaded again just then.
  private static final int PLACEMENTS_MAX = 3;

  private final Storage store;
  private final CacheOptions options;
  private final CacheState state;
  private final Feed feed;
  private final StoreReads reads;
  private final LongAdder waits = new LongAdder();

  /// Told how long each read waited that had to, in nanoseconds.
  private volatile LongConsumer waited = _ -> {};

  private final LongAdder storeReads = new LongAdder();
  private final LongAdder consistent = new LongAdder();
  private final LongAdder consistentFallbacks = new LongAdder();
  private final LongAdder lists = new LongAdder();
  private final LongAdder fetched = new LongAdder();
  private final LongAdder evaluated = new LongAdder();
  private final LongAdder returned = new LongAdder();

  private WatchCache(Storage store, CacheOptions options, Function<Entry, CacheItem> reader) {
    this.store = store;
    this.options = options;
    this.state = new CacheState(options, reader);
    this.feed = new Feed(store, options, state, reader);
    this.reads = new StoreReads(store, options.prefix(), reader);
  }

  /// Begins to load. The store stays the caller's; close it after.
  ///
  /// @param reader makes an item of an entry around the entry's own array. Pure and total: for
  ///   content that it cannot read it gives an item without fields and labels
  public static WatchCache start(
      Storage store, CacheOptions options, Function<Entry, CacheItem> reader) {
    WatchCache cache = new WatchCache(store, options, reader);
    cache.feed.start();
    return cache;
  }

  public String prefix() {
    return options.prefix();
  }

  /// How many objects there are now; 0 while it is still loading.
  public int size() {
    Snapshot snapshot = state.current();
    return snapshot == null ? 0 : snapshot.size();
  }

  /// Whether the first load is done.
  public boolean ready() {
    return state.current() != null && !state.closed();
  }

  /// @throws StorageException `UNAVAILABLE` when it is not loaded in time, with the cause; `CLOSED`
  public void awaitReady() throws InterruptedException {
    if (ready()) {
      return;
    }
    boolean loaded = state.gate().await(0, options.waitMax());
    if (state.closed()) {
      throw state.closedCache();
    }
    if (!loaded) {
      throw new StorageException(
          StorageException.Reason.UNAVAILABLE,
          "the cache of " + options.prefix() + " is still loading; try again",
          feed.failure());
    }
  }

  /// The present state, however old. A volatile read once the cache is loaded.
  public Snapshot snapshot() throws InterruptedException {
    awaitReady();
    return current();
  }

  /// The state to answer from, if that needs no waiting at all; null when it does.
  public @Nullable Snapshot snapshotNow(Freshness freshness) {
    Snapshot snapshot = state.closed() ? null : state.current();
    if (snapshot == null) {
      return null;
    }
    return switch (freshness) {
      case Freshness.Any _ -> snapshot;
      case Freshness.Latest _ -> {
        Snapshot latest = latestNow();
        if (latest != null) {
          consistent.increment();
        }
        yield latest;
      }
      case Freshness.NotOlderThan(long revision) ->
          snapshot.revision() >= revision ? snapshot : null;
      case Freshness.Exactly(long revision) ->
          snapshot.revision() >= revision ? state.at(revision) : null;
    };
  }

  /// As nothing under the prefix has changed since, the state is that of the store's revision.
  private @Nullable Snapshot latestNow() {
    long wanted = store.revisionNow(prefix());
    if (wanted == Storage.UNKNOWN_REVISION) {
      return null;
    }
    long whole = store.revision();
    Snapshot snapshot = state.revision() >= wanted ? state.current() : null;
    if (snapshot == null || snapshot.revision() >= whole) {
      return snapshot;
    }
    // Unless something was written between the questions: then the state may be older than `whole`.
    return store.revisionNow(prefix()) == wanted ? snapshot.showing(whole) : null;
  }

  private Snapshot current() {
    Snapshot snapshot = state.current();
    if (snapshot == null) {
      throw new IllegalStateException("not loaded: " + options.prefix());
    }
    return snapshot;
  }

  /// Waits until the state is at least that of `revision`.
  ///
  /// @return whether it is; false when the time is over
  public boolean awaitFresh(long revision, Duration timeout) throws InterruptedException {
    awaitReady();
    if (state.revision() >= revision) {
      return true;
    }
    waits.increment();
    long began = System.nanoTime();
    boolean fresh = state.gate().await(revision, timeout);
    waited.accept(System.nanoTime() - began);
    if (state.closed()) {
      throw state.closedCache();
    }
    return fresh;
  }

  /// Waits as long as the options say.
  boolean awaitFresh(long revision) throws InterruptedException {
    return awaitFresh(revision, options.waitMax());
  }

  /// The state at precisely `revision`; null when it is not in memory.
  @Nullable Snapshot snapshotAt(long revision) {
    return state.at(revision);
  }

  /// The item under `key`; null when there is none.
  ///
  /// @throws ApiException `Timeout` with the cause `ResourceVersionTooLarge` when the wish lies in
  ///   the future; `Expired` when it lies before what the store keeps
  public @Nullable CacheItem get(String key, Freshness freshness) throws InterruptedException {
    Snapshot snapshot = find(freshness);
    if (snapshot != null) {
      return snapshot.get(key);
    }
    storeReads.increment();
    return reads.get(key, storeAt(freshness));
  }

  /// The items that match, in key order, at one revision.
  ///
  /// @param from the first key that may be in the page; empty for the beginning
  /// @param limit how many items at most; 0 for all
  /// @throws ApiException as [#get]
  public Listing list(Filter filter, String from, int limit, Freshness freshness)
      throws InterruptedException {
    Snapshot snapshot = find(freshness);
    if (snapshot != null) {
      return list(snapshot, filter, from, limit);
    }
    storeReads.increment();
    Listing listing = reads.list(filter, from, limit, storeAt(freshness));
    fetched.add(listing.evaluated());
    return counted(listing);
  }

  /// The same of a snapshot that this cache gave.
  public Listing list(Snapshot snapshot, Filter filter, String from, int limit) {
    return counted(snapshot.list(filter, from, limit));
  }

  private Listing counted(Listing listing) {
    lists.increment();
    evaluated.add(listing.evaluated());
    returned.add(listing.items().size());
    return listing;
  }

  private static ReadAt storeAt(Freshness freshness) {
    return freshness instanceof Freshness.Exactly(long revision)
        ? ReadAt.revision(revision)
        : ReadAt.LATEST;
  }

  /// Null when the store has to answer.
  private @Nullable Snapshot find(Freshness freshness) throws InterruptedException {
    awaitReady();
    return switch (freshness) {
      case Freshness.Any _ -> current();
      case Freshness.Latest _ -> {
        Snapshot latest = latest();
        (latest == null ? consistentFallbacks : consistent).increment();
        yield latest;
      }
      case Freshness.NotOlderThan(long revision) -> reached(revision) ? current() : null;
      case Freshness.Exactly(long revision) -> reached(revision) ? state.at(revision) : null;
    };
  }

  private @Nullable Snapshot latest() throws InterruptedException {
    Snapshot now = latestNow();
    if (now != null) {
      return now;
    }
    long known = store.revisionNow(prefix());
    long wanted = known == Storage.UNKNOWN_REVISION ? store.revision() : known;
    if (!awaitFresh(wanted, options.waitMax())) {
      return null;
    }
    Snapshot showing = latestNow();
    return showing != null ? showing : current();
  }

  /// Whether the cache has come that far. False when only the store has.
  private boolean reached(long revision) throws InterruptedException {
    if (awaitFresh(revision, options.waitMax())) {
      return true;
    }
    long current = store.revision();
    if (current < revision) {
      throw ApiException.tooLargeResourceVersion(revision, current);
    }
    return false;
  }

  /// @throws ApiException `Expired` when changes that it asks for are no longer in memory;
  ///   `Timeout` as [#get], also when the cache does not get as fresh as it asks
  public CacheWatch watch(WatchRequest request) throws InterruptedException {
    return switch (request.start()) {
      case WatchStart.After(long revision) -> {
        requireFresh(revision);
        yield CacheWatch.after(state, options, request, revision);
      }
      case WatchStart.Now(Freshness freshness) -> watchBehind(request, freshness, false);
      case WatchStart.Initial(Freshness freshness, boolean _) ->
          watchBehind(request, freshness, true);
    };
  }

  private CacheWatch watchBehind(WatchRequest request, Freshness freshness, boolean withItems)
      throws InterruptedException {
    for (int i = 0; i < PLACEMENTS_MAX; i++) {
      switch (freshness) {
        case Freshness.Any _ -> awaitReady();
        case Freshness.Latest _ -> {
          if (latest() == null) {
            throw ApiException.tooLargeResourceVersion(store.revision(), state.revision());
          }
        }
        case Freshness.NotOlderThan(long revision) -> requireFresh(revision);
        case Freshness.Exactly(long revision) ->
            throw new IllegalArgumentException("no watch begins with the state at " + revision);
      }
      CacheWatch watch = CacheWatch.behind(state, options, request, current(), withItems);
      if (watch != null) {
        return watch;
      }
    }
    throw new StorageException(
        StorageException.Reason.UNAVAILABLE,
        "the cache of " + options.prefix() + " is loaded again and again; try again");
  }

  private void requireFresh(long revision) throws InterruptedException {
    if (!awaitFresh(revision, options.waitMax())) {
      throw ApiException.tooLargeResourceVersion(revision, state.revision());
    }
  }

  /// The store forgot what only revisions before `revision` need: the cache forgets it too.
  public void forgetBefore(long revision) {
    state.forgetBefore(revision);
  }

  /// Has `waited` told, from now on, how long each read waited that had to, in nanoseconds.
  public void tellWaits(LongConsumer waited) {
    this.waited = waited;
  }

  public CacheStats stats() {
    return state.stats(
        feed.reloads(),
        feed.resumes(),
        waits.sum(),
        storeReads.sum(),
        feed.progress(),
        new CacheStats.Consistent(consistent.sum(), consistentFallbacks.sum()),
        new CacheStats.Lists(lists.sum(), fetched.sum(), evaluated.sum(), returned.sum()));
  }

  /// Ends the watches and the thread. The store stays open.
  @Override
  public void close() {
    feed.close();
  }
}
