package dev.otherix.schemas.v1;

import dev.otherix.apimachinery.object.Condition;
import dev.otherix.apimachinery.object.ObjectMeta;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One interface of one machine on one network: its addresses and the node where they are. Made by
/// the network controller; agents forward by it. The schema is `otherix/v1/port.json`; a test holds
/// the two together.
public record Port(ObjectMeta metadata, Spec spec, @Nullable Status status) {
  /// The interface.
  public record Spec(
      String vmName,
      int order,
      String network,
      String macAddress,
      @Nullable String ipv4Address,
      @Nullable String ipv6Address,
      @Nullable String nodeName) {}

  /// The interface as it is.
  public record Status(@Nullable Long observedGeneration, List<Condition> conditions) {
    public Status {
      conditions = conditions == null ? List.of() : List.copyOf(conditions);
    }
  }
}
