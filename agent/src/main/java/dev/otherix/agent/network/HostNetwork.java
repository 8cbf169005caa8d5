package dev.otherix.agent.network;

import dev.otherix.agent.network.KernelLinks.Link;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Makes the network of this host what a plan says. It looks at what the kernel has and changes
/// what differs; it remembers nothing that a restart would lose. Of one thread.
final class HostNetwork {
  private static final System.Logger LOG = System.getLogger(HostNetwork.class.getName());

  /// So many taps are made one by one.
  private static final int FEW = 16;

  private final Programs programs;
  private final boolean vlans;
  private final Firewall firewall;
  private final Sysctls sysctls;
  private final GuestServices services;
  private final Mesh mesh;
  private final Netlink netlink = Netlink.open();
  private final Neighbours neighbours = new Neighbours(netlink);
  private final Taps connections = new Taps(netlink);

  /// The devices as they were read last, with what was done since; null when they are to be read.
  private @Nullable KernelLinks known;

  /// @param folder of the agent's own
  /// @param key of this node in the mesh
  /// @param vlans whether the kernel's bridges keep them apart
  HostNetwork(NetworkOptions options, Path folder, MeshKey key, boolean vlans) {
    this.programs = new Programs(options.searchPath());
    this.vlans = vlans;
    this.firewall = new Firewall(programs);
    this.sysctls = new Sysctls(options.sysctls(), folder);
    this.services = new GuestServices(new Upstreams(options.resolver(), System::nanoTime));
    this.mesh = new Mesh(programs, key, options.meshPort());
  }

  /// What came of a plan.
  ///
  /// @param errors by network; empty for one that is as it should be
  /// @param taps devices that machines can use, each with the MTU that its guest is told
  record Outcome(Map<String, String> errors, Map<String, Integer> taps) {}

  /// @param read whether the kernel's devices may be others than at the last look
  Outcome apply(HostPlan plan, boolean read) throws InterruptedException {
    known = read ? null : known;
    Map<String, String> errors = new TreeMap<>(plan.refused());
    Map<String, Integer> taps = new HashMap<>();
    services.keepOnly(plan);
    if (plan.networks().isEmpty()) {
      clear(plan);
      return new Outcome(errors, taps);
    }
    try {
      // First, so that no guest is ever connected without its filter.
      Thread early = makeManyTaps(plan);
      try {
        firewall.apply(Ruleset.of(plan));
      } finally {
        early.join();
      }
      sysctls.forward(plan.masquerades() || plan.mesh().relays());
      boolean out = plan.masqueradesIpv6() && WayOut.byIpv6(netlink, bridgesOf(plan));
      sysctls.forwardIpv6(out);
      mesh(plan, errors);
      KernelLinks links = bridges(plan, out, errors);
      forwarding(plan, links, errors);
      taps(plan, links, errors, taps);
      serve(plan, links, errors);
      advertise(plan, out, links, errors);
      // What became free just now is seen at the next look, which its change brings about.
      removeLeftovers(plan, links);
    } catch (NetworkException e) {
      known = null;
      plan.networks().keySet().forEach(each -> errors.put(each, String.valueOf(e.getMessage())));
    }
    plan.networks().keySet().forEach(each -> errors.putIfAbsent(each, ""));
    return new Outcome(errors, taps);
  }

  /// What goes must be what it was taken for at this moment: a process may have opened it since.
  private void removeLeftovers(HostPlan plan, KernelLinks links) throws InterruptedException {
    if (!LinkChanges.leftovers(plan, links).isEmpty()) {
      known = null;
      batch(LinkChanges.leftovers(plan, links()));
    }
  }

  /// A host that never had a network of ours may lack the programs, or the right to use them.
  private void clear(HostPlan plan) throws InterruptedException {
    try {
      batch(LinkChanges.leftovers(plan, links()));
      firewall.remove();
      sysctls.forward(false);
      sysctls.forwardIpv6(false);
    } catch (NetworkException e) {
      LOG.log(System.Logger.Level.DEBUG, "no networks, and none could be removed", e);
    }
  }

  /// Overlays wait until the mesh is there: a machine that is connected before would speak to
  /// nobody or, worse, to the wrong ones.
  private void mesh(HostPlan plan, Map<String, String> errors) throws InterruptedException {
    int mtu = plan.meshMtu();
    if (mtu == 0) {
      return;
    }
    try {
      if (mesh.apply(plan.mesh(), mtu, links())) {
        known = null;
      }
    } catch (NetworkException e) {
      for (NetworkPlan each : plan.networks().values()) {
        if (each.overlay() != null) {
          errors.put(each.name(), String.valueOf(e.getMessage()));
        }
      }
    }
  }

