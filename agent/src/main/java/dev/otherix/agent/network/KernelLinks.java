package dev.otherix.agent.network;

import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The network devices of this host at one moment. Of one thread.
final class KernelLinks {
  private final Map<String, Link> byName = new HashMap<>();

  /// @param kind such as `bridge` or `tun`; empty for a device of iron
  /// @param alias a note on the device; ours begin with [#TAG]
  /// @param master the bridge it belongs to; empty for none
  /// @param carrier whether something is connected; of a tap, whether a process has it open
  /// @param addresses such as `10.0.0.1/24`, or `10.0.0.1 peer 10.1.0.0/24`
  /// @param sixes the same of IPv6, with all eight groups
  /// @param tunnel null for what is no VXLAN device
  /// @param pvid the VLAN of ports of which nothing else is said, zero for none; null for what is
  ///   no bridge that keeps VLANs apart
  record Link(
      String name,
      int index,
      String kind,
      String alias,
      String mac,
      int mtu,
      String master,
      boolean up,
      boolean carrier,
      List<String> addresses,
      List<String> sixes,
      @Nullable Tunnel tunnel,
      @Nullable Integer pvid) {
    /// Devices of ours have it in their alias.
    static final String TAG = "otherix:";

    private static final Pattern TAP = Pattern.compile("ot[0-9a-f]{12}");
    private static final Pattern TUNNEL = Pattern.compile("otvx[0-9]+");

    boolean isBridge() {
      return kind.equals("bridge");
    }

    /// The device of the mesh, also when we were interrupted before it was marked.
    boolean isMesh() {
      boolean fits = kind.equals("wireguard") || kind.equals("tun");
      boolean fresh = alias.isEmpty() && !up && addresses.isEmpty();
      return name.equals(Mesh.DEVICE) && fits && (alias.startsWith(TAG) || fresh);
    }

    /// A tunnel of an overlay: only ours run over the mesh.
    boolean isTunnel() {
      return tunnel != null
          && TUNNEL.matcher(name).matches()
          && (alias.startsWith(TAG) || tunnel.device().equals(Mesh.DEVICE));
    }

    /// Whether we made it: a bridge is marked with an alias, a tap with its name too.
    boolean ours() {
      return isBridge()
          ? alias.startsWith(TAG)
          : (kind.equals("tun") && TAP.matcher(name).matches()) || isTunnel() || isMesh();
    }
  }

  /// A VXLAN device.
  ///
  /// @param device that it runs over
  /// @param suppresses whether it is a port of a bridge that answers ARP itself, learns nothing and
  ///   floods nothing unknown
  record Tunnel(
      int id, String local, String device, int port, boolean learns, boolean suppresses) {}

  static KernelLinks of(Collection<Link> all) {
    KernelLinks links = new KernelLinks();
    all.forEach(each -> links.byName.put(each.name(), each));
    return links;
  }

  @Nullable Link get(String name) {
    return byName.get(name);
  }

  /// What was made of a device since.
  void put(Link link) {
    byName.put(link.name(), link);
  }

  Collection<Link> all() {
    return byName.values();
  }
}
