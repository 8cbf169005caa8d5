package dev.otherix.apimachinery.client;

import dev.otherix.apimachinery.meter.Durations;
import dev.otherix.apimachinery.meter.Family;
import dev.otherix.apimachinery.meter.Family.Point;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.LongAdder;

/// What clients asked and what came of it, under the names that client-go gives it. Shared by all
/// clients that have it in their options. Thread-safe.
public final class ClientMeter {
  private static final double[] SECONDS = {.005, .025, .1, .25, .5, 1, 2, 4, 8, 15, 30, 60};

  /// Where no answer came.
  private static final int NO_ANSWER = 0;

  /// A verb and the code of the answer; there are few of both.
  private record Outcome(String verb, int code) {
    // By hand: for a record's own, Java spins classes in every process, AOT cache or not.
    @Override
    public boolean equals(Object other) {
      return other instanceof Outcome outcome && code == outcome.code && verb.equals(outcome.verb);
    }

    @Override
    public int hashCode() {
      return 31 * verb.hashCode() + code;
    }
  }

  private final ConcurrentMap<Outcome, LongAdder> requests = new ConcurrentHashMap<>();
  private final ConcurrentMap<Outcome, LongAdder> retries = new ConcurrentHashMap<>();
  private final ConcurrentMap<String, Durations> times = new ConcurrentHashMap<>();
  private final ConcurrentMap<String, Durations> waits = new ConcurrentHashMap<>();

  void answered(String verb, int code, long nanos) {
    count(requests, new Outcome(verb, code));
    times.computeIfAbsent(verb, _ -> new Durations(SECONDS)).tookNanos(nanos);
  }

  void unanswered(String verb, long nanos) {
    answered(verb, NO_ANSWER, nanos);
  }

  void repeated(String verb, int code) {
    count(retries, new Outcome(verb, code));
  }

  void paced(String verb, long nanos) {
    waits.computeIfAbsent(verb, _ -> new Durations(SECONDS)).tookNanos(nanos);
  }

  private static void count(ConcurrentMap<Outcome, LongAdder> counters, Outcome outcome) {
    counters.computeIfAbsent(outcome, _ -> new LongAdder()).increment();
  }

  /// @param host that the clients talk to, as the label says it
  public List<Family> families(String host) {
    return List.of(
        counter(
            "rest_client_requests_total",
            "Requests, by the code of the answer; <error> where none came.",
            "method",
            requests,
            host),
        counter(
            "rest_client_request_retries_total",
            "Requests repeated because the server wanted it.",
            "verb",
            retries,
            host),
        histogram(
            "rest_client_request_duration_seconds",
            "From the request to its answer; of a watch, to its beginning.",
            times,
            host),
        histogram(
            "rest_client_rate_limiter_duration_seconds",
            "How long requests waited for the client's own rate limit.",
            waits,
            host));
  }

  private static Family counter(
      String name, String help, String verbLabel, Map<Outcome, LongAdder> counters, String host) {
    List<Point> points = new ArrayList<>();
    counters.forEach((outcome, count) -> {
      String code = outcome.code == NO_ANSWER ? "<error>" : Integer.toString(outcome.code);
      points.add(new Point.Value(List.of(code, outcome.verb, host), (double) count.sum()));
    });
    List<String> labels = List.of("code", verbLabel, "host");
    return new Family(name, help, Family.Type.COUNTER, labels, points);
  }

  private static Family histogram(
      String name, String help, Map<String, Durations> durations, String host) {
    List<Point> points = new ArrayList<>();
    durations.forEach(
        (verb, times) -> points.add(new Point.Distribution(List.of(verb, host), times.snapshot())));
    return new Family(name, help, Family.Type.HISTOGRAM, List.of("verb", "host"), points);
  }
}
