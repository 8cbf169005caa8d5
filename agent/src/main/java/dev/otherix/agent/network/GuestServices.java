package dev.otherix.agent.network;

import dev.otherix.agent.network.KernelLinks.Link;
import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The DHCP and DNS servers of this host, one each for a network that wants them. Of one thread.
final class GuestServices {
  private static final System.Logger LOG = System.getLogger(GuestServices.class.getName());

  private final Upstreams upstreams;
  private final Map<String, DhcpServer> dhcp = new HashMap<>();
  private final Map<String, Advertiser> routers = new HashMap<>();

  /// By the gateway's address, which overlays share.
  private final Map<Integer, DnsServer> dns = new HashMap<>();

  GuestServices(Upstreams upstreams) {
    this.upstreams = upstreams;
  }

  /// Ends what no network wants any more.
  void keepOnly(HostPlan plan) throws InterruptedException {
    Iterator<Map.Entry<String, DhcpServer>> leases = dhcp.entrySet().iterator();
    while (leases.hasNext()) {
      Map.Entry<String, DhcpServer> each = leases.next();
      NetworkPlan.Served served = served(plan, each.getKey());
      if (served == null || !served.dhcp()) {
        each.getValue().stop();
        leases.remove();
      }
    }
    Iterator<Map.Entry<String, Advertiser>> said = routers.entrySet().iterator();
    while (said.hasNext()) {
      Map.Entry<String, Advertiser> each = said.next();
      NetworkPlan network = plan.networks().get(each.getKey());
      if (network == null || network.six() == null) {
        each.getValue().stop();
        said.remove();
      }
    }
    Set<Integer> wanted = new HashSet<>();
    for (NetworkPlan each : plan.networks().values()) {
      NetworkPlan.Served served = each.served();
      if (served != null && served.dns()) {
        wanted.add(served.gateway());
      }
    }
    Iterator<Map.Entry<Integer, DnsServer>> names = dns.entrySet().iterator();
    while (names.hasNext()) {
      Map.Entry<Integer, DnsServer> each = names.next();
      if (!wanted.contains(each.getKey())) {
        close(each.getValue());
        names.remove();
      }
    }
  }

  private static NetworkPlan.@Nullable Served served(HostPlan plan, String network) {
    NetworkPlan found = plan.networks().get(network);
    return found == null ? null : found.served();
  }

  /// @param bridge with the gateway's address on it
  /// @throws NetworkException when guests would not be served
  void dhcp(NetworkPlan network, NetworkPlan.Served served, Link bridge, HostPlan plan)
      throws InterruptedException {
    DhcpLeases leases = DhcpLeases.of(network, served, plan);
    DhcpServer present = dhcp.get(network.name());
    if (present != null && present.alive() && present.device() == bridge.index()) {
      present.use(leases);
    } else {
      if (present != null) {
        dhcp.remove(network.name());
        present.stop();
      }
      dhcp.put(network.name(), DhcpServer.start(bridge.index(), leases));
    }
  }

  /// @param device the bridge's index
  /// @param said what guests are told of IPv6
  /// @throws NetworkException when guests would not be told
  void advertise(String network, int device, Advertisement said) throws InterruptedException {
    Advertiser present = routers.get(network);
    if (present != null && present.alive() && present.device() == device) {
      present.use(said);
    } else {
      if (present != null) {
        routers.remove(network);
        present.stop();
      }
      routers.put(network, Advertiser.start(network, device, said));
    }
  }

  /// @param gateway an address that the host has
  /// @param zones of the networks that have it
  /// @throws NetworkException when guests would not be served
  void dns(int gateway, List<DnsZone> zones) {
    DnsServer present = dns.get(gateway);
    if (present != null) {
      present.use(zones);
    } else {
      dns.put(gateway, DnsServer.start(gateway, zones, upstreams));
    }
  }

  private static void close(DnsServer server) {
    try {
      server.close();
    } catch (IOException e) {
      LOG.log(System.Logger.Level.WARNING, "a DNS socket cannot be closed", e);
    }
  }

  void close() throws InterruptedException {
    for (DhcpServer each : dhcp.values()) {
      each.stop();
    }
    dhcp.clear();
    for (Advertiser each : routers.values()) {
      each.stop();
    }
    routers.clear();
    dns.values().forEach(GuestServices::close);
    dns.clear();
  }
}
