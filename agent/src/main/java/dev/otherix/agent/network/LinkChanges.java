package dev.otherix.agent.network;

import dev.otherix.agent.network.KernelLinks.Link;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What must be done to the host's devices, as lines for `ip -batch`. Nothing when they are as they
/// should be; and never anything to a device that is not ours.
final class LinkChanges {
  /// A port of which nothing is said is in no VLAN.
  private static final String APART = " vlan_filtering 1 vlan_default_pvid 0";

  private static final int ALIAS_NAME_CHARACTERS_MAX = 200;

  private LinkChanges() {}

  /// @throws NetworkException when the bridge, or its address, is somebody else's
  static List<String> bridge(NetworkPlan plan, KernelLinks links) {
    Link present = links.get(plan.bridge());
    if (!plan.managed()) {
      checkForeign(plan, present);
      return List.of();
    }
    refuseTakenSubnet(plan, links);
    String device = plan.bridge();
    List<String> lines = new ArrayList<>();
    String alias = alias(plan.name());
    if (present == null) {
      lines.add(
          "link add dev "
              + device
              + " address "
              + plan.mac()
              + " type bridge stp_state 0"
              + (plan.vlan() == null ? "" : APART));
    } else if (!present.isBridge()
        || !(present.mac().equals(plan.mac()) || present.alias().equals(alias))) {
      throw new NetworkException(
          "this host has a device "
              + device
              + " that is not ours; remove it, use another bridgeName, or set managed: false");
    } else if (!present.mac().equals(plan.mac())) {
      lines.add("link set dev " + device + " address " + plan.mac());
    }
    if (present == null
        || !present.alias().equals(alias)
        || present.mtu() != plan.mtu()
        || !present.up()) {
      lines.add(
          "link set dev "
              + device
              + " alias "
              + alias
              + " mtu "
              + plan.mtu()
              + " addrgenmode none up");
    }
    if (present != null && plan.vlan() != null && !Integer.valueOf(0).equals(present.pvid())) {
      lines.add("link set dev " + device + " type bridge" + APART);
    } else if (present != null && plan.vlan() == null && present.pvid() != null) {
      lines.add("link set dev " + device + " type bridge vlan_filtering 0 vlan_default_pvid 1");
    }
    NetworkPlan.Served served = plan.served();
    String wanted = served == null ? "" : served.bridgeAddress();
    List<String> addresses = present == null ? List.of() : present.addresses();
    for (String each : addresses) {
      if (!each.equals(wanted)) {
        lines.add("addr del " + each + " dev " + device);
      }
    }
    if (!wanted.isEmpty() && !addresses.contains(wanted)) {
      lines.add("addr add " + wanted + " dev " + device);
    }
    return lines;
  }

  /// A bridge's addresses of IPv6, once it may have any.
  static List<String> sixes(NetworkPlan plan, NetworkPlan.Six six, KernelLinks links) {
    Link present = links.get(plan.bridge());
    List<String> has = present == null ? List.of() : present.sixes();
    List<String> wanted = six.bridgeAddresses();
    List<String> lines = new ArrayList<>();
    for (String each : has) {
      if (!wanted.contains(each)) {
        lines.add("addr del " + each + " dev " + plan.bridge());
      }
    }
    for (String each : wanted) {
      if (!has.contains(each)) {
        lines.add("addr add " + each + " dev " + plan.bridge() + " nodad");
      }
    }
    return lines;
  }

  private static void checkForeign(NetworkPlan plan, @Nullable Link present) {
    if (present == null || !present.isBridge()) {
      throw new NetworkException(
          "this host has no bridge "
              + plan.bridge()
              + ", and network "
              + plan.name()
              + " is not managed; make the bridge, or set managed: true on a new network");
    }
    if (plan.vlan() != null && present.pvid() == null) {
      throw new NetworkException(
          "bridge "
              + plan.bridge()
              + " does not keep VLANs apart, which spec.vlan needs; ip link set dev "
              + plan.bridge()
              + " type bridge vlan_filtering 1, and let its uplink pass VLAN "
              + plan.vlan());
    }
    if (present.mtu() < plan.mtu()) {
      throw new NetworkException(
          "bridge "
              + plan.bridge()
              + " has MTU "
              + present.mtu()
              + ", less than the network's "
              + plan.mtu()
              + "; set spec.mtu to what the bridge has");
    }
  }

  private static void refuseTakenSubnet(NetworkPlan plan, KernelLinks links) {
    NetworkPlan.Served served = plan.served();
    if (served == null) {
      return;
    }
    for (Link each : links.all()) {
      if (each.name().equals(plan.bridge()) || (each.ours() && !each.isMesh())) {
        continue;
      }
      for (String address : each.addresses()) {
        if (Cidr.ofAddress(address).overlaps(served.subnet())) {
          throw new NetworkException(
              "subnet "
                  + served.subnet()
                  + " overlaps with "
                  + address
                  + " of this host's device "
                  + each.name()
                  + "; use another subnet");
        }
      }
    }
  }

