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

  static String uid(int number) {
    return String.format(Locale.ROOT, "%012x-0000-0000-0000-000000000000", number)
        .replaceFirst("^(.{8})(.{4})", "$1-$2");
  }

  static String mac(int number) {
    return String.format(Locale.ROOT, "02:00:00:00:00:%02x", number);
  }

  static ObjectNode port(int number, String vm, String network, String address) {
    String more = address.isEmpty() ? "" : "\"ipv4Address\": \"" + address + "\",";
    return Json.parseObject(
        """
        {"apiVersion": "otherix/v1", "kind": "Port",
         "metadata": {"name": "%s-0", "uid": "%s"},
         "spec": {"vmName": "%s", "order": 0, "network": "%s", "macAddress": "%s", %s
           "nodeName": "n1"}}
        """
            .formatted(vm, uid(number), vm, network, mac(number), more));
  }

  static HostPlan plan(List<ObjectNode> networks, List<ObjectNode> ports) {
    List<Network> networkRecords = new ArrayList<>();
    networks.forEach(each -> networkRecords.add(Records.read(each, Network.class)));
    List<Port> portRecords = new ArrayList<>();
    ports.forEach(each -> portRecords.add(Records.read(each, Port.class)));
    return HostPlan.of(networkRecords, portRecords, HostChild.NODE);
  }
}
