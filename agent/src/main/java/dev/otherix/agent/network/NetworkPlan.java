package dev.otherix.agent.network;

import dev.otherix.schemas.v1.Network;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a network is to be on this host.
///
/// @param vlan in which machines are; null for none
/// @param managed whether the bridge is ours to make and to remove
/// @param overlay null for a bridge of this host alone
/// @param six how it has IPv6; null when it has none
/// @param served where the host stands in it, when it serves it at all
record NetworkPlan(
    String name,
    String bridge,
    boolean managed,
    int mtu,
    @Nullable Integer vlan,
    @Nullable Six six,
    @Nullable Served served,
    @Nullable Overlay overlay) {
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
      return Cidr.text(gateway) + (isAnycast() ? " peer " + subnet : "/" + subnet.prefix());
    }

    /// Whether the gateway's address is the same on every node, and no guest's neighbour.
    boolean isAnycast() {
      return !subnet.contains(gateway);
    }
  }

  /// What the host does for the guests by IPv6: it is their router, the same on every node.
  ///
  /// @param prefix of their addresses, 64 bits of it
  /// @param nat whether guests reach the outside as this host, if this host does
  record Six(Ip6 prefix, boolean nat) {
    static final int BITS = 64;

    /// The host's own address in the prefix.
    Ip6 own() {
      return new Ip6(prefix.high(), 1);
    }

    /// As the bridge has them.
    List<String> bridgeAddresses() {
      return List.of(Ip6.GATEWAY + "/" + BITS, own() + "/" + BITS);
    }
  }

  /// How a network spans nodes.
  ///
  /// @param id of its packets
  record Overlay(int id) {
    static final int PORT = 4789;

    /// The device through which they go.
    String device() {
      return "otvx" + id;
    }

    /// Whether a device's fixed properties are right.
    boolean isLike(KernelLinks.@Nullable Tunnel present, String local) {
      return present != null
          && present.id() == id
          && present.local().equals(local)
          && present.device().equals(Mesh.DEVICE)
          && present.port() == PORT
          && !present.learns();
    }
  }

  /// @throws NetworkException when this agent cannot provide it
  static NetworkPlan of(Network network) {
    Network.Spec spec = network.spec();
    if (spec.type() == Network.Type.OVERLAY) {
      return overlay(network);
    }
    String bridge = spec.bridgeName();
    if (bridge == null) {
      throw new NetworkException("spec.bridgeName is missing; make the network anew with it");
    }
    return new NetworkPlan(
        network.metadata().name(),
        bridge,
        spec.managed(),
        spec.mtu() == null ? MTU : spec.mtu(),
        spec.vlan(),
        six(network),
        served(spec),
        null);
  }

  private static NetworkPlan overlay(Network network) {
    Network.Status status = network.status();
    if (status == null
        || status.vni() == null
        || status.bridgeName() == null
        || status.gateway() == null
        || status.mtu() == null) {
      throw new NetworkException(
          "it has no identifier yet; waiting for the control plane to give it one");
    }
    Network.Spec spec = network.spec();
    boolean nat = spec.egress() == Network.Egress.NAT;
    boolean dns = spec.dns() == null ? spec.dhcp() : spec.dns();
    boolean serves = nat || dns || spec.dhcp();
    Served served =
        serves && spec.subnet() != null
            ? new Served(
                Cidr.of(spec.subnet()), Cidr.address(status.gateway()), nat, spec.dhcp(), dns)
            : null;
    return new NetworkPlan(
        network.metadata().name(),
        status.bridgeName(),
        true,
        status.mtu(),
        null,
        six(network),
        served,
        new Overlay(status.vni()));
  }

  private static @Nullable Six six(Network network) {
    if (!network.spec().ipv6()) {
      return null;
    }
    String prefix = network.status() == null ? null : network.status().ipv6Prefix();
    if (prefix == null) {
      throw new NetworkException(
          "it has no prefix of IPv6 yet; waiting for the control plane to give it one");
    }
    return new Six(
        Ip6.of(prefix.substring(0, prefix.indexOf('/'))),
        network.spec().egress() == Network.Egress.NAT);
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
