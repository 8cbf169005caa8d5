package dev.otherix.apiserver.endpoint;

import dev.otherix.apimachinery.codec.ByteSink;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apimachinery.status.Status;
import dev.otherix.apiserver.http.MessageStream;
import dev.otherix.apiserver.storage.StorageException;
import dev.otherix.apiserver.watchcache.CacheWatch;
import dev.otherix.apiserver.watchcache.WatchEvent;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// The stream of one watch: takes events from the cache as fast as the client reads. No thread of
/// its own: the connection's event loop calls it, woken by the cache.
final class WatchMessages implements MessageStream {
  private final EventEncoder encoder;
  private final ScheduledExecutorService timers;
  private final Duration time;
  private final Runnable listed;

  private @Nullable CacheWatch watch;
  private @Nullable Status failure;
  private @Nullable Future<?> deadline;
  private List<WatchEvent> batch = List.of();
  private int next;

  /// For the cache's thread, which may call before there is anybody to wake.
  private volatile @Nullable Runnable wakeUp;

  /// Nothing more after what is in the batch.
  private volatile boolean ending;

  private boolean closed;

  /// @param time after which the stream ends by itself
  /// @param listed told when the state that the watch began with was told as a whole
  WatchMessages(
      EventEncoder encoder, ScheduledExecutorService timers, Duration time, Runnable listed) {
    this.listed = listed;
    this.encoder = encoder;
    this.timers = timers;
    this.time = time;
  }

  void follow(CacheWatch watch) {
    this.watch = watch;
  }

  /// The stream has nothing but this to say.
  void fail(Status status) {
    this.failure = status;
  }

  void wake() {
    Runnable runnable = wakeUp;
    if (runnable != null) {
      runnable.run();
    }
  }

  @Override
  public void open(Runnable wakeUp) {
    this.wakeUp = wakeUp;
    try {
      this.deadline = timers.schedule(this::drain, time.toMillis(), TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      // The server stops: this watch ends as those do that were open.
      ending = true;
    }
  }

  @Override
  public Next next(ByteSink sink) {
    Status failed = failure;
    if (failed != null) {
      failure = null;
      watch = null;
      EventEncoder.error(failed, sink);
      return Next.MESSAGE;
    }
    if (next == batch.size() && !refill()) {
      return failure != null ? next(sink) : watch == null || ending ? Next.END : Next.LATER;
    }
    WatchEvent event = batch.get(next++);
    encoder.write(event, sink);
    if (event instanceof WatchEvent.Bookmark bookmark && bookmark.initialEventsEnd()) {
      listed.run();
    }
    return Next.MESSAGE;
  }

  /// Whether there are events now.
  private boolean refill() {
    CacheWatch source = watch;
    batch = List.of();
    next = 0;
    if (source == null) {
      return false;
    }
    try {
      batch = source.poll().events();
    } catch (ApiException e) {
      failure = e.status();
      release(source);
    } catch (StorageException e) {
      // The cache was closed: the definition changed or the server stops. The client comes again.
      release(source);
    }
    return !batch.isEmpty();
  }

  private void release(CacheWatch source) {
    source.close();
    watch = null;
  }

  @Override
  public void drain() {
    ending = true;
    wake();
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    Future<?> timer = deadline;
    if (timer != null) {
      timer.cancel(false);
    }
    CacheWatch source = watch;
    if (source != null) {
      release(source);
    }
    wakeUp = null;
  }
}
