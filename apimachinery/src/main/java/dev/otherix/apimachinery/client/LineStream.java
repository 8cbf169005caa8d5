package dev.otherix.apimachinery.client;

import java.io.ByteArrayOutputStream;
import java.net.http.HttpResponse.BodySubscriber;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// An answer's body as lines, each when it arrives. Takes the next bytes off the connection only
/// once all lines are read, so that a slow reader slows the server and fills no memory. The lock
/// guards every field.
final class LineStream implements BodySubscriber<LineStream>, MessageSource {
  /// The largest object that a server stores, with room for the event around it.
  static final int LINE_BYTES_MAX = 17 * 1024 * 1024;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Deque<byte[]> lines = new ArrayDeque<>();
  private final ByteArrayOutputStream partial = new ByteArrayOutputStream();
  private Flow.@Nullable Subscription subscription;
  private boolean ended;
  private @Nullable Throwable failure;

  @Override
  public CompletionStage<LineStream> getBody() {
    return CompletableFuture.completedFuture(this);
  }

  @Override
  public void onSubscribe(Flow.Subscription given) {
    lock.lock();
    try {
      subscription = given;
      if (ended) {
        given.cancel();
      } else {
        given.request(1);
      }
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void onNext(List<ByteBuffer> buffers) {
    lock.lock();
    try {
      for (ByteBuffer buffer : buffers) {
        split(buffer);
      }
      if (partial.size() > LINE_BYTES_MAX) {
        failure = new IllegalStateException("a message of more than " + LINE_BYTES_MAX + " bytes");
        cancel();
      } else if (lines.isEmpty() && subscription != null) {
        subscription.request(1);
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void split(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.get(bytes);
    int from = 0;
    for (int i = 0; i < bytes.length; i++) {
      if (bytes[i] == '\n') {
        partial.write(bytes, from, i - from);
        endLine();
        from = i + 1;
      }
    }
    partial.write(bytes, from, bytes.length - from);
  }

  private void endLine() {
    if (partial.size() > 0) {
      lines.add(partial.toByteArray());
      partial.reset();
    }
  }

  @Override
  public void onError(Throwable thrown) {
    lock.lock();
    try {
      if (!ended) {
        failure = thrown;
        ended = true;
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void onComplete() {
    lock.lock();
    try {
      endLine();
      ended = true;
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
      while (lines.isEmpty() && !ended && left > 0) {
        left = changed.awaitNanos(left);
      }
      byte[] line = lines.poll();
      if (line != null) {
        if (lines.isEmpty() && !ended && subscription != null) {
          subscription.request(1);
        }
        return new Taken.Message(line);
      }
      if (failure != null) {
        throw new ConnectionException("the stream broke: " + failure, failure, false);
      }
      return ended ? new Taken.End() : new Taken.Quiet();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    lock.lock();
    try {
      lines.clear();
      cancel();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void cancel() {
    ended = true;
    if (subscription != null) {
      subscription.cancel();
    }
  }
}
