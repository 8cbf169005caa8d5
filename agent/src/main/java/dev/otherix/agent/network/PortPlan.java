package dev.otherix.agent.network;

import dev.otherix.schemas.v1.Port;
import org.jspecify.annotations.Nullable;

/// An interface of a machine, here or elsewhere.
///
/// @param mac in lower case with colons
/// @param address null where the network assigns none
/// @param six null where the network has no IPv6
/// @param node where its machine is; empty until that is known
record PortPlan(
    String name,
    String uid,
    String vm,
    String network,
    String mac,
    @Nullable Integer address,
    @Nullable Ip6 six,
    String node) {
  private static final int UID_DIGITS = 12;

  static PortPlan of(Port port) {
    Port.Spec spec = port.spec();
    String address = spec.ipv4Address();
    return new PortPlan(
        port.metadata().name(),
        port.metadata().uid(),
        spec.vmName(),
        spec.network(),
        spec.macAddress(),
        address == null ? null : Cidr.address(address),
        spec.ipv6Address() == null ? null : Ip6.of(spec.ipv6Address()),
        spec.nodeName() == null ? "" : spec.nodeName());
  }

  /// Its device on the host where the machine is; found again by nothing but the port.
  String tap() {
    return tapOf(uid);
  }

  static String tapOf(String uid) {
    return "ot" + uid.replace("-", "").substring(0, UID_DIGITS);
  }
}
