package dev.otherix.controllers.runtime;

import dev.otherix.apimachinery.meter.Durations;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/// What a controller counts of its reconciles. Thread-safe.
final class ControllerMeter {
  /// Those of controller-runtime.
  private static final double[] SECONDS = {
    .005, .01, .025, .05, .1, .15, .2, .25, .3, .35, .4, .45, .5, .6, .7, .8, .9, 1, 1.25, 1.5,
    1.75, 2, 2.5, 3, 3.5, 4, 4.5, 5, 6, 7, 8, 9, 10, 15, 20, 25, 30, 40, 50, 60
  };

  /// How a reconcile ended.
  enum Outcome {
    SUCCESS("success"),
    REQUEUE_AFTER("requeue_after"),
    REQUEUE("requeue"),
    ERROR("error");

    private final String label;

    Outcome(String label) {
      this.label = label;
    }

    String label() {
      return label;
    }

    static Outcome of(Result result) {
      return switch (result) {
        case Result.Done _ -> SUCCESS;
        case Result.After _ -> REQUEUE_AFTER;
        case Result.Again _ -> REQUEUE;
      };
    }
  }

  private final Map<Outcome, LongAdder> outcomes = new EnumMap<>(Outcome.class);
  private final AtomicLong panics = new AtomicLong();
  private final AtomicLong staleLooks = new AtomicLong();
  private final AtomicInteger active = new AtomicInteger();
  private final Durations times = new Durations(SECONDS);

  ControllerMeter() {
    for (Outcome each : Outcome.values()) {
      outcomes.put(each, new LongAdder());
    }
  }

  void began() {
    active.incrementAndGet();
  }

  void ended(long nanos) {
    active.decrementAndGet();
    times.tookNanos(nanos);
  }

  void count(Outcome outcome) {
    counter(outcome).increment();
  }

  /// It failed with an error that is a mistake in the code.
  void panicked() {
    panics.incrementAndGet();
  }

  void lookedStale() {
    staleLooks.incrementAndGet();
  }

  long of(Outcome outcome) {
    return counter(outcome).sum();
  }

  private LongAdder counter(Outcome outcome) {
    LongAdder counter = outcomes.get(outcome);
    if (counter == null) {
      throw new IllegalStateException("no counter for " + outcome);
    }
    return counter;
  }

  /// Those that ended well.
  long successes() {
    return of(Outcome.SUCCESS) + of(Outcome.REQUEUE_AFTER) + of(Outcome.REQUEUE);
  }

  long panics() {
    return panics.get();
  }

  long staleLooks() {
    return staleLooks.get();
  }

  int active() {
    return active.get();
  }

  Durations.Snapshot times() {
    return times.snapshot();
  }
}
