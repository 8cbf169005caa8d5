package dev.otherix.apiserver.health;

import java.util.EnumSet;
import java.util.Set;

/// One thing that must hold.
///
/// @param name as it stands in paths: `ping`, `etcd`, `poststarthook/crd-informer`
/// @param endpoints that ask it
/// @param probe what it asks
public record HealthCheck(String name, Set<Endpoint> endpoints, Probe probe) {
  /// What a probe asks for.
  public enum Endpoint {
    /// Whether the process should go on at all.
    LIVEZ("livez"),
    /// Whether it should get requests.
    READYZ("readyz"),
    /// The old form of both.
    HEALTHZ("healthz");

    private final String word;

    Endpoint(String word) {
      this.word = word;
    }

    String word() {
      return word;
    }
  }

  /// Holds, or throws. Called on several threads at once, often; bounds its own waiting, because
  /// whoever asks gives up after a second or so.
  @FunctionalInterface
  public interface Probe {
    void run() throws Exception;
  }

  public HealthCheck {
    endpoints = Set.copyOf(endpoints);
  }

  /// Asked by every endpoint.
  public static HealthCheck of(String name, Probe probe) {
    return new HealthCheck(name, EnumSet.allOf(Endpoint.class), probe);
  }

  /// Asked for readiness, and by the old form.
  public static HealthCheck ofReadiness(String name, Probe probe) {
    return new HealthCheck(name, EnumSet.of(Endpoint.READYZ, Endpoint.HEALTHZ), probe);
  }
}
