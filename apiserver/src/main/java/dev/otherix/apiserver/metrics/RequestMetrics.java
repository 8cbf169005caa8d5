package dev.otherix.apiserver.metrics;

import io.prometheus.metrics.core.datapoints.CounterDataPoint;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.Arrays;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/// The families of meters that every request feeds.
final class RequestMetrics {
  /// More kinds, verbs and scopes than any server had so far; what comes after shares one meter.
  static final int METERS_MAX = 20_000;

  private static final double[] SECONDS = {
    .005, .025, .05, .1, .2, .4, .6, .8, 1, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45, 60
  };
  private static final double[] BYTES = {1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9};
  private static final String[] LABELS = {
    "verb", "group", "version", "resource", "subresource", "scope", "component"
  };

  final Histogram duration;
  final Histogram withoutWebhooks;
  final Histogram responseSizes;
  final Gauge longRunning;
  private final Counter total;
  private final ConcurrentMap<RequestLabels, RequestMeter> meters = new ConcurrentHashMap<>();

  RequestMetrics(PrometheusRegistry registry) {
    total =
        Counter.builder()
            .name("apiserver_request_total")
            .help("Requests answered, by what they were about and the code of the answer.")
            .labelNames(with("dry_run", with("code", LABELS)))
            .withoutExemplars()
            .register(registry);
    duration =
        histogram(
            registry,
            "apiserver_request_duration_seconds",
            "From the request to the end of the answer; streams are not among them.",
            SECONDS,
            with("dry_run", LABELS));
    withoutWebhooks =
        histogram(
            registry,
            "apiserver_request_sli_duration_seconds",
            "The same without the time that others needed, such as admission webhooks.",
            SECONDS,
            LABELS);
    responseSizes =
        histogram(registry, "apiserver_response_sizes", "Bytes of the answers.", BYTES, LABELS);
    longRunning =
        Gauge.builder()
            .name("apiserver_longrunning_requests")
            .help("Streams that are open: watches, logs, consoles.")
            .labelNames(LABELS)
            .withoutExemplars()
            .register(registry);
  }

  /// The one meter of these labels.
  RequestMeter meter(RequestLabels labels) {
    RequestMeter known = meters.get(labels);
    if (known != null) {
      return known;
    }
    RequestLabels bounded = meters.size() < METERS_MAX ? labels : RequestLabels.OTHER;
    return meters.computeIfAbsent(bounded, each -> new RequestMeter(this, each));
  }

  CounterDataPoint total(RequestLabels labels, int code, boolean dryRun) {
    return total.labelValues(
        withDryRun(with(Integer.toString(code), labels.values()), dryRun ? "All" : ""));
  }

  static String[] withDryRun(String[] values, String dryRun) {
    return with(dryRun, values);
  }

  static Histogram histogram(
      PrometheusRegistry registry, String name, String help, double[] bounds, String... labels) {
    return Histogram.builder()
        .name(name)
        .help(help)
        .classicOnly()
        .classicUpperBounds(bounds)
        .labelNames(labels)
        .withoutExemplars()
        .register(registry);
  }

  private static String[] with(String last, String[] values) {
    String[] out = Arrays.copyOf(values, values.length + 1);
    out[values.length] = last;
    return out;
  }
}
