package dev.otherix.schemas.v1;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.otherix.apimachinery.object.Condition;
import dev.otherix.apimachinery.object.ObjectMeta;
import dev.otherix.apimachinery.object.Time;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A folder on one or more nodes that holds disks and images. The schema is
/// `otherix/v1/storagepool.json`; a test holds the two together.
public record StoragePool(ObjectMeta metadata, Spec spec, @Nullable Status status) {
  /// Where the pool is.
  public record Spec(Type type, String path, @Nullable String node, List<String> nodeList) {
    public Spec {
      nodeList = nodeList == null ? List.of() : List.copyOf(nodeList);
    }
  }

  /// What the pool is on each node.
  public record Status(
      @Nullable Long observedGeneration,
      List<Condition> conditions,
      @Nullable Boolean isClusterDefault,
      @Nullable Long availableBytes,
      List<Instance> instances) {
    public Status {
      conditions = conditions == null ? List.of() : List.copyOf(conditions);
      instances = instances == null ? List.of() : List.copyOf(instances);
    }
  }

  /// What kind of storage it is.
  public enum Type {
    @JsonProperty("local_dir")
    LOCAL_DIR
  }

  /// The pool on one node.
  public record Instance(
      String nodeName,
      ReconciliationStatus reconciliationStatus,
      @Nullable String reconciliationError,
      @Nullable Time lastReconciledAt,
      @Nullable Long capacityBytes,
      @Nullable Long availableBytes,
      @Nullable Long availableBytesEffective,
      @Nullable Time reportedAt,
      @Nullable Boolean diskPressure) {}

  /// Whether the node has the folder.
  public enum ReconciliationStatus {
    @JsonProperty("pending")
    PENDING,
    @JsonProperty("ready")
    READY,
    @JsonProperty("failed")
    FAILED
  }
}
