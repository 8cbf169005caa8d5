package dev.otherix.schemas.v1;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.otherix.apimachinery.object.ObjectMeta;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Traffic that a machine may have. The schema is `otherix/v1/securityrule.json`; a test holds the
/// two together.
public record SecurityRule(ObjectMeta metadata, Spec spec) {
  /// What may pass.
  ///
  /// @param ports of whoever is spoken to; empty for all
  /// @param cidrs of the others; empty for everybody
  public record Spec(
      String vmName,
      Direction direction,
      Protocol protocol,
      List<Ports> ports,
      List<String> cidrs) {
    public Spec {
      ports = ports == null ? List.of() : List.copyOf(ports);
      cidrs = cidrs == null ? List.of() : List.copyOf(cidrs);
    }
  }

  /// Who begins a conversation.
  public enum Direction {
    @JsonProperty("ingress")
    INGRESS,
    @JsonProperty("egress")
    EGRESS
  }

  /// Of a packet.
  public enum Protocol {
    @JsonProperty("any")
    ANY,
    @JsonProperty("tcp")
    TCP,
    @JsonProperty("udp")
    UDP,
    @JsonProperty("icmp")
    ICMP
  }

  /// A range.
  ///
  /// @param to null for the first one alone
  public record Ports(int from, @Nullable Integer to) {}
}
