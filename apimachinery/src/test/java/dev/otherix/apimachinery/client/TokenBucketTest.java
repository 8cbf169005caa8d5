package dev.otherix.apimachinery.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class TokenBucketTest {
  private final List<Long> waits = new ArrayList<>();
  private long now = 5_000_000_000L;

  /// Waiting passes the time, as in the world.
  private TokenBucket bucket(double perSecond, int burst) {
    return new TokenBucket(
        perSecond,
        burst,
        () -> now,
        time -> {
          waits.add(time.toMillis());
          now += time.toNanos();
        });
  }

  private static void take(TokenBucket bucket, int times) throws InterruptedException {
    for (int i = 0; i < times; i++) {
      bucket.await();
    }
  }

  @Test
  void burst_goesAtOnce_thenAtTheRate() throws InterruptedException {
    TokenBucket bucket = bucket(10, 3);
    take(bucket, 3);
    assertEquals(List.of(), waits);
    take(bucket, 4);
    assertEquals(List.of(100L, 100L, 100L, 100L), waits);
  }

  @Test
  void pause_fillsTheBucket_butNeverAboveTheBurst() throws InterruptedException {
    TokenBucket bucket = bucket(10, 2);
    take(bucket, 2);
    now += Duration.ofHours(1).toNanos();
    take(bucket, 2);
    assertEquals(List.of(), waits);
    take(bucket, 1);
    assertEquals(List.of(100L), waits);
  }

  @Test
  void everyWindow_holdsTheRate() throws InterruptedException {
    TokenBucket bucket = bucket(50, 5);
    long begin = now;
    take(bucket, 505);
    assertEquals(Duration.ofSeconds(10), Duration.ofNanos(now - begin));
  }

  @Test
  void rate_ofNothing_isRefused() {
    assertThrows(IllegalArgumentException.class, () -> TokenBucket.of(0, 1));
    assertThrows(IllegalArgumentException.class, () -> TokenBucket.of(Double.NaN, 1));
    assertThrows(IllegalArgumentException.class, () -> TokenBucket.of(1, 0));
  }
}
