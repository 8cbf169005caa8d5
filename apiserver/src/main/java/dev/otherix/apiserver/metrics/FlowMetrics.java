package dev.otherix.apiserver.metrics;

import dev.otherix.apiserver.fairness.Level;
import dev.otherix.apiserver.fairness.LevelStats;
import io.prometheus.metrics.core.datapoints.DistributionDataPoint;
import io.prometheus.metrics.core.metrics.CounterWithCallback;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;

/// Who waits for whom, by level. What the levels count themselves is read when somebody asks; only
/// the times of waiting are told here. Thread-safe.
final class FlowMetrics {
  private static final String PREFIX = "apiserver_flowcontrol_";
  private static final double NANOS_PER_SECOND = 1e9;
  private static final double[] SEATS = {1, 2, 4, 10, 20};
  private static final double[] WAIT_SECONDS = {0, .005, .02, .05, .1, .2, .5, 1, 2, 5, 10, 15, 30};

  private final PrometheusRegistry registry;
  private final Map<Level, DistributionDataPoint> waits = new EnumMap<>(Level.class);
  private final Map<Level, DistributionDataPoint> estimates = new EnumMap<>(Level.class);

  FlowMetrics(PrometheusRegistry registry) {
    this.registry = registry;
    Histogram waited =
        RequestMetrics.histogram(
            registry,
            PREFIX + "request_wait_duration_seconds",
            "How long requests that had to wait did so.",
            WAIT_SECONDS,
            "priority_level",
            "execute");
    Histogram seats =
        RequestMetrics.histogram(
            registry,
            PREFIX + "work_estimated_seats",
            "How many seats requests were thought to need.",
            SEATS,
            "priority_level",
            "flow_schema");
    for (Level level : Level.values()) {
      estimates.put(level, seats.labelValues(level.wireName(), level.wireName()));
      waits.put(level, waited.labelValues(level.wireName(), "true"));
    }
  }

  /// To be called once.
  void show(Supplier<List<LevelStats>> levels) {
    gauge(levels, "nominal_limit_seats", "Seats of a level.", LevelStats::seats);
    gauge(levels, "current_executing_requests", "Requests in work.", LevelStats::executing);
    gauge(levels, "current_executing_seats", "Seats in use.", LevelStats::seatsInUse);
    gauge(levels, "current_inqueue_requests", "Requests that wait.", LevelStats::waiting);
    CounterWithCallback.builder()
        .name(PREFIX + "dispatched_requests_total")
        .help("Requests begun.")
        .labelNames("priority_level")
        .callback(each ->
            levels
                .get()
                .forEach(level -> each.call((double) level.dispatched(), level.level().wireName())))
        .register(registry);
    rejections(levels);
  }

  private void gauge(
      Supplier<List<LevelStats>> levels,
      String name,
      String help,
      ToLongFunction<LevelStats> value) {
    GaugeWithCallback.builder()
        .name(PREFIX + name)
        .help(help)
        .labelNames("priority_level")
        .callback(each ->
            levels
                .get()
                .forEach(level ->
                    each.call((double) value.applyAsLong(level), level.level().wireName())))
        .register(registry);
  }

  private void rejections(Supplier<List<LevelStats>> levels) {
    CounterWithCallback.builder()
        .name(PREFIX + "rejected_requests_total")
        .help("Requests turned away.")
        .labelNames("priority_level", "reason")
        .callback(each -> {
          for (LevelStats level : levels.get()) {
            String name = level.level().wireName();
            each.call((double) level.rejectedQueueFull(), name, "queue-full");
            each.call((double) level.rejectedTimeOut(), name, "time-out");
            each.call((double) level.rejectedCancelled(), name, "cancelled");
          }
        })
        .register(registry);
  }

  void estimated(Level level, int seats) {
    meter(estimates, level).observe((double) seats);
  }

  void waited(Level level, long nanos) {
    meter(waits, level).observe(nanos / NANOS_PER_SECOND);
  }

  private static DistributionDataPoint meter(
      Map<Level, DistributionDataPoint> meters, Level level) {
    DistributionDataPoint meter = meters.get(level);
    if (meter == null) {
      throw new IllegalStateException("no meter for " + level);
    }
    return meter;
  }
}
