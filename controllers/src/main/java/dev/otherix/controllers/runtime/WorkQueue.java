package dev.otherix.controllers.runtime;

import dev.otherix.apimachinery.client.Backoff;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// Keys that wait for a worker. A key is in it once, however often it was added, and with one
/// worker at a time: what is added while a worker has it comes again when he is done. So it holds
/// at most one entry for each object there is. Thread-safe; the lock guards every field.
public final class WorkQueue<K> {
  /// What is fresh passes what is only looked at again.
  public enum Priority {
    FRESH,
    ROUTINE
  }

  private record Delayed<K>(K key, Instant due, long order) implements Comparable<Delayed<K>> {
    @Override
    public int compareTo(Delayed<K> other) {
      int byTime = due.compareTo(other.due);
      return byTime != 0 ? byTime : Long.compare(order, other.order);
    }
  }

  private final InstantSource clock;
  private final Backoff backoff;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Set<K> fresh = new LinkedHashSet<>();
  private final Set<K> routine = new LinkedHashSet<>();
  private final Set<K> inWork = new HashSet<>();
  private final Map<K, Priority> againAfterWork = new HashMap<>();
  private final PriorityQueue<Delayed<K>> delayed = new PriorityQueue<>();

  /// The earliest of each key's delays; other entries of `delayed` are void.
  private final Map<K, Delayed<K>> delayOf = new HashMap<>();

  private final Map<K, Integer> failures = new HashMap<>();
  private final QueueMeter<K> meter = new QueueMeter<>();
  private long order;
  private boolean shutDown;

  public WorkQueue(InstantSource clock, Backoff backoff) {
    this.clock = clock;
    this.backoff = backoff;
  }

  public void add(K key, Priority priority) {
    lock.lock();
    try {
      put(key, priority);
    } finally {
      lock.unlock();
    }
  }

  public void add(K key) {
    add(key, Priority.FRESH);
  }

  private void put(K key, Priority priority) {
    if (shutDown) {
      return;
    }
    meter.added(key, clock.instant());
    if (inWork.contains(key)) {
      againAfterWork.merge(key, priority, (a, b) -> a == Priority.FRESH ? a : b);
      return;
    }
    switch (priority) {
      case FRESH -> {
        routine.remove(key);
        fresh.add(key);
      }
      case ROUTINE -> {
        if (!fresh.contains(key)) {
          routine.add(key);
        }
      }
    }
    changed.signal();
  }

  /// Adds it when the time is over. Of several delays of one key the earliest counts.
  public void addAfter(K key, Duration time) {
    lock.lock();
    try {
      if (!shutDown) {
        delay(key, clock.instant().plus(time));
      }
    } finally {
      lock.unlock();
    }
  }

  private void delay(K key, Instant due) {
    Delayed<K> present = delayOf.get(key);
    if (present != null && !due.isBefore(present.due)) {
      return;
    }
    if (present != null) {
      delayed.remove(present);
    }
    Delayed<K> entry = new Delayed<>(key, due, order++);
    delayOf.put(key, entry);
    delayed.add(entry);
    changed.signal();
  }

  /// Adds it after a wait that grows with every call until [#forget].
  ///
  /// @return the wait
  public Duration retry(K key) {
    lock.lock();
    try {
      Duration wait = backoff.after(failures.merge(key, 1, Integer::sum));
      if (!shutDown) {
        meter.retried();
        delay(key, clock.instant().plus(wait));
      }
      return wait;
    } finally {
      lock.unlock();
    }
  }

  /// It went well: the next [#retry] begins with the shortest wait.
  public void forget(K key) {
    lock.lock();
    try {
      failures.remove(key);
    } finally {
      lock.unlock();
    }
  }

  /// A key for a worker, who calls [#done] for it; waits for one.
  ///
  /// @return null when the queue is shut down
  public @Nullable K take() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (true) {
        K key = next();
        if (key != null || shutDown) {
          return key;
        }
        Delayed<K> first = delayed.peek();
        if (first == null) {
          changed.await();
        } else {
          changed.awaitNanos(Math.max(1, Duration.between(clock.instant(), first.due).toNanos()));
        }
      }
    } finally {
      lock.unlock();
    }
  }

  /// [#take] without waiting.
  ///
  /// @return null when there is none now
  public @Nullable K poll() {
    lock.lock();
    try {
      return next();
    } finally {
      lock.unlock();
    }
  }

  private @Nullable K next() {
    if (shutDown) {
      return null;
    }
    Instant now = clock.instant();
    for (Delayed<K> first = delayed.peek();
        first != null && !first.due.isAfter(now);
        first = delayed.peek()) {
      delayed.remove();
      delayOf.remove(first.key);
      put(first.key, Priority.ROUTINE);
    }
    Set<K> from = fresh.isEmpty() ? routine : fresh;
    Iterator<K> keys = from.iterator();
    if (!keys.hasNext()) {
      return null;
    }
    K key = keys.next();
    keys.remove();
    inWork.add(key);
    meter.taken(key, now);
    return key;
  }

  /// The worker no longer has it.
  public void done(K key) {
    lock.lock();
    try {
      inWork.remove(key);
      meter.done(key, clock.instant());
      Priority again = againAfterWork.remove(key);
      if (again != null) {
        put(key, again);
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /// How many keys wait to be worked on now, delayed ones apart.
  public int size() {
    lock.lock();
    try {
      return fresh.size() + routine.size();
    } finally {
      lock.unlock();
    }
  }

  QueueMeter.Figures figures() {
    lock.lock();
    try {
      return meter.figures(fresh.size() + routine.size(), clock.instant());
    } finally {
      lock.unlock();
    }
  }

  /// Whether nothing waits and nobody works; delays apart.
  public boolean isIdle() {
    lock.lock();
    try {
      return fresh.isEmpty() && routine.isEmpty() && inWork.isEmpty();
    } finally {
      lock.unlock();
    }
  }

  /// Drops what waits; workers get nothing more.
  public void shutDown() {
    lock.lock();
    try {
      shutDown = true;
      fresh.clear();
      routine.clear();
      delayed.clear();
      delayOf.clear();
      againAfterWork.clear();
      meter.dropped();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
