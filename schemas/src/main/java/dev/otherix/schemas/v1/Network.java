package dev.otherix.schemas.v1;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.otherix.apimachinery.object.Condition;
import dev.otherix.apimachinery.object.ObjectMeta;
import dev.otherix.apimachinery.object.Time;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A network that machines attach to: a bridge on each node, or an overlay across nodes. The schema
/// is `otherix/v1/network.json`; a test holds the two together.
public record Network(ObjectMeta metadata, Spec spec, @Nullable Status status) {
  /// What the network should be.
  public record Spec(
      Type type,
      @Nullable String bridgeName,
      boolean managed,
      Egress egress,
      @Nullable String subnet,
      @Nullable String gateway,
      List<Range> reserved,
      boolean dhcp,
      @Nullable Boolean dns,
      boolean ipv6,
      @Nullable Integer mtu,
      @Nullable Integer vlan) {
    public Spec {
      reserved = reserved == null ? List.of() : List.copyOf(reserved);
    }
  }

  /// Addresses from the first to the last.
  public record Range(String from, String to) {}

  /// What the network is.
  public record Status(
      @Nullable Long observedGeneration,
      List<Condition> conditions,
      @Nullable Integer vni,
      @Nullable String bridgeName,
      @Nullable String gateway,
      @Nullable String ipv6Prefix,
      @Nullable Integer mtu,
      List<NodeState> nodes) {
    public Status {
      conditions = conditions == null ? List.of() : List.copyOf(conditions);
      nodes = nodes == null ? List.of() : List.copyOf(nodes);
    }
  }

  /// A bridge of the node's own, or an overlay that spans nodes.
  public enum Type {
    @JsonProperty("bridge")
    BRIDGE,
    @JsonProperty("overlay")
    OVERLAY
  }

  /// How machines reach the outside: not at all, or masqueraded as their node.
  public enum Egress {
    @JsonProperty("none")
    NONE,
    @JsonProperty("nat")
    NAT
  }

  /// The network on one node.
  public record NodeState(
      String nodeName,
      ReconciliationStatus reconciliationStatus,
      @Nullable String reconciliationError,
      @Nullable Time lastReconciledAt) {}

  /// Whether the node has what the spec asks for.
  public enum ReconciliationStatus {
    @JsonProperty("pending")
    PENDING,
    @JsonProperty("ready")
    READY,
    @JsonProperty("failed")
    FAILED
  }
}
