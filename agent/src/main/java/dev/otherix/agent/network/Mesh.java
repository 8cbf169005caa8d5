package dev.otherix.agent.network;

import dev.otherix.agent.network.KernelLinks.Link;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// This node's end of the encrypted mesh: one WireGuard device with every other node as a peer. The
/// kernel's own WireGuard where it has it, else wireguard-go. Of one thread.
final class Mesh {
  static final String DEVICE = "otwg0";

  private static final System.Logger LOG = System.getLogger(Mesh.class.getName());
  private static final int KEEPALIVE_SECONDS = 25;

  /// What WireGuard puts around a packet, over IPv4.
  private static final int OVERHEAD = 60;

  private static final int PEER_KEY = 0;
  private static final int PEER_ADDRESSES = 3;
  private static final int PEER_KEEPALIVE = 7;

  private final Programs programs;
  private final MeshKey key;
  private final int port;

  /// As it was given to WireGuard last.
  private @Nullable String configured;

  /// @param port where peers reach this node, by UDP
  Mesh(Programs programs, MeshKey key, int port) {
    this.programs = programs;
    this.key = key;
    this.port = port;
  }

  /// Makes the mesh what it is to be.
  ///
  /// @param mtu of the mesh's device
  /// @return whether devices of the host changed
  /// @throws NetworkException when overlays cannot run over it
  boolean apply(MeshPlan plan, int mtu, KernelLinks links) throws InterruptedException {
    Integer self = plan.self();
    Cidr whole = plan.whole();
    if (self == null || whole == null) {
      throw new NetworkException(
          "this node has no address in the mesh yet; waiting for the control plane to give it one");
    }
    Link present = links.get(DEVICE);
    if (present != null && !present.isMesh()) {
      throw new NetworkException(
          "this host has a device " + DEVICE + " that is not ours; remove or rename it");
    }
    refuseTaken(whole, links);
    refuseNarrow(plan, mtu, links);
    if (present == null) {
      create();
      configured = null;
    }
    configure(plan);
    List<String> lines = deviceLines(Cidr.text(self) + "/" + whole.prefix(), mtu, present);
    if (!lines.isEmpty()) {
      programs.run(String.join("\n", lines) + "\n", "ip", "-batch", "-");
    }
    return present == null || !lines.isEmpty();
  }

  private static void refuseTaken(Cidr whole, KernelLinks links) {
    for (Link each : links.all()) {
      if (each.ours()) {
        continue;
      }
      for (String address : each.addresses()) {
        if (Cidr.ofAddress(address).overlaps(whole)) {
          throw new NetworkException(
              "the mesh's "
                  + whole
                  + " overlaps with "
                  + address
                  + " of this host's device "
                  + each.name()
                  + "; ClusterSettings.spec.overlaySupernet must be free on every node");
        }
      }
    }
  }

  /// Packets that do not fit the way to other nodes would be lost, the large ones only.
  private static void refuseNarrow(MeshPlan plan, int mtu, KernelLinks links) {
    String own = plan.endpoint().substring(0, Math.max(0, plan.endpoint().indexOf(':')));
    for (Link each : links.all()) {
      boolean uplink = each.addresses().stream().anyMatch(address -> address.startsWith(own + "/"));
      if (plan.open() && uplink && each.mtu() < mtu + OVERHEAD) {
        throw new NetworkException(
            "device "
                + each.name()
                + " has MTU "
                + each.mtu()
                + ", less than the "
                + (mtu + OVERHEAD)
                + " of ClusterSettings.spec.underlayMTU; give the device that MTU");
      }
    }
  }

  private void create() throws InterruptedException {
    try {
      programs.run("", "ip", "link", "add", "dev", DEVICE, "type", "wireguard");
    } catch (NetworkException e) {
      LOG.log(
          System.Logger.Level.INFO,
          "the kernel has no WireGuard; wireguard-go does it: " + e.getMessage());
      programs.run("", "wireguard-go", DEVICE);
    }
  }

  private static List<String> deviceLines(String address, int mtu, @Nullable Link present) {
    List<String> lines = new ArrayList<>();
    List<String> addresses = present == null ? List.of() : present.addresses();
    for (String each : addresses) {
      if (!each.equals(address)) {
        lines.add("addr del " + each + " dev " + DEVICE);
      }
    }
    if (!addresses.contains(address)) {
      lines.add("addr add " + address + " dev " + DEVICE);
    }
    String alias = Link.TAG + "mesh";
    if (present == null
        || !present.alias().equals(alias)
        || present.mtu() != mtu
        || !present.up()) {
      lines.add(
          "link set dev " + DEVICE + " alias " + alias + " mtu " + mtu + " addrgenmode none up");
    }
    return lines;
  }

  /// Peers that roam keep their present endpoints unless the plan has changed.
  private void configure(MeshPlan plan) throws InterruptedException {
    String wanted = text(plan);
    boolean same = wanted.equals(configured);
    if (same && peersOf(plan).equals(presentPeers())) {
      return;
    }
    configured = null;
    programs.run(wanted, "wg", "syncconf", DEVICE, "/dev/stdin");
    configured = wanted;
  }

  private String text(MeshPlan plan) {
    StringBuilder text = new StringBuilder(256);
    text.append("[Interface]\nPrivateKey = ").append(key.secret());
    text.append("\nListenPort = ").append(port).append('\n');
    plan.conversations()
        .forEach((each, behind) -> {
          text.append("[Peer]\nPublicKey = ").append(each.key());
          text.append("\nAllowedIPs = ").append(addresses(behind)).append('\n');
          if (!each.endpoint().isEmpty()) {
            text.append("Endpoint = ").append(each.endpoint()).append('\n');
          }
          if (!plan.open()) {
            // Else the way in through whatever hides this node would close.
            text.append("PersistentKeepalive = ").append(KEEPALIVE_SECONDS).append('\n');
          }
        });
    return text.toString();
  }

  private static String addresses(List<Integer> behind) {
    List<String> all = new ArrayList<>();
    behind.forEach(each -> all.add(Cidr.text(each) + "/32"));
    return inOrder(all);
  }

  private static String inOrder(List<String> addresses) {
    return String.join(",", new TreeSet<>(addresses));
  }

  /// The node itself and its peers, in one line each.
  private Set<String> peersOf(MeshPlan plan) {
    Set<String> all = new TreeSet<>();
    all.add(key.secret() + " " + port);
    String keepalive = plan.open() ? "off" : String.valueOf(KEEPALIVE_SECONDS);
    plan.conversations()
        .forEach((each, behind) -> all.add(each.key() + " " + addresses(behind) + " " + keepalive));
    return all;
  }

  private Set<String> presentPeers() throws InterruptedException {
    Set<String> all = new TreeSet<>();
    for (String line : programs.run("", "wg", "show", DEVICE, "dump").split("\n")) {
      String[] words = line.split("\t", -1);
      all.add(
          words.length > PEER_KEEPALIVE
              ? words[PEER_KEY]
                  + " "
                  + inOrder(List.of(words[PEER_ADDRESSES].split(",")))
                  + " "
                  + words[PEER_KEEPALIVE]
              : words[0] + " " + words[Math.min(2, words.length - 1)]);
    }
    return all;
  }
}
