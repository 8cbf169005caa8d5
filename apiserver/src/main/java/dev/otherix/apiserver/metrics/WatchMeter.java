package dev.otherix.apiserver.metrics;

import io.prometheus.metrics.core.datapoints.CounterDataPoint;
import io.prometheus.metrics.core.datapoints.DistributionDataPoint;

/// The meters of all watches of one kind. Thread-safe and cheap: called for every event.
public final class WatchMeter {
  private final CounterDataPoint events;
  private final DistributionDataPoint sizes;

  WatchMeter(CounterDataPoint events, DistributionDataPoint sizes) {
    this.events = events;
    this.sizes = sizes;
  }

  public void sent(long bytes) {
    events.inc();
    sizes.observe((double) bytes);
  }
}
