package dev.otherix.apiserver.metrics;

import io.prometheus.metrics.core.datapoints.DistributionDataPoint;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/// What the store is asked and how long it takes, under the names that dashboards of Kubernetes
/// know: `etcd` stands for whichever engine it is. Thread-safe.
public final class StorageMetrics {
  /// More kinds and operations than any server had so far.
  static final int METERS_MAX = 20_000;

  private static final double NANOS_PER_SECOND = 1e9;
  private static final double[] SECONDS = {
    .005, .025, .05, .1, .2, .4, .6, .8, 1, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45, 60
  };

  private record Labels(String operation, String type) {}

  private final Histogram duration;
  private final Counter errors;
  private final ConcurrentMap<Labels, DistributionDataPoint> meters = new ConcurrentHashMap<>();

  StorageMetrics(PrometheusRegistry registry) {
    this.duration =
        RequestMetrics.histogram(
            registry,
            "etcd_request_duration_seconds",
            "Answers of the store.",
            SECONDS,
            "operation",
            "type");
    this.errors =
        Counter.builder()
            .name("etcd_request_errors_total")
            .help("Failures of the store.")
            .labelNames("operation")
            .withoutExemplars()
            .register(registry);
  }

  /// @param type the objects' prefix, such as `/registry/otherix/vms/`
  public void answered(String operation, String type, long nanos) {
    Labels labels = new Labels(operation, type);
    DistributionDataPoint known = meters.get(labels);
    if (known == null) {
      Labels bounded = meters.size() < METERS_MAX ? labels : new Labels(operation, "");
      known =
          meters.computeIfAbsent(bounded, each -> duration.labelValues(each.operation, each.type));
    }
    known.observe(nanos / NANOS_PER_SECOND);
  }

  public void failed(String operation) {
    errors.labelValues(operation).inc();
  }
}
