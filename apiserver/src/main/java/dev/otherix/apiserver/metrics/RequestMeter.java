package dev.otherix.apiserver.metrics;

import io.prometheus.metrics.core.datapoints.CounterDataPoint;
import io.prometheus.metrics.core.datapoints.DistributionDataPoint;
import io.prometheus.metrics.core.datapoints.GaugeDataPoint;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/// The meters of all requests that have the same labels. Found once, then kept by whoever handles
/// such requests: recording costs no look-up by labels. Thread-safe.
public final class RequestMeter {
  private static final double NANOS_PER_SECOND = 1e9;

  private record Outcome(int code, boolean dryRun) {}

  private final RequestMetrics metrics;
  private final RequestLabels labels;
  private final ConcurrentMap<Outcome, CounterDataPoint> totals = new ConcurrentHashMap<>();
  private final DistributionDataPoint duration;
  private final DistributionDataPoint withoutWebhooks;
  private final DistributionDataPoint responseSize;
  private final GaugeDataPoint longRunning;

  RequestMeter(RequestMetrics metrics, RequestLabels labels) {
    this.metrics = metrics;
    this.labels = labels;
    String[] values = labels.values();
    duration = metrics.duration.labelValues(RequestMetrics.withDryRun(values, ""));
    withoutWebhooks = metrics.withoutWebhooks.labelValues(values);
    responseSize = metrics.responseSizes.labelValues(values);
    longRunning = metrics.longRunning.labelValues(values);
  }

  /// A request that was answered.
  ///
  /// @param waitedNanos for others than this server, such as admission webhooks
  public void answered(int code, boolean dryRun, long nanos, long waitedNanos, long responseBytes) {
    count(code, dryRun);
    duration.observe(nanos / NANOS_PER_SECOND);
    withoutWebhooks.observe((nanos - waitedNanos) / NANOS_PER_SECOND);
    responseSize.observe((double) responseBytes);
  }

  /// A watch or another stream began; its duration says nothing, so only its number is kept.
  public void streamBegan() {
    longRunning.inc();
  }

  public void streamEnded(int code) {
    longRunning.dec();
    count(code, false);
  }

  private void count(int code, boolean dryRun) {
    int bounded = code >= 100 && code <= 599 ? code : 0;
    totals
        .computeIfAbsent(
            new Outcome(bounded, dryRun),
            outcome -> metrics.total(labels, outcome.code, outcome.dryRun))
        .inc();
  }
}
