package dev.otherix.schemas.v1;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.otherix.apimachinery.object.Condition;
import dev.otherix.apimachinery.object.ObjectMeta;
import dev.otherix.apimachinery.object.Time;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A one-time credential with which a host joins the cluster. The schema is
/// `otherix/v1/jointoken.json`; a test holds the two together.
public record JoinToken(ObjectMeta metadata, Spec spec, @Nullable Status status) {
  /// Who may join with it, for how long and how often.
  public record Spec(Kind kind, @Nullable String intendedNodeName, int ttlSeconds, int maxUses) {}

  /// What became of it.
  public record Status(
      @Nullable Long observedGeneration,
      List<Condition> conditions,
      @Nullable String token,
      @Nullable String caFingerprintSHA256,
      @Nullable Time expiresAt,
      @Nullable Integer consumptionCount,
      List<Consumption> consumptions) {
    public Status {
      conditions = conditions == null ? List.of() : List.copyOf(conditions);
      consumptions = consumptions == null ? List.of() : List.copyOf(consumptions);
    }
  }

  /// What joins: a node, a gateway, or a server of the control plane.
  public enum Kind {
    @JsonProperty("node")
    NODE,
    @JsonProperty("gateway")
    GATEWAY,
    @JsonProperty("cluster")
    CLUSTER
  }

  /// One use.
  public record Consumption(
      @Nullable String nodeName, Time consumedAt, @Nullable String sourceIP) {}
}
