package dev.otherix.apiserver.metrics;

import io.prometheus.metrics.core.datapoints.DistributionDataPoint;
import io.prometheus.metrics.core.datapoints.GaugeDataPoint;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.registry.PrometheusRegistry;

/// Who called, and whether he might. Thread-safe and cheap: fed by every request.
public final class AccessMetrics {
  private static final double NANOS_PER_SECOND = 1e9;
  private static final double[] SECONDS = {
    1e-5, 1e-4, .001, .002, .004, .008, .016, .032, .064, .128, .256, .512, 1.024, 2.048
  };

  private final Gauge users;
  private final Outcome identified;
  private final Outcome unidentified;
  private final Outcome allowed;
  private final Outcome denied;

  private record Outcome(Runnable count, DistributionDataPoint seconds) {
    void took(long nanos) {
      count.run();
      seconds.observe(nanos / NANOS_PER_SECOND);
    }
  }

  AccessMetrics(PrometheusRegistry registry) {
    // Counters by what they do. The library would add a suffix that Kubernetes' names lack.
    Gauge attempts =
        gauge(registry, "authentication_attempts", "Who calls: found out or not.", "result");
    users =
        gauge(
            registry,
            "authenticated_user_requests",
            "Requests by the class of who called.",
            "username");
    Histogram finding = histogram(registry, "authentication_duration_seconds", "Finding that out.");
    Counter decisions =
        Counter.builder()
            .name("authorization_attempts_total")
            .help("Decisions.")
            .labelNames("result")
            .withoutExemplars()
            .register(registry);
    Histogram deciding = histogram(registry, "authorization_duration_seconds", "Deciding.");
    identified = identification(attempts, finding, "success");
    unidentified = identification(attempts, finding, "failure");
    allowed = decision(decisions, deciding, "allowed");
    denied = decision(decisions, deciding, "denied");
  }

  private static Outcome identification(Gauge attempts, Histogram seconds, String result) {
    GaugeDataPoint count = attempts.labelValues(result);
    return new Outcome(count::inc, seconds.labelValues(result));
  }

  private static Outcome decision(Counter decisions, Histogram seconds, String result) {
    return new Outcome(decisions.labelValues(result)::inc, seconds.labelValues(result));
  }

  private static Gauge gauge(PrometheusRegistry registry, String name, String help, String label) {
    return Gauge.builder()
        .name(name)
        .help(help)
        .labelNames(label)
        .withoutExemplars()
        .register(registry);
  }

  private static Histogram histogram(PrometheusRegistry registry, String name, String help) {
    return RequestMetrics.histogram(registry, name, help, SECONDS, "result");
  }

  /// It is known who calls.
  public void identified(String user, long nanos) {
    identified.took(nanos);
    users.labelValues(userClass(user)).inc();
  }

  /// What the caller showed is not valid.
  public void unidentified(long nanos) {
    unidentified.took(nanos);
  }

  public void decided(boolean mayDoIt, long nanos) {
    (mayDoIt ? allowed : denied).took(nanos);
  }

  /// A label's values must be few, and people's names are nobody's business here.
  private static String userClass(String user) {
    if (user.startsWith("system:serviceaccount:")) {
      return "system:serviceaccount";
    }
    if (user.startsWith("system:")) {
      return user.equals("system:anonymous") ? user : "system";
    }
    if (user.startsWith("node-")) {
      return "node";
    }
    return user.equals("admin") ? user : user.indexOf('@') >= 0 ? "email_id" : "other";
  }
}
