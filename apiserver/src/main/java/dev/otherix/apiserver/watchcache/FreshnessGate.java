package dev.otherix.apiserver.watchcache;

import java.time.Duration;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// Where readers wait until the cache has come as far as they need. One who waits a moment in vain
/// makes the feed ask the store for progress at once instead of at its next tick: on a quiet prefix
/// no event would ever come. Guarded by its lock.
final class FreshnessGate {
  /// A change that is on its way needs less; only then it is worth to disturb the feed.
  private static final Duration PATIENCE = Duration.ofNanos(500_000);

  static final long NOT_LOADED = -1;

  private final LongSupplier reached;
  private final ReentrantLock lock = new ReentrantLock();
  private final PriorityQueue<Waiter> waiters =
      new PriorityQueue<>(Comparator.comparingLong(Waiter::revision));

  /// The lowest revision that somebody waits for.
  private volatile long lowest = Long.MAX_VALUE;

  private volatile boolean closed;
  private @Nullable Thread polling;

  private record Waiter(long revision, Thread thread) {}

  /// @param reached the revision of the published state, or [#NOT_LOADED]
  FreshnessGate(LongSupplier reached) {
    this.reached = reached;
  }

  /// @return whether the state has reached `revision`; false when the time is over
  boolean await(long revision, Duration timeout) throws InterruptedException {
    if (reached.getAsLong() >= revision) {
      return true;
    }
    long deadline = System.nanoTime() + timeout.toNanos();
    Waiter waiter = new Waiter(revision, Thread.currentThread());
    enqueue(waiter);
    try {
      if (!park(revision, Math.min(deadline, System.nanoTime() + PATIENCE.toNanos()))) {
        disturb();
      }
      return park(revision, deadline);
    } finally {
      dequeue(waiter);
    }
  }

  private boolean park(long revision, long deadline) throws InterruptedException {
    while (reached.getAsLong() < revision) {
      long left = deadline - System.nanoTime();
      if (left <= 0 || closed) {
        return reached.getAsLong() >= revision;
      }
      LockSupport.parkNanos(this, left);
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
    }
    return true;
  }

  private void enqueue(Waiter waiter) {
    lock.lock();
    try {
      waiters.add(waiter);
      settleLowest();
    } finally {
      lock.unlock();
    }
  }

  private void dequeue(Waiter waiter) {
    lock.lock();
    try {
      waiters.remove(waiter);
      settleLowest();
    } finally {
      lock.unlock();
    }
  }

  private void settleLowest() {
    Waiter first = waiters.peek();
    lowest = first == null ? Long.MAX_VALUE : first.revision;
  }

  /// Lets those go on who waited for `revision` or less. Called after the state is published.
  void advance(long revision) {
    if (lowest > revision) {
      return;
    }
    lock.lock();
    try {
      for (Waiter next = waiters.peek();
          next != null && next.revision <= revision;
          next = waiters.peek()) {
        waiters.remove();
        LockSupport.unpark(next.thread);
      }
      settleLowest();
    } finally {
      lock.unlock();
    }
  }

  /// Whether somebody waits for more than there is.
  boolean wanted() {
    return lowest != Long.MAX_VALUE;
  }

  /// The feed's thread goes to wait for the store; from now on it may be interrupted.
  void beginPolling() {
    lock.lock();
    try {
      polling = Thread.currentThread();
    } finally {
      lock.unlock();
    }
  }

  /// From now on it is not interrupted any more; an interrupt that came late is taken back.
  void endPolling() {
    lock.lock();
    try {
      polling = null;
      if (Thread.interrupted()) {
        return;
      }
    } finally {
      lock.unlock();
    }
  }

  private void disturb() {
    lock.lock();
    try {
      if (polling != null) {
        polling.interrupt();
      }
    } finally {
      lock.unlock();
    }
  }

  void close() {
    lock.lock();
    try {
      closed = true;
      waiters.forEach(each -> LockSupport.unpark(each.thread));
    } finally {
      lock.unlock();
    }
    disturb();
  }
}