  /// What makes a tap what it should be, in the words of `ip`. On a bridge that keeps VLANs apart
  /// it is left down, until it is in the right one.
  static List<String> tap(PortPlan port, NetworkPlan network, Link bridge, KernelLinks links) {
    if (!differs(port, network, bridge, links)) {
      return List.of();
    }
    String device = port.tap();
    List<String> lines = new ArrayList<>();
    if (links.get(device) == null) {
      lines.add("tuntap add dev " + device + " mode tap");
    }
    lines.add(
        "link set dev "
            + device
            + " alias "
            + port.alias()
            + " mtu "
            + tapMtu(network, bridge)
            + " addrgenmode none master "
            + network.bridge()
            + (bridge.pvid() == null ? " up" : " down"));
    return lines;
  }

  /// @param bridge as the host has it now
  static boolean differs(PortPlan port, NetworkPlan network, Link bridge, KernelLinks links) {
    Link present = links.get(port.tap());
    return present == null
        || !present.alias().equals(port.alias())
        || present.mtu() != tapMtu(network, bridge)
        || !present.master().equals(network.bridge())
        || !present.up();
  }

  /// A smaller tap would make the operator's bridge smaller; the guest is told the network's MTU.
  static int tapMtu(NetworkPlan network, Link bridge) {
    return network.managed() ? network.mtu() : bridge.mtu();
  }

  /// An overlay's way to the other nodes, over the mesh and never beside it.
  ///
  /// @throws NetworkException when its device is somebody else's
  static List<String> tunnel(
      NetworkPlan plan, NetworkPlan.Overlay overlay, int self, KernelLinks links) {
    String device = overlay.device();
    Link present = links.get(device);
    if (present != null && !present.isTunnel()) {
      throw new NetworkException(
          "this host has a device " + device + " that is not ours; remove or rename it");
    }
    List<String> lines = new ArrayList<>();
    String local = Cidr.text(self);
    boolean good = present != null && overlay.isLike(present.tunnel(), local);
    if (present != null && !good) {
      lines.add("link del dev " + device);
    }
    if (!good) {
      lines.add(
          "link add dev "
              + device
              + " type vxlan id "
              + overlay.id()
              + " local "
              + local
              + " dev "
              + Mesh.DEVICE
              + " dstport "
              + NetworkPlan.Overlay.PORT
              + " nolearning ttl 64");
    }
    Link kept = good ? present : null;
    if (kept == null
        || !kept.alias().equals(alias(plan.name()))
        || kept.mtu() != plan.mtu()
        || !kept.master().equals(plan.bridge())
        || !kept.up()) {
      lines.add(
          "link set dev "
              + device
              + " alias "
              + alias(plan.name())
              + " mtu "
              + plan.mtu()
              + " addrgenmode none master "
              + plan.bridge()
              + " up");
    }
    KernelLinks.Tunnel tunnel = kept == null ? null : kept.tunnel();
    if (tunnel == null || !tunnel.suppresses()) {
      lines.add(
          "link set dev " + device + " type bridge_slave neigh_suppress on learning off flood off");
    }
    return lines;
  }

  /// Takes away what is ours and no longer wanted: taps that no process has open, bridges that
  /// nothing is connected to any more, tunnels, and the mesh without overlays.
  static List<String> leftovers(HostPlan plan, KernelLinks links) {
    Set<String> wanted = new HashSet<>();
    for (NetworkPlan each : plan.networks().values()) {
      if (each.managed()) {
        wanted.add(each.bridge());
      }
      NetworkPlan.Overlay overlay = each.overlay();
      if (overlay != null) {
        wanted.add(overlay.device());
        wanted.add(Mesh.DEVICE);
      }
    }
    plan.here().forEach(each -> wanted.add(each.tap()));
    List<String> lines = new ArrayList<>();
    Set<String> busy = new HashSet<>();
    for (Link each : links.all()) {
      boolean idleNow = !each.carrier() || each.isTunnel() || each.isMesh();
      boolean goes = each.ours() && !each.isBridge() && idleNow;
      if (goes && !wanted.contains(each.name())) {
        lines.add("link del dev " + each.name());
      } else {
        busy.add(each.master());
      }
    }
    for (Link each : links.all()) {
      boolean idle = !busy.contains(each.name());
      if (each.ours() && each.isBridge() && idle && !wanted.contains(each.name())) {
        lines.add("link del dev " + each.name());
      }
    }
    return lines;
  }

  static String alias(String name) {
    return Link.TAG + name.substring(0, Math.min(name.length(), ALIAS_NAME_CHARACTERS_MAX));
  }
}
