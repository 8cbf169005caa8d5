package dev.otherix.controllers.networks;

import static dev.otherix.controllers.cluster.OtherixResources.key;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.apimachinery.client.DeleteOptions;
import dev.otherix.apimachinery.client.ResourceClient;
import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.object.Condition;
import dev.otherix.controllers.Manifests;
import dev.otherix.controllers.TestCluster;
import dev.otherix.controllers.cluster.OtherixResources;
import dev.otherix.controllers.gc.GarbageCollector;
import dev.otherix.controllers.runtime.StatusConditions;
import dev.otherix.schemas.Schemas;
import java.io.IOException;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;

@Tag("slow")
final class NetworkControllersTest {
  private TestCluster cluster;
  private ResourceClient vms;
  private ResourceClient networks;
  private ResourceClient ports;

  @BeforeEach
  void start() throws IOException, InterruptedException {
    cluster = new TestCluster(Schemas.kinds());
    vms = cluster.client().resource(OtherixResources.VMS);
    networks = cluster.client().resource(OtherixResources.NETWORKS);
    ports = cluster.client().resource(OtherixResources.PORTS);
    NetworkController.addTo(cluster.host());
    PortController.addTo(cluster.host());
    GarbageCollector.startOn(cluster.host());
    cluster.host().start();
  }

  @AfterEach
  void stop() {
    cluster.close();
  }

  private void overlay(String name, String subnet) throws InterruptedException {
    networks.create(
        Manifests.object("Network", name, "\"type\": \"overlay\", \"subnet\": \"" + subnet + "\""));
  }

  private String networkReady(String vm) throws InterruptedException {
    return Condition.find(StatusConditions.of(vms.get(key(vm))), "NetworkReady")
        .map(Condition::reason)
        .orElse("");
  }

  private void awaitReason(String vm, String reason) {
    await().atMost(TestCluster.PATIENCE).until(() -> networkReady(vm).equals(reason));
  }

  @Test
  void create_overlays_haveDifferentIdentifiersAndWhatFollows() throws Exception {
    Set<Integer> found = new TreeSet<>();
    for (int i = 0; i < 20; i++) {
      overlay("net" + i, "10.0." + i + ".0/24");
    }
    for (int i = 0; i < 20; i++) {
      String name = "net" + i;
      await()
          .atMost(TestCluster.PATIENCE)
          .until(() -> networks.get(key(name)).path("status").has("vni"));
      found.add(networks.get(key(name)).at("/status/vni").asInt());
    }
    assertEquals(20, found.size());
    ObjectNode one = networks.get(key("net0"));
    assertEquals("otvb" + one.at("/status/vni").asInt(), one.at("/status/bridgeName").asString());
    assertEquals(1390, one.at("/status/mtu").asInt());
  }

  @Test
  void create_bridge_saysGatewayAndWhereItIsReady() throws Exception {
    networks.create(
        Manifests.object(
            "Network",
            "lab",
            """
            "type": "bridge", "bridgeName": "br0", "managed": true, "dhcp": true,
            "subnet": "10.9.0.0/24"
            """));
    ResourceClient nodes = cluster.client().resource(OtherixResources.NODES);
    nodes.create(Manifests.node("n1"));
    nodes.mergePatch(
        key("n1"),
        "status",
        Manifests.status(
            """
            {"networks": [{"name": "lab", "ready": false, "error": "no permission"}]}
            """));
    await()
        .atMost(TestCluster.PATIENCE)
        .until(() ->
            networks
                .get(key("lab"))
                .at("/status/nodes/0/reconciliationError")
                .asString("")
                .equals("no permission"));
    ObjectNode lab = networks.get(key("lab"));
    assertEquals("10.9.0.1", lab.at("/status/gateway").asString());
    assertEquals(
        "NodesFailed",
        Condition.find(StatusConditions.of(lab), "Ready").map(Condition::reason).orElse(""));
  }

