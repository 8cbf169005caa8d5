package dev.otherix.agent.network;

import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.object.Records;
import dev.otherix.schemas.v1.Network;
import dev.otherix.schemas.v1.Port;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.node.ObjectNode;

/// Objects as the server would have them.
final class Samples {
  private Samples() {}

  /// @param members of the spec, egress and dhcp among them
  static ObjectNode network(String name, String members) {
    return Json.parseObject(
        """
        {"apiVersion": "otherix/v1", "kind": "Network", "metadata": {"name": "%s"},
         "spec": {"type": "bridge", %s}}
        """
            .formatted(name, members));
  }

  static ObjectNode nat(String name, String bridge, String subnet) {
    return network(
        name,
        "\"managed\": true, \"bridgeName\": \"%s\", \"subnet\": \"%s\", \"egress\": \"nat\", \"dhcp\": true"
            .formatted(bridge, subnet));
  }

  /// The same network with IPv6.
  ///
  /// @param prefix its first four groups
  static ObjectNode withIpv6(ObjectNode network, String prefix) {
    ObjectNode copy = network.deepCopy();
    ((ObjectNode) copy.path("spec")).put("ipv6", true);
    ObjectNode status =
        copy.path("status") instanceof ObjectNode present ? present : copy.putObject("status");
    status.put("ipv6Prefix", prefix + "::/64");
    return copy;
  }

  /// The same port on such a network.
  static ObjectNode withIpv6(ObjectNode port, int number, String prefix) {
    ObjectNode copy = port.deepCopy();
    ((ObjectNode) copy.path("spec")).put("ipv6Address", sixOf(number, prefix));
    return copy;
  }

  /// What a guest gives itself.
  static String sixOf(int number, String prefix) {
    return prefix + ":0:ff:fe00:" + Integer.toHexString(number);
  }

  static String uid(int number) {
    return String.format(Locale.ROOT, "%012x-0000-0000-0000-000000000000", number)
        .replaceFirst("^(.{8})(.{4})", "$1-$2");
  }

  static String mac(int number) {
    return String.format(Locale.ROOT, "02:00:00:00:00:%02x", number);
  }

  static ObjectNode port(int number, String vm, String network, String address) {
    return port(number, vm, network, address, HostChild.NODE);
  }

  static ObjectNode overlay(String name, int id, String subnet, String members) {
    ObjectNode network = network(name, "\"subnet\": \"" + subnet + "\"" + members);
    ((ObjectNode) network.path("spec")).put("type", "overlay");
    network
        .putObject("status")
        .put("vni", (long) id)
        .put("bridgeName", "otvb" + id)
        .put("gateway", "169.254.1.1")
        .put("mtu", 1390L);
    return network;
  }

  static ObjectNode rule(String name, String vm, String members) {
    ObjectNode rule =
        Json.parseObject(
            """
            {"apiVersion": "otherix/v1", "kind": "SecurityRule", "metadata": {"name": "%s"},
             "spec": {"vmName": "%s", %s}}
            """
                .formatted(name, vm, members));
    if (!rule.path("spec").has("protocol")) {
      ((ObjectNode) rule.path("spec")).put("protocol", "any");
    }
    return rule;
  }

  /// @param endpoint empty for a node that cannot be reached
  static ObjectNode peer(String node, int number, String key, String endpoint) {
    ObjectNode peer =
        Json.parseObject(
            """
            {"apiVersion": "otherix/v1", "kind": "MeshPeer", "metadata": {"name": "%s"},
             "spec": {"address": "10.42.0.%d/16", "publicKey": "%s"}}
            """
                .formatted(node, number, key));
    if (!endpoint.isEmpty()) {
      ((ObjectNode) peer.path("spec")).put("endpoint", endpoint);
    }
    return peer;
  }

  static ObjectNode port(int number, String vm, String network, String address, String node) {
    String more = address.isEmpty() ? "" : "\"ipv4Address\": \"" + address + "\",";
    return Json.parseObject(
        """
        {"apiVersion": "otherix/v1", "kind": "Port",
         "metadata": {"name": "%s-0", "uid": "%s"},
         "spec": {"vmName": "%s", "order": 0, "network": "%s", "macAddress": "%s", %s
           "nodeName": "%s"}}
        """
            .formatted(vm, uid(number), vm, network, mac(number), more, node));
  }

  static ObjectNode relay(ObjectNode peer) {
    ((ObjectNode) peer.path("spec")).put("relay", true);
    return peer;
  }

  static HostPlan plan(List<ObjectNode> networks, List<ObjectNode> ports) {
    List<Network> networkRecords = new ArrayList<>();
    networks.forEach(each -> networkRecords.add(Records.read(each, Network.class)));
    List<PortPlan> portRecords = new ArrayList<>();
    ports.forEach(each -> portRecords.add(PortPlan.of(Records.read(each, Port.class))));
    return HostPlan.of(
        new HostPlan.Objects(networkRecords, portRecords, List.of(), List.of()), HostChild.NODE);
  }
}
