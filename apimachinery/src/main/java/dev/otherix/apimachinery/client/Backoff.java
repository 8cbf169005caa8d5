package dev.otherix.apimachinery.client;

import java.time.Duration;
import java.util.random.RandomGenerator;

/// How long to wait after failures in a row: doubling, each wait a random half to whole of its
/// step, so that those who failed together do not come back together.
public record Backoff(Duration first, Duration max, RandomGenerator random) {
  private static final int DOUBLINGS_MAX = 30;

  public Backoff {
    if (first.toMillis() < 2 || max.compareTo(first) < 0) {
      throw new IllegalArgumentException("a backoff from " + first + " to " + max);
    }
  }

  /// @param failures at least 1
  public Duration after(int failures) {
    long whole = first.toMillis() << Math.clamp(failures - 1L, 0, DOUBLINGS_MAX);
    long step = whole <= 0 ? max.toMillis() : Math.min(whole, max.toMillis());
    return Duration.ofMillis(step / 2 + random.nextLong(step / 2 + 1));
  }
}
