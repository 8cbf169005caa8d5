package dev.otherix.apiserver.server;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/// The open streams. Looks at each of them every second, so that what a caller showed, and what he
/// may do, ends his streams soon after it ended, also those on which nothing happens. Thread-safe.
final class StreamGuards {
  private static final System.Logger LOG = System.getLogger(StreamGuards.class.getName());
  private static final Duration EVERY = Duration.ofSeconds(1);

  private final Set<GuardedMessages> open = ConcurrentHashMap.newKeySet();

  /// @param timers runs a short task each time
  void start(ScheduledExecutorService timers) {
    // It goes with the timers, and its failures are told where they happen.
    var _ =
        timers.scheduleWithFixedDelay(
            this::check, EVERY.toMillis(), EVERY.toMillis(), TimeUnit.MILLISECONDS);
  }

  void watch(GuardedMessages stream) {
    open.add(stream);
  }

  void forget(GuardedMessages stream) {
    open.remove(stream);
  }

  private void check() {
    for (GuardedMessages each : open) {
      try {
        each.check();
      } catch (RuntimeException e) {
        // The others must be looked at as well, and this one is looked at again.
        LOG.log(System.Logger.Level.ERROR, "a stream's caller was not looked at", e);
      }
    }
  }
}
