package dev.otherix.apiserver.metrics;

import dev.otherix.apiserver.admission.AdmissionMeter;
import dev.otherix.apiserver.admission.Operation;
import io.prometheus.metrics.core.datapoints.DistributionDataPoint;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/// How long admission takes, by part. Thread-safe.
final class AdmissionMetrics implements AdmissionMeter {
  /// Webhooks come and go with their configurations; what comes after so many is not told apart.
  static final int METERS_MAX = 5_000;

  private static final double NANOS_PER_SECOND = 1e9;
  private static final double[] SECONDS = {.005, .025, .1, .5, 1, 2.5, 10, 25};

  private record Labels(
      Part part, String name, String type, Operation operation, boolean rejected) {}

  private final Histogram steps;
  private final Histogram controllers;
  private final Histogram webhooks;
  private final ConcurrentMap<Labels, DistributionDataPoint> meters = new ConcurrentHashMap<>();

  AdmissionMetrics(PrometheusRegistry registry) {
    String[] labels = {"name", "type", "operation", "rejected"};
    this.steps =
        RequestMetrics.histogram(
            registry,
            "apiserver_admission_step_admission_duration_seconds",
            "All mutations, or all validations, of a write.",
            SECONDS,
            "type",
            "operation",
            "rejected");
    this.controllers =
        RequestMetrics.histogram(
            registry,
            "apiserver_admission_controller_admission_duration_seconds",
            "One part of admission.",
            SECONDS,
            labels);
    this.webhooks =
        RequestMetrics.histogram(
            registry,
            "apiserver_admission_webhook_admission_duration_seconds",
            "One question to one webhook.",
            SECONDS,
            labels);
  }

  @Override
  public void took(
      Part part, String name, String type, Operation operation, boolean rejected, long nanos) {
    Labels labels = new Labels(part, name, type, operation, rejected);
    DistributionDataPoint known = meters.get(labels);
    if (known == null) {
      Labels bounded =
          meters.size() < METERS_MAX ? labels : new Labels(part, "", type, operation, rejected);
      known = meters.computeIfAbsent(bounded, this::meter);
    }
    known.observe(nanos / NANOS_PER_SECOND);
  }

  private DistributionDataPoint meter(Labels labels) {
    String operation = labels.operation.name();
    String rejected = Boolean.toString(labels.rejected);
    return switch (labels.part) {
      case STEP -> steps.labelValues(labels.type, operation, rejected);
      case CONTROLLER -> controllers.labelValues(labels.name, labels.type, operation, rejected);
      case WEBHOOK -> webhooks.labelValues(labels.name, labels.type, operation, rejected);
    };
  }
}
