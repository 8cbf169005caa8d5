package dev.otherix.apiserver.inprocess;

import dev.otherix.apimachinery.client.MessageSource;
import dev.otherix.apiserver.http.MessageStream;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/// A server's stream, read as a connection's event loop would: by one at a time, which the lock
/// sees to.
final class InProcessMessages implements MessageSource {
  private final MessageStream stream;
  private final Consumer<InProcessMessages> whenClosed;
  private final Semaphore woken = new Semaphore(0);
  private final ReentrantLock lock = new ReentrantLock();
  private boolean ended;

  InProcessMessages(MessageStream stream, Consumer<InProcessMessages> whenClosed) {
    this.stream = stream;
    this.whenClosed = whenClosed;
    stream.open(woken::release);
  }

  @Override
  public Taken take(Duration atMost) throws InterruptedException {
    long left = atMost.toNanos();
    while (true) {
      // Before the look, so that a wake-up during the look is not lost.
      woken.drainPermits();
      Taken taken = look();
      if (!(taken instanceof Taken.Quiet)) {
        return taken;
      }
      long begin = System.nanoTime();
      if (left <= 0 || !woken.tryAcquire(left, TimeUnit.NANOSECONDS)) {
        return taken;
      }
      left -= System.nanoTime() - begin;
    }
  }

  private Taken look() {
    lock.lock();
    try {
      if (ended) {
        return new Taken.End();
      }
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      return switch (stream.next((bytes, from, length, _) -> out.write(bytes, from, length))) {
        case MESSAGE -> new Taken.Message(out.toByteArray());
        case LATER -> new Taken.Quiet();
        case END -> new Taken.End();
      };
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    lock.lock();
    try {
      if (!ended) {
        ended = true;
        stream.close();
      }
    } finally {
      lock.unlock();
    }
    woken.release();
    whenClosed.accept(this);
  }
}
