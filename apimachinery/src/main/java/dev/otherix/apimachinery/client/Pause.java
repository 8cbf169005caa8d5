package dev.otherix.apimachinery.client;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// Waiting for its own sake, between two attempts. Injected, so that tests need not wait.
@FunctionalInterface
public interface Pause {
  void await(Duration time) throws InterruptedException;

  /// By the machine's clock.
  static Pause real() {
    return time -> {
      if (new CountDownLatch(1).await(time.toNanos(), TimeUnit.NANOSECONDS)) {
        throw new IllegalStateException("a latch that nobody counts down opened");
      }
    };
  }
}