  @Test
  void create_networkWithIpv6_hasAPrefix_andItsMachinesAddressesInIt() throws Exception {
    vms.create(
        Manifests.vm(
            "a", "\"nics\": [{\"network\": \"six\", \"macAddress\": \"52:54:00:aa:bb:cc\"}]"));
    networks.create(
        Manifests.object(
            "Network",
            "six",
            "\"type\": \"overlay\", \"subnet\": \"10.0.0.0/24\", \"ipv6\": true"));
    awaitReason("a", "PortsReady");
    String prefix = networks.get(key("six")).at("/status/ipv6Prefix").asString("");
    assertTrue(prefix.startsWith("fd") && prefix.endsWith("::/64"), prefix);
    String address = prefix.replace("::/64", ":5054:ff:feaa:bbcc");
    assertEquals(address, ports.get(key("a-0")).at("/spec/ipv6Address").asString(""));
    assertEquals(address, vms.get(key("a")).at("/status/nics/0/ipv6Address").asString(""));
    assertEquals("10.0.0.1", ports.get(key("a-0")).at("/spec/ipv4Address").asString(""));
  }

  @Test
  void interface_addedAndTakenAway_hasItsPortMeanwhile() throws Exception {
    overlay("lab", "10.0.0.0/24");
    vms.create(Manifests.vm("a", "\"nics\": [{\"network\": \"lab\"}]"));
    awaitReason("a", "PortsReady");
    vms.mergePatch(
        key("a"),
        "",
        Json.parseObject(
            "{\"spec\": {\"nics\": [{\"network\": \"lab\"}, {\"network\": \"lab\"}]}}"));
    await().atMost(TestCluster.PATIENCE).until(() -> ports.find(key("a-1")).isPresent());
    await()
        .atMost(TestCluster.PATIENCE)
        .until(() -> vms.get(key("a")).at("/status/nics").size() == 2);
    vms.mergePatch(
        key("a"), "", Json.parseObject("{\"spec\": {\"nics\": [{\"network\": \"lab\"}]}}"));
    await().atMost(TestCluster.PATIENCE).until(() -> ports.find(key("a-1")).isEmpty());
    await()
        .atMost(TestCluster.PATIENCE)
        .until(() -> vms.get(key("a")).at("/status/nics").size() == 1);
    assertTrue(ports.find(key("a-0")).isPresent());
  }

  @Test
  void create_machineBeforeItsNetwork_getsItsPortsWhenItComes() throws Exception {
    vms.create(
        Manifests.vm(
            "a",
            """
            "nics": [{"network": "lab"},
                     {"network": "lab", "ipv4Address": "10.0.0.9",
                      "macAddress": "52:54:00:aa:bb:cc"}]
            """));
    awaitReason("a", "NetworkNotFound");
    overlay("lab", "10.0.0.0/24");
    awaitReason("a", "PortsReady");
    ObjectNode a = vms.get(key("a"));
    assertEquals("10.0.0.1", a.at("/status/nics/0/ipv4Address").asString());
    assertEquals("10.0.0.9", a.at("/status/nics/1/ipv4Address").asString());
    ObjectNode second = ports.get(key("a-1"));
    assertEquals("52:54:00:aa:bb:cc", second.at("/spec/macAddress").asString());
    assertEquals(1, second.at("/spec/order").asInt());
    ObjectNode bind = Manifests.object("VM", "a", "\"nodeName\": \"n1\"");
    bind.remove("apiVersion");
    bind.remove("kind");
    vms.mergePatch(key("a"), "", bind);
    await()
        .atMost(TestCluster.PATIENCE)
        .until(() -> ports.get(key("a-0")).at("/spec/nodeName").asString("").equals("n1"));
  }

  @Test
  void create_machineWithoutNetwork_isReadyAtOnce() throws Exception {
    vms.create(Manifests.vm("a", ""));
    awaitReason("a", "NoNetwork");
  }

  @Test
  void delete_machineOnAFullNetwork_givesItsAddressToTheNext() throws Exception {
    overlay("tiny", "10.0.0.0/30");
    for (String each : Set.of("a", "b")) {
      vms.create(Manifests.vm(each, "\"network\": \"tiny\""));
      awaitReason(each, "PortsReady");
    }
    vms.create(Manifests.vm("c", "\"network\": \"tiny\""));
    awaitReason("c", "SubnetFull");
    String freed = vms.get(key("a")).at("/status/nics/0/ipv4Address").asString();
    vms.delete(key("a"), DeleteOptions.DEFAULT);
    awaitReason("c", "PortsReady");
    assertEquals(freed, vms.get(key("c")).at("/status/nics/0/ipv4Address").asString());
  }
}
