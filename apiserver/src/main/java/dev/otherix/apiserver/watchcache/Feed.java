package dev.otherix.apiserver.watchcache;

import dev.otherix.apiserver.storage.Entry;
import dev.otherix.apiserver.storage.Page;
import dev.otherix.apiserver.storage.ReadAt;
import dev.otherix.apiserver.storage.Storage;
import dev.otherix.apiserver.storage.StorageException;
import dev.otherix.apiserver.storage.Watch;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Keeps a [CacheState] up with the store, on a virtual thread of its own: loads everything once,
/// then follows the store's watch. A watch that breaks is taken up again where it was; only when
/// the store has no longer what lies between, everything is loaded again.
final class Feed {
  private static final System.Logger LOG = System.getLogger(Feed.class.getName());

  /// How long it waits for events before it looks after other things.
  private static final Duration TICK = Duration.ofMillis(100);

  private static final Duration CLOSE_MAX = Duration.ofSeconds(10);

  private final Storage store;
  private final CacheOptions options;
  private final CacheState state;
  private final Function<Entry, CacheItem> reader;
  private final Thread thread;
  private final CountDownLatch closing = new CountDownLatch(1);

  /// Confined to the thread, as is all that follows.
  private boolean mustLoad = true;

  private int failures;

  /// How far the cache had come at the last failure.
  private long failedAt = FreshnessGate.NOT_LOADED;

  private long nextTickNanos = System.nanoTime();

  /// How long to wait for progress that somebody wants and the store does not tell yet.
  private long wantedMillis;

  private final LongAdder loads = new LongAdder();
  private final LongAdder resumes = new LongAdder();
  private final LongAdder progress = new LongAdder();

  /// Why it is not up with the store; null when it is.
  private volatile @Nullable RuntimeException failure;

  Feed(Storage store, CacheOptions options, CacheState state, Function<Entry, CacheItem> reader) {
    this.store = store;
    this.options = options;
    this.state = state;
    this.reader = reader;
    this.thread =
        Thread.ofVirtual().name("otherix-watchcache-" + options.prefix()).unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  long reloads() {
    return Math.max(0, loads.sum() - 1);
  }

  long resumes() {
    return resumes.sum();
  }

  /// How often the store told how far it is, and no event.
  long progress() {
    return progress.sum();
  }

  @Nullable RuntimeException failure() {
    return failure;
  }

  private void run() {
    while (!isClosing()) {
      try {
        if (mustLoad) {
          load();
        }
        follow();
      } catch (InterruptedException e) {
        // Only close interrupts outside of a poll.
        return;
      } catch (RuntimeException e) {
        if (!recover(e)) {
          return;
        }
      }
    }
  }

  private boolean isClosing() {
    return closing.getCount() == 0;
  }

  private void load() {
    List<CacheItem> items = new ArrayList<>();
    Page page = store.list(options.prefix(), "", options.pageEntries(), ReadAt.LATEST);
    add(page, items);
    while (page.remaining() > 0) {
      String from = page.entries().getLast().key() + "\0";
      ReadAt at = ReadAt.revision(page.revision());
      page = store.list(options.prefix(), from, options.pageEntries(), at);
      add(page, items);
    }
    loads.increment();
    state.load(SortedItems.of(items), page.revision());
    mustLoad = false;
    LOG.log(
        Level.INFO,
        "watch cache loaded prefix={0} objects={1} revision={2}",
        options.prefix(),
        items.size(),
        String.valueOf(page.revision()));
  }

  private void add(Page page, List<CacheItem> items) {
    for (Entry entry : page.entries()) {
      items.add(reader.apply(entry));
    }
  }

  private void follow() throws InterruptedException {
    try (Watch watch = store.watch(options.prefix(), state.revision())) {
      while (!isClosing()) {
        Watch.Batch batch = poll(watch);
        if (batch != null) {
          if (batch.events().isEmpty() && batch.revision() > state.revision()) {
            progress.increment();
          }
          state.apply(batch.events(), batch.revision());
          failures = 0;
          failure = null;
        }
        if (System.nanoTime() - nextTickNanos >= 0) {
          nextTickNanos = System.nanoTime() + TICK.toNanos();
          state.tick();
        }
      }
    }
  }

  /// Null when a reader that waits disturbed it.
  private Watch.@Nullable Batch poll(Watch watch) throws InterruptedException {
    FreshnessGate gate = state.gate();
    gate.beginPolling();
    try {
      if (isClosing()) {
        return null;
      }
      if (!gate.wanted()) {
        wantedMillis = 0;
        return watch.next(TICK);
      }
      Watch.Batch batch = watch.next(Duration.ofMillis(wantedMillis));
      wantedMillis = Math.min(Math.max(1, 2 * wantedMillis), TICK.toMillis());
      return batch;
    } catch (InterruptedException e) {
      wantedMillis = 0;
      return null;
    } finally {
      gate.endPolling();
    }
  }

  /// Decides how to go on after a failure.
  ///
  /// @return false when there is no going on
  private boolean recover(RuntimeException e) {
    if (isClosing()) {
      return false;
    }
    failure = e;
    if (e instanceof StorageException refusal) {
      switch (refusal.reason()) {
        case CLOSED -> {
          state.close();
          return false;
        }
        case COMPACTED, FUTURE_REVISION, CORRUPT -> mustLoad = true;
        case TOO_LARGE, FULL, BUSY, UNAVAILABLE, UNKNOWN_OUTCOME -> resumes.add(mustLoad ? 0 : 1);
      }
    } else {
      mustLoad = true;
    }
    if (state.revision() > failedAt) {
      // It came further since the last time, so that was over.
      failures = 0;
    }
    failedAt = state.revision();
    failures++;
    LOG.log(
        Level.WARNING,
        "watch cache behind prefix="
            + options.prefix()
            + " failures="
            + failures
            + " reload="
            + mustLoad,
        e);
    // The first time there is nothing to wait for: the store answers, and has only forgotten.
    boolean forgotten =
        e instanceof StorageException known && known.reason() == StorageException.Reason.COMPACTED;
    if (forgotten && failures == 1) {
      return true;
    }
    try {
      return !closing.await(options.backoff().apply(failures).toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException interrupted) {
      return false;
    }
  }

  void close() {
    closing.countDown();
    state.close();
    try {
      if (thread.isAlive() && !thread.join(CLOSE_MAX)) {
        LOG.log(Level.WARNING, "watch cache still busy prefix={0}", options.prefix());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
