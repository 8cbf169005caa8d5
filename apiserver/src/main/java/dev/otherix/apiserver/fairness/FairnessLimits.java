package dev.otherix.apiserver.fairness;

import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/// How much is served at once, and how much waits.
///
/// @param seats of each level but the exempt one
/// @param machines the groups of controllers and agents, whose requests are of that level
/// @param queueMax requests of one user that wait in a level
/// @param waitingMax requests of all users that wait in a level
/// @param patience how long one waits before it is refused
public record FairnessLimits(
    Map<Level, Integer> seats,
    Set<String> machines,
    int queueMax,
    int waitingMax,
    Duration patience) {

  /// 600 seats in all, as Kubernetes has by default (400 reading, 200 writing).
  public static final FairnessLimits DEFAULT =
      new FairnessLimits(
          Map.of(Level.SYSTEM, 120, Level.MACHINES, 240, Level.PEOPLE, 200, Level.ANONYMOUS, 40),
          Set.of("system:nodes", "system:serviceaccounts"),
          50,
          1_000,
          Duration.ofSeconds(15));

  public FairnessLimits {
    seats = Map.copyOf(seats);
    machines = Set.copyOf(machines);
    for (Level level : Level.values()) {
      if (level != Level.EXEMPT && seats.getOrDefault(level, 0) < 1) {
        throw new IllegalArgumentException("level " + level.wireName() + " needs a seat");
      }
    }
  }

  /// The same, with one more group of machines.
  public FairnessLimits withMachines(String group) {
    Set<String> more = new HashSet<>(machines);
    more.add(group);
    return new FairnessLimits(seats, more, queueMax, waitingMax, patience);
  }
}
