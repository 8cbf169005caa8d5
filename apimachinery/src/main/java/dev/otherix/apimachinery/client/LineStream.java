package dev.otherix.apimachinery.client;

import java.io.ByteArrayOutputStream;
import java.net.http.HttpResponse.BodySubscriber;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// An answer's body as lines, each when it arrives. Takes bytes off the connection no further ahead
/// of the reader than [#AHEAD_BYTES], so that a slow reader slows the server and fills no memory.
///
/// The lock guards every field. The subscription is called without it, for the connection holds a
/// lock of its own both while it calls us and while we call it.
final class LineStream implements BodySubscriber<LineStream>, MessageSource {
  /// The largest object that a server stores, with room for the event around it.
  static final int LINE_BYTES_MAX = 17 * 1024 * 1024;

  /// So much may wait for the reader before the next bytes are asked for: the connection and the
  /// reader work at the same time.
  private static final int AHEAD_BYTES = 256 * 1024;

  private static final byte[] NOTHING = {};

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Deque<byte[]> lines = new ArrayDeque<>();
  private final ByteArrayOutputStream partial = new ByteArrayOutputStream();
  private Flow.@Nullable Subscription subscription;
  private int waiting;

  /// Whether the subscription was, or is about to be, asked for bytes that have not come.
  private boolean asked;

  private boolean ended;
  private @Nullable Throwable failure;

  @Override
  public CompletionStage<LineStream> getBody() {
    return CompletableFuture.completedFuture(this);
  }

  @Override
  public void onSubscribe(Flow.Subscription given) {
    boolean unwanted;
    boolean more;
    lock.lock();
    try {
      subscription = given;
      unwanted = ended;
      more = wantsMore();
    } finally {
      lock.unlock();
    }
    if (unwanted) {
      given.cancel();
    } else if (more) {
      given.request(1);
    }
  }

  @Override
  public void onNext(List<ByteBuffer> buffers) {
    Flow.Subscription given;
    boolean tooLong;
    boolean more;
    lock.lock();
    try {
      given = subscription;
      asked = false;
      for (ByteBuffer buffer : buffers) {
        split(buffer);
      }
      tooLong = partial.size() > LINE_BYTES_MAX;
      if (tooLong) {
        failure = new IllegalStateException("a message of more than " + LINE_BYTES_MAX + " bytes");
        ended = true;
      }
      more = wantsMore();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    if (given != null && tooLong) {
      given.cancel();
    } else if (given != null && more) {
      given.request(1);
    }
  }

  /// Whether the caller is to ask the subscription, once it has given up the lock.
  private boolean wantsMore() {
    boolean wants = !asked && !ended && waiting < AHEAD_BYTES && subscription != null;
    asked |= wants;
    return wants;
  }

  private void split(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.get(bytes);
    int from = 0;
    for (int i = 0; i < bytes.length; i++) {
      if (bytes[i] == '\n') {
        endLine(bytes, from, i);
        from = i + 1;
      }
    }
    partial.write(bytes, from, bytes.length - from);
  }

  /// @param to where the line ends that began in `partial`, or here
  private void endLine(byte[] bytes, int from, int to) {
    byte[] line;
    if (partial.size() == 0) {
      line = Arrays.copyOfRange(bytes, from, to);
    } else {
      partial.write(bytes, from, to - from);
      line = partial.toByteArray();
      partial.reset();
    }
    if (line.length > 0) {
      waiting += line.length;
      lines.add(line);
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
      endLine(NOTHING, 0, 0);
      ended = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public Taken take(Duration atMost) throws InterruptedException {
    long left = atMost.toNanos();
    byte[] line;
    Flow.Subscription given;
    boolean more;
    lock.lockInterruptibly();
    try {
      while (lines.isEmpty() && !ended && left > 0) {
        left = changed.awaitNanos(left);
      }
      line = lines.poll();
      if (line == null) {
        return nothing();
      }
      waiting -= line.length;
      given = subscription;
      more = wantsMore();
    } finally {
      lock.unlock();
    }
    if (given != null && more) {
      given.request(1);
    }
    return new Taken.Message(line);
  }

  private Taken nothing() {
    if (failure != null) {
      throw new ConnectionException("the stream broke: " + failure, failure, false);
    }
    return ended ? new Taken.End() : new Taken.Quiet();
  }

  @Override
  public void close() {
    Flow.Subscription given;
    lock.lock();
    try {
      lines.clear();
      waiting = 0;
      ended = true;
      given = subscription;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    if (given != null) {
      given.cancel();
    }
  }
}
