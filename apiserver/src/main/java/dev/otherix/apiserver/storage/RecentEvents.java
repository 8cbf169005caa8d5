package dev.otherix.apiserver.storage;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/// The last events of the store, on the heap: what watches that keep up read, without touching the
/// disk. Bounded by count and bytes. Guarded by its lock.
final class RecentEvents {
  private static final int EVENTS_MAX = 16_384;
  private static final long BYTES_MAX = 32L << 20;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition published = lock.newCondition();
  private final ArrayDeque<StorageEvent> events = new ArrayDeque<>();

  /// Every event after this revision is in [#events].
  private long completeAfter;

  private long revision;
  private long bytes;
  private volatile boolean closed;

  RecentEvents(long revision) {
    this.completeAfter = revision;
    this.revision = revision;
  }

  /// Called by the writer thread after the events' batch is durable.
  void publish(List<StorageEvent> batch, long revision) {
    lock.lock();
    try {
      for (StorageEvent event : batch) {
        events.addLast(event);
        bytes += size(event);
      }
      while (events.size() > EVENTS_MAX || bytes > BYTES_MAX) {
        StorageEvent oldest = events.removeFirst();
        bytes -= size(oldest);
        completeAfter = oldest.revision();
      }
      this.revision = revision;
      published.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /// Waits until something newer than `after` is durable, the waiter is cancelled (see [#wake]), or
  /// the time is over.
  void await(long after, Duration timeout, BooleanSupplier cancelled) throws InterruptedException {
    long nanos = timeout.toNanos();
    lock.lock();
    try {
      while (revision <= after && !closed && !cancelled.getAsBoolean() && nanos > 0) {
        nanos = published.awaitNanos(nanos);
      }
    } finally {
      lock.unlock();
    }
  }

  /// The events under `prefix` after `after`, at most `max`; null when some of them are no longer
  /// here and must be read from the log.
  Watch.@Nullable Batch read(String prefix, long after, int max) {
    lock.lock();
    try {
      if (after < completeAfter) {
        return null;
      }
      List<StorageEvent> found = new ArrayList<>();
      for (StorageEvent event : after == revision ? List.<StorageEvent>of() : events) {
        if (event.revision() > after && event.key().startsWith(prefix)) {
          found.add(event);
          if (found.size() == max) {
            return new Watch.Batch(found, event.revision());
          }
        }
      }
      return new Watch.Batch(found, revision);
    } finally {
      lock.unlock();
    }
  }

  long revision() {
    lock.lock();
    try {
      return revision;
    } finally {
      lock.unlock();
    }
  }

  boolean closed() {
    return closed;
  }

  void close() {
    lock.lock();
    try {
      closed = true;
      published.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /// Lets sleepers look again whether they are cancelled.
  void wake() {
    lock.lock();
    try {
      published.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private static long size(StorageEvent event) {
    return switch (event) {
      case StorageEvent.Created created -> created.entry().bytes();
      case StorageEvent.Updated updated -> updated.entry().bytes() + updated.previous().bytes();
      case StorageEvent.Deleted deleted -> deleted.previous().bytes();
    };
  }
}
