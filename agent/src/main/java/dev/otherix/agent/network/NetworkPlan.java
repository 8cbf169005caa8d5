package dev.otherix.agent.network;

import dev.otherix.schemas.v1.Network;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/// What a network is to be on this host.
///
/// @param managed whether the bridge is ours to make and to remove
/// @param served where the host stands in it, when it serves it at all
record NetworkPlan(String name, String bridge, boolean managed, int mtu, @Nullable Served served) {
  private static final int MTU = 1500;
  private static final int MAC_BYTES = 5;
  private static final String TOP_DOMAIN = ".otherix.internal";

  /// What the host does for the guests.
  ///
  /// @param gateway the host's address
  /// @param nat whether guests reach the outside as this host
  record Served(Cidr subnet, int gateway, boolean nat, boolean dhcp, boolean dns) {
    /// As the bridge has it.
    String bridgeAddress() {
      return Cidr.text(gateway) + "/" + subnet.prefix();
    }
  }

  /// @throws NetworkException when this agent cannot provide it
  static NetworkPlan of(Network network) {
    Network.Spec spec = network.spec();
    String bridge = spec.bridgeName();
    if (spec.type() == Network.Type.OVERLAY || bridge == null) {
      throw new NetworkException(
          "overlay networks cannot be provided by this agent; use a network of type bridge");
    }
    if (spec.vlan() != null) {
      throw new NetworkException(
          "spec.vlan cannot be provided by this agent; leave it out, and give the operator's own"
              + " bridge of that VLAN with managed: false");
    }
    return new NetworkPlan(
        network.metadata().name(),
        bridge,
        spec.managed(),
        spec.mtu() == null ? MTU : spec.mtu(),
        served(spec));
  }

  private static @Nullable Served served(Network.Spec spec) {
    boolean nat = spec.egress() == Network.Egress.NAT;
    boolean dns = spec.dns() == null ? spec.dhcp() : spec.dns();
    if (spec.subnet() == null || !spec.managed() || !(nat || dns || spec.dhcp())) {
      return null;
    }
    Cidr subnet = Cidr.of(spec.subnet());
    int gateway = spec.gateway() == null ? subnet.first() + 1 : Cidr.address(spec.gateway());
    return new Served(subnet, gateway, nat, spec.dhcp(), dns);
  }

  /// The bridge's hardware address: the same for the network's whole life, so that guests keep
  /// finding their gateway; and it tells whose the bridge is.
  String mac() {
    return macOf(name);
  }

  static String macOf(String network) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(network.getBytes(StandardCharsets.UTF_8));
      return "02:" + HexFormat.ofDelimiter(":").formatHex(hash, 0, MAC_BYTES);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  /// Under which guests find each other.
  String domain() {
    return name + TOP_DOMAIN;
  }
}
