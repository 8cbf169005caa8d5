package dev.otherix.apiserver.http;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The connections that are open. Thread-safe.
final class Connections {
  private final Counters counters;
  private final int max;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition empty = lock.newCondition();

  // Guarded by lock. No connection yet while TLS shakes hands.
  private final Map<Channel, @Nullable Connection> open = new HashMap<>();
  private boolean draining;

  Connections(Counters counters, int max) {
    this.counters = counters;
    this.max = max;
  }

  /// @return false when there are too many, or the server takes no more
  boolean tryAdd(Channel channel) {
    lock.lock();
    try {
      if (draining || open.size() >= max) {
        counters.refusedConnections.increment();
        return false;
      }
      open.put(channel, null);
      counters.openConnections.incrementAndGet();
    } finally {
      lock.unlock();
    }
    Wire.then(channel.closeFuture(), closed -> remove(channel));
    return true;
  }

  /// Says what the channel turned out to speak. On its event loop.
  void speaks(Channel channel, Connection connection) {
    boolean late;
    lock.lock();
    try {
      late = draining;
      open.replace(channel, connection);
    } finally {
      lock.unlock();
    }
    if (late) {
      connection.drain();
    }
  }

  private void remove(Channel channel) {
    lock.lock();
    try {
      if (open.containsKey(channel)) {
        open.remove(channel);
        counters.openConnections.decrementAndGet();
      }
      if (open.isEmpty()) {
        empty.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  void drain() {
    forEach(Connection::drain, true);
  }

  void cancel() {
    forEach(Connection::cancel, false);
  }

  /// @return whether none is open
  boolean awaitEmpty(Duration atMost) throws InterruptedException {
    long left = atMost.toNanos();
    lock.lockInterruptibly();
    try {
      while (!open.isEmpty() && left > 0) {
        left = empty.awaitNanos(left);
      }
      return open.isEmpty();
    } finally {
      lock.unlock();
    }
  }

  private void forEach(Consumer<Connection> what, boolean gently) {
    Map<Channel, @Nullable Connection> now;
    lock.lock();
    try {
      draining = true;
      now = new HashMap<>(open);
    } finally {
      lock.unlock();
    }
    now.forEach((channel, connection) -> {
      try {
        channel.eventLoop().execute(() -> act(channel, connection, what, gently));
      } catch (RejectedExecutionException e) {
        // The event loop has ended and has closed the channel with it.
        remove(channel);
      }
    });
  }

  private static void act(
      Channel channel, @Nullable Connection connection, Consumer<Connection> what, boolean gently) {
    if (connection != null) {
      what.accept(connection);
    }
    if (!gently && channel.isOpen()) {
      // Past the handlers: they would say goodbye and wait for the answer.
      ChannelHandlerContext first = channel.pipeline().firstContext();
      Wire.close(first);
    }
  }
}
