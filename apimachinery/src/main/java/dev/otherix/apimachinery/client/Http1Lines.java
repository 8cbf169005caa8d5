package dev.otherix.apimachinery.client;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// The lines of an answer on a Unix socket, each when it arrives. A virtual thread reads ahead a
/// little and then waits, so that a slow reader slows the server. The lock guards every field but
/// those of the reading thread.
final class Http1Lines implements MessageSource {
  private static final int READ_AHEAD_MAX = 64;

  private final Http1Connection connection;
  private final Runnable ended;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Deque<byte[]> lines = new ArrayDeque<>();
  private boolean over;
  private boolean closed;
  private @Nullable IOException failure;

  /// @param ended called once, when the connection is closed
  Http1Lines(Http1Connection connection, Runnable ended) {
    this.connection = connection;
    this.ended = ended;
    Thread.ofVirtual().name("http1-lines").start(this::read);
  }

  private void read() {
    IOException broken = null;
    try {
      ByteArrayOutputStream partial = new ByteArrayOutputStream();
      for (ByteBuffer part = connection.part(); part != null; part = connection.part()) {
        split(part, partial);
      }
      if (partial.size() > 0) {
        offer(partial.toByteArray());
      }
    } catch (IOException e) {
      broken = e;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      connection.close();
      ended.run();
      lock.lock();
      try {
        over = true;
        failure = closed ? null : broken;
        changed.signalAll();
      } finally {
        lock.unlock();
      }
    }
  }

  private void split(ByteBuffer part, ByteArrayOutputStream partial)
      throws IOException, InterruptedException {
    while (part.hasRemaining()) {
      byte each = part.get();
      if (each != '\n') {
        partial.write(each);
      } else if (partial.size() > 0) {
        offer(partial.toByteArray());
        partial.reset();
      }
    }
    if (partial.size() > LineStream.LINE_BYTES_MAX) {
      throw new IOException("a message of more than " + LineStream.LINE_BYTES_MAX + " bytes");
    }
  }

  private void offer(byte[] line) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (lines.size() >= READ_AHEAD_MAX && !closed) {
        changed.await();
      }
      lines.add(line);
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public Taken take(Duration atMost) throws InterruptedException {
    long left = atMost.toNanos();
    lock.lockInterruptibly();
    try {
      while (lines.isEmpty() && !over && left > 0) {
        left = changed.awaitNanos(left);
      }
      byte[] line = lines.poll();
      if (line != null) {
        changed.signalAll();
        return new Taken.Message(line);
      }
      if (failure != null) {
        throw new ConnectionException("the stream broke: " + failure, failure, false);
      }
      return over ? new Taken.End() : new Taken.Quiet();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      over = true;
      lines.clear();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    connection.close();
  }
}
