package dev.otherix.apiserver.metrics;

import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.Locale;

/// How the health checks went whenever somebody asked them: the page `/metrics/slis`, apart from
/// the others so that it can be read more often. Thread-safe.
final class HealthMetrics {
  private final Gauge last;
  private final Counter all;

  HealthMetrics(PrometheusRegistry registry) {
    this.last =
        Gauge.builder()
            .name("kubernetes_healthcheck")
            .help("Whether a health check held the last time.")
            .labelNames("name", "type")
            .withoutExemplars()
            .register(registry);
    this.all =
        Counter.builder()
            .name("kubernetes_healthchecks_total")
            .help("How often health checks were asked, by what came of it.")
            .labelNames("name", "type", "status")
            .withoutExemplars()
            .register(registry);
  }

  void asked(String name, String type, boolean holds) {
    String lower = type.toLowerCase(Locale.ROOT);
    last.labelValues(name, lower).set(holds ? 1 : 0);
    all.labelValues(name, lower, holds ? "success" : "error").inc();
  }
}
