package dev.otherix.apiserver.storage;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/// The last events of the store, on the heap: what watches that keep up read, without touching the
/// disk. Bounded by count and bytes. Guarded by its lock.
///
/// Every revision has one event, so that an event's place follows from its revision and a reader
/// looks at nothing older than what it asks for.
final class RecentEvents {
  private static final int EVENTS_MAX = 16_384;
  private static final long BYTES_MAX = 32L << 20;

  private final ReentrantLock lock = new ReentrantLock();
  private final PrefixRevisions prefixes = new PrefixRevisions(lock);

  /// The event of a revision is at that revision modulo the length.
  private final @Nullable StorageEvent[] ring = new StorageEvent[EVENTS_MAX];

  /// Every event after this revision, up to [#revision], is in the ring.
  private long completeAfter;

  /// The latest durable revision. Read without the lock; whoever then takes the lock finds all
  /// events up to it.
  private volatile long revision;

  private long bytes;
  private volatile boolean closed;

  RecentEvents(long revision) {
    this.completeAfter = revision;
    this.revision = revision;
  }

  /// Called by who has the turn ([RocksTurn]) after the events' batch is durable: from now on it is
  /// the state of the store.
  void publish(List<StorageEvent> batch, long upTo) {
    lock.lock();
    try {
      long next = revision;
      for (StorageEvent event : batch) {
        if (event.revision() != ++next) {
          throw new IllegalStateException("event " + event + " where " + next + " was due");
        }
        if (next - completeAfter > EVENTS_MAX) {
          drop();
        }
        ring[slot(next)] = event;
        prefixes.written(event.key(), next);
        bytes += event.bytes();
      }
      while (bytes > BYTES_MAX && completeAfter < next) {
        drop();
      }
      if (next != upTo) {
        throw new IllegalStateException("events up to " + next + " for revision " + upTo);
      }
      revision = upTo;
      prefixes.signal();
    } finally {
      lock.unlock();
    }
  }

  private void drop() {
    int slot = slot(++completeAfter);
    StorageEvent oldest = ring[slot];
    if (oldest != null) {
      bytes -= oldest.bytes();
      ring[slot] = null;
    }
  }

  private static int slot(long revision) {
    return (int) (revision % EVENTS_MAX);
  }

  /// Somebody begins to watch a prefix.
  PrefixRevisions.Watched open(String prefix) {
    lock.lock();
    try {
      return prefixes.open(prefix, revision);
    } finally {
      lock.unlock();
    }
  }

  /// Ends what [#open] began.
  void close(PrefixRevisions.Watched watched) {
    lock.lock();
    try {
      prefixes.close(watched);
      watched.written().signalAll();
    } finally {
      lock.unlock();
    }
  }

  /// Waits until something newer than `after` is durable under the prefix, the waiter is cancelled,
  /// or the time is over.
  void await(
      PrefixRevisions.Watched watched, long after, Duration timeout, BooleanSupplier cancelled)
      throws InterruptedException {
    long nanos = timeout.toNanos();
    lock.lock();
    try {
      while (watched.last() <= after && !closed && !cancelled.getAsBoolean() && nanos > 0) {
        nanos = watched.written().awaitNanos(nanos);
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
      for (long next = after + 1; next <= revision; next++) {
        StorageEvent event = ring[slot(next)];
        if (event != null && event.key().startsWith(prefix)) {
          found.add(event);
          if (found.size() == max) {
            return new Watch.Batch(found, next);
          }
        }
      }
      return new Watch.Batch(found, Math.max(after, revision));
    } finally {
      lock.unlock();
    }
  }

  long revision() {
    return revision;
  }

  /// A revision as new as the last event under `prefix`, and as new as the store if nobody knows.
  long revision(String prefix) {
    // The store's first: an event after it that the prefix does not show yet does not count.
    long whole = revision;
    long last = prefixes.last(prefix);
    return last == PrefixRevisions.UNKNOWN ? whole : last;
  }

  boolean closed() {
    return closed;
  }

  void close() {
    lock.lock();
    try {
      closed = true;
      prefixes.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