  /// What the kernel has with all bridges there.
  private KernelLinks bridges(HostPlan plan, boolean out, Map<String, String> errors)
      throws InterruptedException {
    KernelLinks links = links();
    boolean changed = false;
    for (NetworkPlan each : plan.networks().values()) {
      if (errors.containsKey(each.name())) {
        continue;
      }
      try {
        if (each.vlan() != null && !vlans) {
          throw new NetworkException(
              "the kernel's bridges do not keep VLANs apart, which spec.vlan needs; give the node a"
                  + " kernel with CONFIG_BRIDGE_VLAN_FILTERING, or the network a bridge of the"
                  + " operator's that is in VLAN "
                  + each.vlan()
                  + " as a whole, with managed: false and without spec.vlan");
        }
        List<String> lines = new ArrayList<>(LinkChanges.bridge(each, links));
        NetworkPlan.Overlay overlay = each.overlay();
        Integer self = plan.mesh().self();
        if (overlay != null && self != null) {
          lines.addAll(LinkChanges.tunnel(each, overlay, self, links));
        }
        changed |= !lines.isEmpty();
        batch(lines);
        if (each.managed()) {
          NetworkPlan.Served served = each.served();
          sysctls.bridge(each.bridge(), served != null && served.isAnycast());
          NetworkPlan.Six six = each.six();
          sysctls.ipv6(each.bridge(), six != null, six != null && six.nat() && out);
          List<String> sixes = six == null ? List.of() : LinkChanges.sixes(each, six, links);
          changed |= !sixes.isEmpty();
          batch(sixes);
        }
      } catch (NetworkException e) {
        errors.put(each.name(), String.valueOf(e.getMessage()));
      }
    }
    known = changed ? null : known;
    return links();
  }

  private void forwarding(HostPlan plan, KernelLinks links, Map<String, String> errors) {
    for (NetworkPlan each : plan.networks().values()) {
      NetworkPlan.Overlay overlay = each.overlay();
      Link tunnel = overlay == null ? null : links.get(overlay.device());
      Link bridge = links.get(each.bridge());
      if (tunnel != null && bridge != null && !errors.containsKey(each.name())) {
        try {
          Forwarding.apply(
              neighbours,
              Forwarding.wanted(plan, each, tunnel, bridge),
              new Neighbours.Place(tunnel.index(), bridge.index(), each.six() != null));
        } catch (NetworkException e) {
          errors.put(each.name(), String.valueOf(e.getMessage()));
        }
      }
    }
  }

  private void taps(
      HostPlan plan, KernelLinks links, Map<String, String> errors, Map<String, Integer> taps)
      throws InterruptedException {
    Map<String, List<PortPlan>> changes = new TreeMap<>();
    for (PortPlan each : plan.here()) {
      NetworkPlan network = plan.networkOf(each);
      Link bridge = network == null ? null : links.get(network.bridge());
      if (network == null || bridge == null || errors.containsKey(network.name())) {
        continue;
      }
      taps.put(each.tap(), network.mtu());
      if (LinkChanges.differs(each, network, bridge, links)) {
        changes.computeIfAbsent(network.name(), _ -> new ArrayList<>()).add(each);
      }
    }
    for (NetworkPlan each : plan.networks().values()) {
      List<PortPlan> ports = changes.getOrDefault(each.name(), List.of());
      Link bridge = links.get(each.bridge());
      try {
        if (!ports.isEmpty()) {
          connect(ports, each, links);
        }
        if (bridge != null && bridge.pvid() != null && !errors.containsKey(each.name())) {
          tag(plan, each, bridge, ports);
        }
      } catch (NetworkException e) {
        errors.put(each.name(), String.valueOf(e.getMessage()));
        plan.here().stream()
            .filter(port -> port.network().equals(each.name()))
            .forEach(port -> taps.remove(port.tap()));
      }
    }
  }

  /// @param bridge one that keeps VLANs apart
  /// @param down ports that wait for it
  private void tag(HostPlan plan, NetworkPlan network, Link bridge, List<PortPlan> down)
      throws InterruptedException {
    List<String> taps = new ArrayList<>();
    for (PortPlan each : plan.here()) {
      if (each.network().equals(network.name())) {
        taps.add(each.tap());
      }
    }
    List<String> lines = Vlans.lines(network, bridge, taps, Vlans.read(netlink));
    if (!lines.isEmpty()) {
      programs.run(String.join("\n", lines) + "\n", "bridge", "-batch", "-");
    }
    List<String> up = new ArrayList<>();
    down.forEach(each -> up.add("link set dev " + each.tap() + " up"));
    batch(up);
  }

