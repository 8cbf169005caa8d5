package dev.otherix.agent.network;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.node.ObjectNode;

/// Nodes that are namespaces on one switch, each with the network part of an agent; and guests. The
/// switch has an address too, as the outside.
final class OverlayRig {
  static final String WORLD = "198.51.100.254";

  private final Path folder;
  private final Namespace world;
  private final List<Namespace> guests = new ArrayList<>();
  private final Map<String, Node> nodes = new TreeMap<>();

  /// A node, and its number.
  static final class Node {
    final String name;
    final int number;
    final Namespace host;
    private final Path folder;
    private final String endpoint;
    private HostChild agent;

    private Node(int number, Namespace host, Path folder, String endpoint, HostChild agent) {
      this.name = "n" + number;
      this.number = number;
      this.host = host;
      this.folder = folder;
      this.endpoint = endpoint;
      this.agent = agent;
    }

    HostChild agent() {
      return agent;
    }

    /// As when the agent is killed and started again.
    void restart() throws Exception {
      agent.kill();
      agent = HostChild.start(host, folder, folder.resolve("resolv"), name);
    }

    /// The same with another key.
    void restartWithOtherKey() throws Exception {
      agent.kill();
      Files.delete(folder.resolve("mesh.key"));
      agent = HostChild.start(host, folder, folder.resolve("resolv"), name);
    }

    ObjectNode peer() throws Exception {
      return Samples.peer(name, number, agent.publicKey(), endpoint);
    }

    /// What can be seen of networks in the kernel.
    String kernel() throws Exception {
      return host.run(
          "ip -o link | sed 's/@.*//' | awk '{print $2}' | grep -v ^ot[0-9a-f] | sort;"
              + " ip -4 -o addr | awk '{print $2,$4}' | sort; ip route; nft -s list ruleset;"
              + " cat /proc/sys/net/ipv4/ip_forward; ls /run/wireguard");
    }
  }

  OverlayRig(Path folder) throws Exception {
    this.folder = folder;
    this.world = Namespace.open();
    world.run(
        "ip link add br0 type bridge; ip link set br0 up; ip addr add " + WORLD + "/24 dev br0");
  }

  /// One more node; it knows nothing yet.
  void add(int number) throws Exception {
    Namespace host = Namespace.open();
    host.join("up0", world, "n" + number);
    world.run("ip link set n" + number + " master br0");
    host.run("ip addr add 198.51.100." + number + "/24 dev up0");
    host.run("ip route add default via " + WORLD);
    start(number, host, "198.51.100." + number + ":51820");
  }

  /// One that begins conversations with the others, but not they with it.
  void addHidden(int number) throws Exception {
    Namespace nat = Namespace.open();
    guests.add(nat);
    nat.join("out0", world, "n" + number);
    world.run("ip link set n" + number + " master br0");
    nat.run("ip addr add 198.51.100." + number + "/24 dev out0; ip route add default via " + WORLD);
    Namespace host = Namespace.open();
    host.join("up0", nat, "in0");
    nat.run("ip addr add 192.168.1.1/24 dev in0; echo 1 > /proc/sys/net/ipv4/ip_forward");
    nat.run(
        "nft add table ip t; nft add chain ip t p '{ type nat hook postrouting priority 100; }';"
            + " nft add rule ip t p oifname out0 masquerade");
    host.run("ip addr add 192.168.1.2/24 dev up0; ip route add default via 192.168.1.1");
    start(number, host, "");
  }

  private void start(int number, Namespace host, String endpoint) throws Exception {
    Path own = Files.createDirectory(folder.resolve("n" + number));
    Path resolver = Files.writeString(own.resolve("resolv"), "");
    HostChild agent = HostChild.start(host, own, resolver, "n" + number);
    nodes.put("n" + number, new Node(number, host, own, endpoint, agent));
  }

  Namespace world() {
    return world;
  }

  Node node(int number) {
    Node node = nodes.get("n" + number);
    if (node == null) {
      throw new IllegalArgumentException("no node " + number);
    }
    return node;
  }

  List<ObjectNode> peers(int... numbers) throws Exception {
    List<ObjectNode> peers = new ArrayList<>();
    for (int each : numbers) {
      peers.add(node(each).peer());
    }
    return peers;
  }

  /// Has every node apply the same, and answers what was wrong by node and network.
  Map<String, String> apply(
      List<ObjectNode> networks, List<ObjectNode> ports, List<ObjectNode> peers) throws Exception {
    Map<String, String> wrong = new TreeMap<>();
    for (Node each : nodes.values()) {
      each.agent()
          .apply(networks, ports, peers)
          .forEach((network, error) -> {
            if (!error.isEmpty()) {
              wrong.put(each.name + "/" + network, error);
            }
          });
    }
    return wrong;
  }

  /// A guest with its interface down by DHCP's standards: no address yet.
  Namespace guest(int node, int number) throws Exception {
    Namespace guest = Namespace.open();
    guests.add(guest);
    node(node).host.join(PortPlan.tapOf(Samples.uid(number)), guest, "eth0");
    guest.run("ip link set eth0 address " + Samples.mac(number));
    return guest;
  }

  Namespace guest(int node, int number, String address) throws Exception {
    Namespace guest = guest(node, number);
    guest.run("ip link set eth0 mtu 1390; ip addr add " + address + "/24 dev eth0");
    guest.run("ip route add 169.254.1.1 dev eth0; ip route add default via 169.254.1.1");
    return guest;
  }

  void close() throws Exception {
    for (Namespace each : guests) {
      each.close();
    }
    for (Node each : nodes.values()) {
      each.host.close();
    }
    world.close();
  }
}
