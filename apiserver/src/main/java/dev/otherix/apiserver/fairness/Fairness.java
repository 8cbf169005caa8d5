package dev.otherix.apiserver.fairness;

import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apiserver.auth.Caller;
import dev.otherix.apiserver.http.WouldWait;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ObjLongConsumer;
import java.util.random.RandomGenerator;

/// Decides which requests are served now, which wait and which are told to come back. Thread-safe.
public final class Fairness {
  /// Clients that were refused together must not come back together.
  private static final int RETRY_SECONDS_MAX = 4;

  private final Set<String> machines;
  private final Map<Level, LevelQueues> levels = new EnumMap<>(Level.class);

  /// @param random must be thread-safe
  /// @param waited told how long each request waited that had to, in nanoseconds
  public Fairness(FairnessLimits limits, RandomGenerator random, ObjLongConsumer<Level> waited) {
    this.machines = limits.machines();
    for (Level level : Level.values()) {
      levels.put(
          level,
          new LevelQueues(
              level,
              limits,
              () -> random.nextInt(1, RETRY_SECONDS_MAX + 1),
              nanos -> waited.accept(level, nanos)));
    }
  }

  /// Waits for its turn, not longer than the limit.
  ///
  /// @throws ApiException 429 with Retry-After: nothing has happened, so the client may repeat
  ///   whatever it was
  /// @throws WouldWait when it has to wait and may not
  public Ticket admit(Caller caller, RequestTraits traits, boolean mayWait)
      throws InterruptedException {
    Level level = traits.probe() ? Level.EXEMPT : Level.of(caller, machines);
    return queues(level).admit(caller.name(), traits.seats(), mayWait);
  }

  public List<LevelStats> stats() {
    List<LevelStats> all = new ArrayList<>();
    levels.values().forEach(each -> all.add(each.stats()));
    return all;
  }

  LevelQueues queues(Level level) {
    LevelQueues queues = levels.get(level);
    if (queues == null) {
      throw new IllegalStateException("no queues for " + level);
    }
    return queues;
  }
}