  /// Few by the kernel's own calls, which begin at once; many by a program, which runs beside us.
  private void connect(List<PortPlan> ports, NetworkPlan network, KernelLinks links)
      throws InterruptedException {
    Link bridge = Objects.requireNonNull(links.get(network.bridge()));
    if (ports.size() > FEW || bridge.pvid() != null) {
      List<String> lines = new ArrayList<>();
      ports.forEach(each -> lines.addAll(LinkChanges.tap(each, network, bridge, links)));
      batch(lines);
    } else {
      for (PortPlan each : ports) {
        connections.connect(each, network, bridge, links);
        links.put(Taps.asConnected(each, network, bridge));
      }
    }
  }

  private void serve(HostPlan plan, KernelLinks links, Map<String, String> errors)
      throws InterruptedException {
    Map<Integer, Map<String, DnsZone>> zones = new TreeMap<>();
    for (NetworkPlan each : plan.networks().values()) {
      NetworkPlan.Served served = each.served();
      Link bridge = links.get(each.bridge());
      if (served == null || bridge == null || errors.containsKey(each.name())) {
        continue;
      }
      if (served.dns()) {
        zones
            .computeIfAbsent(served.gateway(), _ -> new TreeMap<>())
            .put(each.name(), DnsZone.of(each, served, plan));
      }
      if (served.dhcp()) {
        try {
          services.dhcp(each, served, bridge, plan);
        } catch (NetworkException e) {
          errors.put(each.name(), String.valueOf(e.getMessage()));
        }
      }
    }
    for (Map.Entry<Integer, Map<String, DnsZone>> each : zones.entrySet()) {
      try {
        services.dns(each.getKey(), List.copyOf(each.getValue().values()));
      } catch (NetworkException e) {
        each.getValue().keySet().forEach(name -> errors.put(name, String.valueOf(e.getMessage())));
      }
    }
  }

  private Set<Integer> bridgesOf(HostPlan plan) {
    KernelLinks links = links();
    Set<Integer> ours = new HashSet<>();
    for (NetworkPlan each : plan.networks().values()) {
      Link bridge = each.managed() ? links.get(each.bridge()) : null;
      if (bridge != null) {
        ours.add(bridge.index());
      }
    }
    return ours;
  }

  private void advertise(HostPlan plan, boolean out, KernelLinks links, Map<String, String> errors)
      throws InterruptedException {
    for (NetworkPlan each : plan.networks().values()) {
      NetworkPlan.Six six = each.six();
      Link bridge = links.get(each.bridge());
      if (six == null || bridge == null || errors.containsKey(each.name())) {
        continue;
      }
      try {
        services.advertise(
            each.name(),
            bridge.index(),
            new Advertisement(six.prefix(), each.mac(), each.mtu(), six.nat() && out));
      } catch (NetworkException e) {
        errors.put(each.name(), String.valueOf(e.getMessage()));
      }
    }
  }

  /// The host's devices.
  KernelLinks links() {
    KernelLinks now = known;
    if (now == null) {
      now = LinkReader.read(netlink);
      known = now;
    }
    return now;
  }

  /// Devices for many guests take as long as the packet filter, and nothing can pass by them before
  /// they are connected; what fails here is seen, and told, when they are.
  private Thread makeManyTaps(HostPlan plan) {
    List<String> lines = new ArrayList<>();
    for (PortPlan each : plan.here()) {
      if (plan.networkOf(each) != null && links().get(each.tap()) == null) {
        lines.add("tuntap add dev " + each.tap() + " mode tap");
      }
    }
    boolean many = lines.size() > FEW;
    known = many ? null : known;
    return Thread.ofVirtual()
        .name("many-taps")
        .start(() -> {
          try {
            if (many) {
              programs.run(String.join("\n", lines) + "\n", "ip", "-batch", "-");
            }
          } catch (NetworkException | InterruptedException e) {
            LOG.log(System.Logger.Level.DEBUG, "many taps are not there yet", e);
          }
        });
  }

  /// Has the machine's security rules let one conversation of the host with it pass.
  void letThrough(HostPlan plan, PortPlan port, int guestPort, int own, int ownPort)
      throws InterruptedException {
    if (plan.rules().containsKey(port.vm())) {
      firewall.change(Guards.conversation(port.tap(), own, guestPort, ownPort));
    }
  }

  private void batch(List<String> lines) throws InterruptedException {
    if (!lines.isEmpty()) {
      known = null;
      programs.run(String.join("\n", lines) + "\n", "ip", "-batch", "-");
    }
  }

  /// Stops serving guests; devices and filters stay, and machines go on.
  void close() throws InterruptedException {
    services.close();
    netlink.close();
  }
}
