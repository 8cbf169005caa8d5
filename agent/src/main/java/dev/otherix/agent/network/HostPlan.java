package dev.otherix.agent.network;

import dev.otherix.schemas.v1.MeshPeer;
import dev.otherix.schemas.v1.Network;
import dev.otherix.schemas.v1.SecurityRule;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Everything that the host's network is to be.
///
/// @param networks by name
/// @param refused networks that cannot be on this host, with the reason
/// @param here interfaces of machines that are bound to this host
/// @param all interfaces on every host
/// @param mesh of which overlays are made
/// @param rules what machines may have, by the machine's name
record HostPlan(
    Map<String, NetworkPlan> networks,
    Map<String, String> refused,
    List<PortPlan> here,
    List<PortPlan> all,
    MeshPlan mesh,
    Map<String, List<SecurityRule>> rules) {
  /// What the server has.
  record Objects(
      List<Network> networks,
      List<PortPlan> ports,
      List<MeshPeer> peers,
      List<SecurityRule> rules) {}

  /// What VXLAN puts around a frame.
  private static final int TUNNEL_OVERHEAD = 50;

  /// @param node this host
  static HostPlan of(Objects objects, String node) {
    List<Network> oldestFirst = new ArrayList<>(objects.networks());
    oldestFirst.sort(
        Comparator.comparing((Network each) -> String.valueOf(each.metadata().creationTimestamp()))
            .thenComparing(each -> each.metadata().name()));
    Map<String, NetworkPlan> good = new TreeMap<>();
    Map<String, String> refused = new TreeMap<>();
    for (Network each : oldestFirst) {
      String name = each.metadata().name();
      try {
        NetworkPlan plan = NetworkPlan.of(each);
        good.values().forEach(other -> refuseBoth(plan, other));
        good.put(name, plan);
      } catch (NetworkException e) {
        refused.put(name, String.valueOf(e.getMessage()));
      }
    }
    List<PortPlan> all = new ArrayList<>(objects.ports());
    all.sort(Comparator.comparing(PortPlan::name));
    List<PortPlan> here = all.stream().filter(each -> each.node().equals(node)).toList();
    Map<String, List<SecurityRule>> rules = new TreeMap<>();
    for (SecurityRule each : objects.rules()) {
      rules.computeIfAbsent(each.spec().vmName(), _ -> new ArrayList<>()).add(each);
    }
    rules.values().forEach(each -> each.sort(Comparator.comparing(rule -> rule.metadata().name())));
    return new HostPlan(
        good, refused, here, List.copyOf(all), MeshPlan.of(objects.peers(), node), rules);
  }

  /// @throws NetworkException when one host cannot have both
  private static void refuseBoth(NetworkPlan plan, NetworkPlan other) {
    boolean oneManages = plan.managed() || other.managed();
    if (oneManages && plan.bridge().equals(other.bridge())) {
      throw new NetworkException(
          "bridge " + plan.bridge() + " belongs to network " + other.name() + "; use another name");
    }
    NetworkPlan.Served mine = plan.served();
    NetworkPlan.Served its = other.served();
    if (mine != null && its != null && mine.subnet().overlaps(its.subnet())) {
      throw new NetworkException(
          "subnet "
              + mine.subnet()
              + " overlaps with "
              + its.subnet()
              + " of network "
              + other.name()
              + ", and this host serves both; use another subnet");
    }
  }

  /// The network of an interface; null when it cannot be on this host.
  @Nullable NetworkPlan networkOf(PortPlan port) {
    return networks.get(port.network());
  }

  /// What a packet of the mesh may have; zero when no network is an overlay.
  int meshMtu() {
    int mtu = 0;
    for (NetworkPlan each : networks.values()) {
      mtu = each.overlay() == null ? mtu : Math.max(mtu, each.mtu() + TUNNEL_OVERHEAD);
    }
    return mtu;
  }

  boolean hasIpv6() {
    return networks.values().stream().anyMatch(each -> each.six() != null);
  }

  /// Whether guests are to reach the outside by IPv6.
  boolean masqueradesIpv6() {
    return networks.values().stream()
        .map(NetworkPlan::six)
        .anyMatch(each -> each != null && each.nat());
  }

  boolean masquerades() {
    return networks.values().stream()
        .map(NetworkPlan::served)
        .anyMatch(each -> each != null && each.nat());
  }
}
