package dev.otherix.apimachinery.client;

import java.time.Duration;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/// A rate that may be exceeded for a moment: `burst` requests at once, and then as many each second
/// as are allowed, in the order in which they came. Thread-safe; the lock guards the field.
public final class TokenBucket implements Pace {
  private static final double NANOS_PER_SECOND = 1e9;

  private final long nanosPerToken;
  private final long burstNanos;
  private final LongSupplier nanos;
  private final Pause pause;
  private final ReentrantLock lock = new ReentrantLock();

  /// When the bucket will be full again, if nobody comes.
  private long fullAt;

  /// @param nanos a clock that never goes back, such as [System#nanoTime]
  public TokenBucket(double perSecond, int burst, LongSupplier nanos, Pause pause) {
    if (!(perSecond > 0) || burst < 1) {
      throw new IllegalArgumentException(
          "a rate of " + perSecond + " requests a second, " + burst + " at once: both must be > 0");
    }
    this.nanosPerToken = Math.max(1, Math.round(NANOS_PER_SECOND / perSecond));
    this.burstNanos = Math.multiplyExact(nanosPerToken, burst);
    this.nanos = nanos;
    this.pause = pause;
    this.fullAt = nanos.getAsLong();
  }

  /// By the machine's clock.
  public static TokenBucket of(double perSecond, int burst) {
    return new TokenBucket(perSecond, burst, System::nanoTime, Pause.real());
  }

  @Override
  public void await() throws InterruptedException {
    long wait = take();
    if (wait > 0) {
      pause.await(Duration.ofNanos(wait));
    }
  }

  /// Takes a token, perhaps one that is yet to come.
  ///
  /// @return after how many nanoseconds it is there
  private long take() {
    lock.lock();
    try {
      long now = nanos.getAsLong();
      fullAt = (fullAt - now > 0 ? fullAt : now) + nanosPerToken;
      return fullAt - now - burstNanos;
    } finally {
      lock.unlock();
    }
  }
}
