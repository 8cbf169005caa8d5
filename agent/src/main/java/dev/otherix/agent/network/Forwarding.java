package dev.otherix.agent.network;

import dev.otherix.agent.network.KernelLinks.Link;
import dev.otherix.agent.network.Neighbours.Entry;
import dev.otherix.agent.network.Neighbours.Table;
import java.util.HashSet;
import java.util.Set;

/// Who is where on one overlay: what the kernel is to know, from the Ports of the whole cluster, so
/// that it never has to find out by flooding or learning.
final class Forwarding {
  private Forwarding() {}

  /// What the tables are to have, and nothing else.
  ///
  /// @param tunnel the overlay's VXLAN device
  /// @param bridge that it belongs to
  static Set<Entry> wanted(HostPlan plan, NetworkPlan network, Link tunnel, Link bridge) {
    Set<Entry> wanted = new HashSet<>();
    for (PortPlan each : plan.all()) {
      if (!each.network().equals(network.name())) {
        continue;
      }
      long mac = Long.parseLong(each.mac().replace(":", ""), 16);
      Integer address = each.address();
      if (address != null) {
        wanted.add(new Entry(Table.ARP, bridge.index(), mac, address));
      }
      Ip6 six = each.six();
      if (six != null && network.six() != null) {
        wanted.add(new Entry(Table.NDP, bridge.index(), mac, six));
        wanted.add(new Entry(Table.NDP, bridge.index(), mac, Ip6.linkLocal(each.mac())));
      }
      MeshPlan.Peer peer = plan.mesh().peers().get(each.node());
      if (peer != null) {
        wanted.add(new Entry(Table.TUNNEL, tunnel.index(), mac, peer.address()));
        wanted.add(new Entry(Table.TUNNEL, tunnel.index(), 0, peer.address()));
        wanted.add(new Entry(Table.BRIDGE, tunnel.index(), mac, 0));
      }
    }
    return wanted;
  }

  /// What is too much goes first, so that a machine that moved is never in two places.
  static void apply(Neighbours kernel, Set<Entry> wanted, Neighbours.Place place) {
    Set<Entry> present = kernel.read(place);
    for (Entry each : present) {
      if (!wanted.contains(each)) {
        kernel.remove(each);
      }
    }
    for (Entry each : wanted) {
      if (!present.contains(each)) {
        kernel.add(each);
      }
    }
  }
}
