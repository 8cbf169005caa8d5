package dev.otherix.apiserver.http;

import dev.otherix.apimachinery.codec.ByteSink;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// A stream that a test feeds.
final class TestStream implements MessageStream {
  private final ConcurrentLinkedQueue<byte[]> messages = new ConcurrentLinkedQueue<>();
  private volatile boolean ended;
  private volatile boolean drained;
  private volatile @Nullable Runnable wakeUp;
  final AtomicInteger closes = new AtomicInteger();
  final AtomicInteger taken = new AtomicInteger();
  final CountDownLatch opened = new CountDownLatch(1);

  void send(String message) {
    messages.add(message.getBytes(StandardCharsets.UTF_8));
    wake();
  }

  void end() {
    ended = true;
    wake();
  }

  boolean drained() {
    return drained;
  }

  private void wake() {
    Runnable now = wakeUp;
    if (now != null) {
      now.run();
    }
  }

  @Override
  public void open(Runnable wakeUp) {
    this.wakeUp = wakeUp;
    opened.countDown();
  }

  @Override
  public Next next(ByteSink sink) {
    boolean last = ended || drained;
    byte[] message = messages.poll();
    if (message == null) {
      return last ? Next.END : Next.LATER;
    }
    taken.incrementAndGet();
    sink.write(message, 0, message.length, true);
    return Next.MESSAGE;
  }

  @Override
  public void drain() {
    drained = true;
  }

  @Override
  public void close() {
    closes.incrementAndGet();
  }
}
