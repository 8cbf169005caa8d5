package dev.otherix.apiserver.metrics;

import io.prometheus.metrics.core.datapoints.CounterDataPoint;
import io.prometheus.metrics.core.datapoints.DistributionDataPoint;
import io.prometheus.metrics.core.datapoints.GaugeDataPoint;
import java.util.EnumMap;
import java.util.Map;

/// The meters of all requests that one flow schema assigned to one priority level. Thread-safe.
public final class FlowMeter {
  private static final double NANOS_PER_SECOND = 1e9;

  /// Why a request was turned away.
  public enum Rejection {
    QUEUE_FULL("queue-full"),
    CONCURRENCY_LIMIT("concurrency-limit"),
    TIME_OUT("time-out"),
    CANCELLED("cancelled");

    private final String word;

    Rejection(String word) {
      this.word = word;
    }

    String word() {
      return word;
    }
  }

  private final GaugeDataPoint executing;
  private final GaugeDataPoint queued;
  private final CounterDataPoint dispatched;
  private final DistributionDataPoint waited;
  private final Map<Rejection, CounterDataPoint> rejected;

  FlowMeter(
      GaugeDataPoint executing,
      GaugeDataPoint queued,
      CounterDataPoint dispatched,
      DistributionDataPoint waited,
      Map<Rejection, CounterDataPoint> rejected) {
    this.executing = executing;
    this.queued = queued;
    this.dispatched = dispatched;
    this.waited = waited;
    this.rejected = new EnumMap<>(rejected);
  }

  public void queued() {
    queued.inc();
  }

  public void unqueued() {
    queued.dec();
  }

  /// A request begins after it waited.
  public void began(long waitedNanos) {
    dispatched.inc();
    executing.inc();
    waited.observe(waitedNanos / NANOS_PER_SECOND);
  }

  public void ended() {
    executing.dec();
  }

  public void rejected(Rejection why) {
    CounterDataPoint counter = rejected.get(why);
    if (counter == null) {
      throw new IllegalStateException("no counter for " + why);
    }
    counter.inc();
  }
}
