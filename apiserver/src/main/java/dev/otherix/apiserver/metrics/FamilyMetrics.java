package dev.otherix.apiserver.metrics;

import dev.otherix.apimachinery.meter.Durations;
import dev.otherix.apimachinery.meter.Family;
import dev.otherix.apimachinery.meter.Family.Point;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;

/// What others count without a library, read when somebody asks for the metrics.
final class FamilyMetrics implements MultiCollector {
  private static final String COUNTER_SUFFIX = "_total";

  private final Supplier<List<Family>> source;

  FamilyMetrics(Supplier<List<Family>> source) {
    this.source = source;
  }

  @Override
  public MetricSnapshots collect() {
    List<MetricSnapshot> snapshots = new ArrayList<>();
    for (Family each : source.get()) {
      snapshots.add(
          switch (each.type()) {
            case COUNTER -> counter(each);
            case GAUGE -> gauge(each);
            case HISTOGRAM -> histogram(each);
          });
    }
    return new MetricSnapshots(snapshots);
  }

  private static CounterSnapshot counter(Family family) {
    String name = family.name();
    // The library adds it again.
    String base =
        name.endsWith(COUNTER_SUFFIX)
            ? name.substring(0, name.length() - COUNTER_SUFFIX.length())
            : name;
    CounterSnapshot.Builder all = CounterSnapshot.builder().name(base).help(family.help());
    for (Point each : family.points()) {
      all.dataPoint(
          CounterSnapshot.CounterDataPointSnapshot.builder()
              .labels(labels(family, each))
              .value(value(family, each))
              .build());
    }
    return all.build();
  }

  private static GaugeSnapshot gauge(Family family) {
    GaugeSnapshot.Builder all = GaugeSnapshot.builder().name(family.name()).help(family.help());
    for (Point each : family.points()) {
      all.dataPoint(
          GaugeSnapshot.GaugeDataPointSnapshot.builder()
              .labels(labels(family, each))
              .value(value(family, each))
              .build());
    }
    return all.build();
  }

  private static HistogramSnapshot histogram(Family family) {
    HistogramSnapshot.Builder all =
        HistogramSnapshot.builder().name(family.name()).help(family.help());
    for (Point each : family.points()) {
      if (!(each instanceof Point.Distribution(List<String> _, Durations.Snapshot times))) {
        throw new IllegalStateException(family.name() + " has a value that is no distribution");
      }
      double[] bounds = Arrays.copyOf(times.bounds(), times.bounds().length + 1);
      bounds[bounds.length - 1] = Double.POSITIVE_INFINITY;
      all.dataPoint(
          HistogramSnapshot.HistogramDataPointSnapshot.builder()
              .labels(labels(family, each))
              .classicHistogramBuckets(ClassicHistogramBuckets.of(bounds, times.counts()))
              .sum(times.sum())
              .build());
    }
    return all.build();
  }

  private static Labels labels(Family family, Point point) {
    return Labels.of(family.labelNames(), point.labels());
  }

  private static double value(Family family, Point point) {
    return switch (point) {
      case Point.Value(List<String> _, double value) -> value;
      case Point.Distribution _ ->
          throw new IllegalStateException(family.name() + " has a distribution for a value");
    };
  }
}
