package dev.otherix.schemas.v1;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.otherix.apimachinery.object.Condition;
import dev.otherix.apimachinery.object.ObjectMeta;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What holds for the whole cluster. There is one object, named cluster. The schema is
/// `otherix/v1/clustersettings.json`; a test holds the two together.
public record ClusterSettings(ObjectMeta metadata, Spec spec, @Nullable Status status) {
  /// The pool of machines that name none, where `defaultPool` names none either.
  public static final String POOL = "default";

  /// The settings.
  public record Spec(
      @Nullable String defaultPool,
      @Nullable String defaultNetwork,
      List<String> allowedPoolPaths,
      SshIngress sshIngress,
      String overlaySupernet,
      @Nullable String meshRelay,
      VniRange vniRange,
      int underlayMTU,
      Drain drain,
      Nodes nodes,
      Scheduler scheduler) {
    public Spec {
      allowedPoolPaths = allowedPoolPaths == null ? List.of() : List.copyOf(allowedPoolPaths);
    }
  }

  /// The settings in force.
  public record Status(@Nullable Long observedGeneration, List<Condition> conditions) {
    public Status {
      conditions = conditions == null ? List.of() : List.copyOf(conditions);
    }
  }

  /// Logging in to machines through the cluster.
  public record SshIngress(boolean enabled, String suffix) {}

  /// The identifiers of overlay networks.
  public record VniRange(int min, int max) {}

  /// How nodes are emptied.
  public record Drain(int timeoutSeconds, int maxConcurrentMigrations) {}

  /// What happens when, after a node's last heartbeat.
  public record Nodes(
      int unreachableAfterSeconds, int goneAfterSeconds, int selfFenceAfterSeconds) {}

  /// How machines are placed, and how much may be promised.
  public record Scheduler(
      Strategy strategy,
      int cpuOvercommitPercent,
      int memoryOvercommitPercent,
      int diskOvercommitPercent) {}

  /// Which of the nodes that can take a machine is the best.
  public enum Strategy {
    @JsonProperty("resource_aware")
    RESOURCE_AWARE,
    @JsonProperty("least_vm_count")
    LEAST_VM_COUNT
  }
}
