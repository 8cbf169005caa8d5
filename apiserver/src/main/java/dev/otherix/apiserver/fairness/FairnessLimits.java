package dev.otherix.apiserver.fairness;

import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;

/// How much is served at once, and how much waits.
///
/// @param seats of each level but the exempt one
/// @param queueMax requests of one user that wait in a level
/// @param waitingMax requests of all users that wait in a level
/// @param patience how long one waits before it is refused
public record FairnessLimits(
    Map<Level, Integer> seats, int queueMax, int waitingMax, Duration patience) {

  /// 600 seats in all, as Kubernetes has by default (400 reading, 200 writing).
  public static final FairnessLimits DEFAULT =
      new FairnessLimits(
          Map.of(Level.SYSTEM, 120, Level.MACHINES, 240, Level.PEOPLE, 200, Level.ANONYMOUS, 40),
          50,
          1_000,
          Duration.ofSeconds(15));

  public FairnessLimits {
    seats = Map.copyOf(seats);
    for (Level level : Level.values()) {
      if (level != Level.EXEMPT && seats.getOrDefault(level, 0) < 1) {
        throw new IllegalArgumentException("level " + level.wireName() + " needs a seat");
      }
    }
  }

  /// Another number of seats in all, by the same parts; at least one each.
  public FairnessLimits scaledTo(int total) {
    int now = seats.values().stream().mapToInt(Integer::intValue).sum();
    Map<Level, Integer> scaled = new EnumMap<>(Level.class);
    seats.forEach((level, each) -> scaled.put(level, Math.max(1, each * total / now)));
    return new FairnessLimits(scaled, queueMax, waitingMax, patience);
  }
}
