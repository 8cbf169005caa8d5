package dev.otherix.apimachinery.meter;

import java.util.List;

/// All values of one metric at a moment.
///
/// @param name as people look for it, such as `workqueue_depth`; a counter's ends in `_total`
public record Family(
    String name, String help, Type type, List<String> labelNames, List<Point> points) {
  /// What the values do.
  public enum Type {
    /// Grows only.
    COUNTER,
    GAUGE,
    HISTOGRAM
  }

  /// One value, under the values of the labels.
  public sealed interface Point {
    List<String> labels();

    record Value(List<String> labels, double value) implements Point {}

    record Distribution(List<String> labels, Durations.Snapshot times) implements Point {}
  }

  public Family {
    labelNames = List.copyOf(labelNames);
    points = List.copyOf(points);
  }
}
