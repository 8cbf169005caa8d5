package dev.otherix.apimachinery.meter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

final class ClockOffsetTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

  private static ClockOffset after(long... millisLate) {
    ClockOffset offset = new ClockOffset();
    for (long each : millisLate) {
      offset.heard(NOW, NOW.plusMillis(each));
    }
    return offset;
  }

  @Test
  void fewMessages_sayNothing() {
    assertNull(after(5_000, 5_000, 5_000).value());
    assertFalse(after(5_000, 5_000, 5_000).isWrong());
  }

  @Test
  void lateMessages_areNoWrongClock() {
    assertEquals(Duration.ofMillis(3), after(9_000, 8_000, 3, 7_000).value());
    assertFalse(after(9_000, 8_000, 3, 7_000).isWrong());
  }

  @Test
  void clockThatIsWrong_isFound_eitherWay_andForgottenWhenItIsRight() {
    assertTrue(after(2_100, 2_001, 2_050, 4_000).isWrong());
    assertTrue(after(-2_100, -2_001, 30, 40).isWrong());
    assertFalse(after(-2_100, 1, 2, 3, 4).isWrong());
  }
}
