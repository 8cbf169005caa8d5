package dev.otherix.agent.network;

import dev.otherix.agent.network.KernelLinks.Link;
import java.io.IOException;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The DHCP and DNS servers of this host, one each for a network that wants them. Of one thread.
final class GuestServices {
  private static final System.Logger LOG = System.getLogger(GuestServices.class.getName());

  private final Upstreams upstreams;
  private final Map<String, DhcpServer> dhcp = new HashMap<>();
  private final Map<String, DnsServer> dns = new HashMap<>();

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
    Iterator<Map.Entry<String, DnsServer>> names = dns.entrySet().iterator();
    while (names.hasNext()) {
      Map.Entry<String, DnsServer> each = names.next();
      NetworkPlan.Served served = served(plan, each.getKey());
      if (served == null || !served.dns()) {
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
  void serve(NetworkPlan network, NetworkPlan.Served served, Link bridge, HostPlan plan)
      throws InterruptedException {
    if (served.dhcp()) {
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
    if (served.dns()) {
      DnsZone zone = DnsZone.of(network, served, plan);
      DnsServer present = dns.get(network.name());
      if (present != null && present.address() == served.gateway()) {
        present.use(zone);
      } else {
        if (present != null) {
          dns.remove(network.name());
          close(present);
        }
        dns.put(network.name(), DnsServer.start(served.gateway(), zone, upstreams));
      }
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
    dns.values().forEach(GuestServices::close);
    dns.clear();
  }
}
