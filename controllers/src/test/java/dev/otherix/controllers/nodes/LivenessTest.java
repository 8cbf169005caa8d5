package dev.otherix.controllers.nodes;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.otherix.schemas.v1.ClusterSettings;
import dev.otherix.schemas.v1.Node;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class LivenessTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final ClusterSettings.Nodes LIMITS = new ClusterSettings.Nodes(90, 390, 180);

  /// Silence in seconds, -1 for no heartbeat ever; recheck in seconds, -1 for none.
  @ParameterizedTest
  @CsvSource({
    ", -1, '', false, PENDING, NoHeartbeat, -1",
    ", 0, '', false, READY, Heartbeat, 90",
    "PENDING, 89, '', false, READY, Heartbeat, 1",
    "READY, 89, '', false, READY, Heartbeat, 1",
    "READY, 90, '', false, UNREACHABLE, HeartbeatLate, 300",
    "PENDING, 90, '', false, UNREACHABLE, HeartbeatLate, 300",
    "READY, 389, '', false, UNREACHABLE, HeartbeatLate, 1",
    "UNREACHABLE, 390, '', false, GONE, HeartbeatLost, -1",
    "READY, 100000, '', false, GONE, HeartbeatLost, -1",
    "UNREACHABLE, 0, '', false, READY, Heartbeat, 90",
    "GONE, 100, '', false, GONE, NotReadmitted, -1",
    "GONE, 0, '', false, READY, Heartbeat, 90",
    "GONE, 0, stranger, false, GONE, NotReadmitted, 90",
    "GONE, 0, stranger, true, READY, Heartbeat, 90",
    "UNREACHABLE, 0, stranger, false, READY, Heartbeat, 90",
  })
  void of_facts_isAsInTheTable(
      Node.@Nullable Phase before,
      int silent,
      String refusal,
      boolean readmitted,
      Node.Phase phase,
      String reason,
      int recheck) {
    Instant heartbeat = silent < 0 ? null : NOW.minusSeconds(silent);
    Liveness liveness =
        Liveness.of(new Liveness.Facts(before, heartbeat, refusal, readmitted), NOW, LIMITS);
    assertEquals(phase, liveness.phase());
    assertEquals(reason, liveness.reason());
    assertEquals(recheck < 0 ? null : Duration.ofSeconds(recheck), liveness.recheck());
  }

  /// Samples of free percent, `-` for a missing one; then whether pressure is on after each.
  @ParameterizedTest
  @CsvSource({
    "9 9 9, 001",
    "9 9 10 9 9 9, 000001",
    "9 - 9 - 9, 00001",
    "9 9 9 - 9 10 9, 0011100",
    "0 0 0 100, 0010",
    "10 10 10, 000",
  })
  void pressure_samples_turnsOnAfterThreeLowOnesAndOffAfterOneGood(String samples, String active) {
    Pressure pressure = Pressure.NONE;
    StringBuilder found = new StringBuilder();
    for (String each : samples.split(" ", -1)) {
      Long free = each.equals("-") ? null : Long.valueOf(each);
      pressure = pressure.after(free, 100L, 10, 3);
      found.append(pressure.active() ? '1' : '0');
    }
    assertEquals(active, found.toString());
  }
}
