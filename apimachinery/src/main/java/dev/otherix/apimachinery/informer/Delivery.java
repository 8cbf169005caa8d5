package dev.otherix.apimachinery.informer;

import dev.otherix.apimachinery.object.ObjectKey;
import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/// What one handler has yet to hear, and the thread that tells it. Holds one change per object
/// whatever happens to it, so that a slow handler costs no more memory than the collection. The
/// lock guards every field.
final class Delivery {
  private static final System.Logger LOG = System.getLogger(Delivery.class.getName());

  private final String name;
  private final InformerHandler handler;
  private final Duration resync;
  private final Consumer<Delivery> repeat;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Map<ObjectKey, Change> pending = new LinkedHashMap<>();
  private @Nullable Thread thread;

  /// The delivery's own thread alone uses it.
  private long resyncedAtNanos = System.nanoTime();

  /// @param resync after which everything is told again; zero for never
  /// @param repeat offers everything, called without the lock
  Delivery(String name, InformerHandler handler, Duration resync, Consumer<Delivery> repeat) {
    this.name = name;
    this.handler = handler;
    this.resync = resync;
    this.repeat = repeat;
  }

  private record Change(@Nullable ObjectNode before, @Nullable ObjectNode after) {}

  private record Next(ObjectKey key, Change change) {}

  void start() {
    lock.lock();
    try {
      thread = Thread.ofVirtual().name(name).start(this::run);
    } finally {
      lock.unlock();
    }
  }

  void offer(ObjectKey key, @Nullable ObjectNode before, @Nullable ObjectNode after) {
    lock.lock();
    try {
      Change waiting = pending.get(key);
      @Nullable ObjectNode known = waiting == null ? before : waiting.before;
      if (known == null && after == null && waiting != null) {
        // Readers of the copy may have seen it, and went by it: it must not go in silence.
        known = waiting.after;
      }
      pending.put(key, new Change(known, after));
      changed.signal();
    } finally {
      lock.unlock();
    }
  }

  void close() {
    lock.lock();
    try {
      pending.clear();
      if (thread != null) {
        thread.interrupt();
      }
    } finally {
      lock.unlock();
    }
  }

  private void run() {
    try {
      while (true) {
        Next next = next();
        if (next != null) {
          tell(next);
        }
        if (isResyncDue()) {
          resyncedAtNanos = System.nanoTime();
          repeat.accept(this);
        }
      }
    } catch (InterruptedException _) {
      LOG.log(System.Logger.Level.DEBUG, "informer handler stopped name={0}", name);
    }
  }

  /// Tells the next change on the caller's thread, for those without a thread.
  ///
  /// @return whether there was one
  boolean tellNext() {
    Next next;
    lock.lock();
    try {
      if (pending.isEmpty()) {
        return false;
      }
      next = first();
    } finally {
      lock.unlock();
    }
    tell(next);
    return true;
  }

  private void tell(Next next) {
    try {
      handler.changed(next.key, next.change.before, next.change.after);
    } catch (RuntimeException e) {
      LOG.log(
          System.Logger.Level.ERROR,
          "informer handler failed, the change is lost to it name=" + name + " key=" + next.key,
          e);
    }
  }

  private boolean isResyncDue() {
    return resync.isPositive() && untilResyncNanos() <= 0;
  }

  private long untilResyncNanos() {
    return resync.toNanos() - (System.nanoTime() - resyncedAtNanos);
  }

  /// Null when it is time to repeat everything instead.
  private @Nullable Next next() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (pending.isEmpty()) {
        if (!resync.isPositive()) {
          changed.await();
        } else if (changed.awaitNanos(untilResyncNanos()) <= 0 && pending.isEmpty()) {
          return null;
        }
      }
      return first();
    } finally {
      lock.unlock();
    }
  }

  /// Takes the first out; there is one.
  private Next first() {
    Iterator<Map.Entry<ObjectKey, Change>> first = pending.entrySet().iterator();
    Map.Entry<ObjectKey, Change> entry = first.next();
    Next next = new Next(entry.getKey(), entry.getValue());
    first.remove();
    return next;
  }
}
