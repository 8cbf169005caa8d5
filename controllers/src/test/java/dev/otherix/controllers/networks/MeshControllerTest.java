package dev.otherix.controllers.networks;

import static dev.otherix.controllers.cluster.OtherixResources.key;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.apimachinery.client.DeleteOptions;
import dev.otherix.apimachinery.client.ListOptions;
import dev.otherix.apimachinery.client.ResourceClient;
import dev.otherix.apimachinery.codec.Json;
import dev.otherix.controllers.Manifests;
import dev.otherix.controllers.TestCluster;
import dev.otherix.controllers.cluster.OtherixResources;
import dev.otherix.controllers.gc.GarbageCollector;
import dev.otherix.schemas.Schemas;
import java.io.IOException;
import java.util.Base64;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;

@Tag("slow")
final class MeshControllerTest {
  private static final int KEY_BYTES = 32;

  private TestCluster cluster;
  private ResourceClient nodes;
  private ResourceClient peers;

  @BeforeEach
  void start() throws IOException, InterruptedException {
    cluster = new TestCluster(Schemas.kinds());
    nodes = cluster.client().resource(OtherixResources.NODES);
    peers = cluster.client().resource(OtherixResources.MESH_PEERS);
    MeshController.addTo(cluster.host());
    GarbageCollector.startOn(cluster.host());
    cluster.host().start();
  }

  @AfterEach
  void stop() {
    cluster.close();
  }

  private static String publicKey(int number) {
    byte[] bytes = new byte[KEY_BYTES];
    bytes[0] = (byte) number;
    return Base64.getEncoder().encodeToString(bytes);
  }

  private void report(String node, int key, String more) throws InterruptedException {
    nodes.mergePatch(
        key(node),
        "status",
        Manifests.status(
            "{\"wireguard\": {\"publicKey\": \"" + publicKey(key) + "\"" + more + "}}"));
  }

  private ObjectNode awaitPeer(String node, Predicate<ObjectNode> is) {
    return await()
        .atMost(TestCluster.PATIENCE)
        .until(() -> peers.find(key(node)), found -> found.isPresent() && is.test(found.get()))
        .orElseThrow();
  }

  @Test
  void nodes_thatReportAKey_havePeersWithAddressesOfTheirOwn() throws Exception {
    nodes.create(Manifests.node("silent"));
    TreeSet<String> addresses = new TreeSet<>();
    for (int i = 1; i <= 20; i++) {
      nodes.create(Manifests.node("n" + i));
      report("n" + i, i, ", \"endpoint\": \"192.0.2." + i + ":51820\"");
    }
    for (int i = 1; i <= 20; i++) {
      ObjectNode peer = awaitPeer("n" + i, _ -> true);
      assertEquals(publicKey(i), peer.at("/spec/publicKey").asString(""));
      assertEquals("192.0.2." + i + ":51820", peer.at("/spec/endpoint").asString(""));
      addresses.add(peer.at("/spec/address").asString(""));
    }
    assertEquals(20, addresses.size());
    assertTrue(addresses.contains("10.42.0.1/16"), addresses.toString());
    assertTrue(addresses.contains("10.42.0.20/16"), addresses.toString());
    assertFalse(peers.find(key("silent")).isPresent());
  }

  @Test
  void node_withAnotherKeyOrEndpoint_keepsItsAddress() throws Exception {
    nodes.create(Manifests.node("n1"));
    report("n1", 1, ", \"endpoint\": \"192.0.2.1:51820\"");
    String address = awaitPeer("n1", _ -> true).at("/spec/address").asString("");
    report("n1", 2, ", \"endpoint\": null");
    ObjectNode after =
        awaitPeer("n1", peer -> peer.at("/spec/publicKey").asString("").equals(publicKey(2)));
    assertEquals(address, after.at("/spec/address").asString(""));
    assertFalse(after.path("spec").has("endpoint"));
  }

  @Test
  void relay_isTheNodeThatTheSettingsName_whileItCanBeReached() throws Exception {
    nodes.create(Manifests.node("n1"));
    nodes.create(Manifests.node("n2"));
    report("n1", 1, ", \"endpoint\": \"192.0.2.1:51820\"");
    report("n2", 2, ", \"endpoint\": \"192.0.2.2:51820\"");
    awaitPeer("n1", peer -> !relays(peer));
    ResourceClient settings = cluster.client().resource(OtherixResources.SETTINGS);
    settings.create(
        Json.parseObject(
            """
            {"apiVersion": "otherix/v1", "kind": "ClusterSettings",
             "metadata": {"name": "cluster"}, "spec": {"meshRelay": "n1"}}
            """));
    awaitPeer("n1", MeshControllerTest::relays);
    settings.mergePatch(
        key("cluster"), "", Json.parseObject("{\"spec\": {\"meshRelay\": \"n2\"}}"));
    awaitPeer("n2", MeshControllerTest::relays);
    awaitPeer("n1", peer -> !relays(peer));
    report("n2", 2, ", \"endpoint\": null");
    awaitPeer("n2", peer -> !relays(peer));
  }

  private static boolean relays(ObjectNode peer) {
    return peer.at("/spec/relay").asBoolean(false);
  }

  @Test
  void node_thatReportsTheKeyOfAnother_staysOut() throws Exception {
    nodes.create(Manifests.node("n1"));
    nodes.create(Manifests.node("n2"));
    nodes.create(Manifests.node("n3"));
    report("n1", 1, "");
    awaitPeer("n1", _ -> true);
    report("n2", 1, "");
    report("n3", 3, "");
    awaitPeer("n3", _ -> true);
    assertFalse(peers.find(key("n2")).isPresent());
    report("n2", 2, "");
    awaitPeer("n2", _ -> true);
  }

  @Test
  void node_thatIsDeleted_leavesItsAddressToTheNext() throws Exception {
    nodes.create(Manifests.node("n1"));
    nodes.create(Manifests.node("n2"));
    report("n1", 1, "");
    awaitPeer("n1", _ -> true);
    report("n2", 2, "");
    awaitPeer("n2", _ -> true);
    nodes.delete(key("n1"), DeleteOptions.DEFAULT);
    await().atMost(TestCluster.PATIENCE).until(() -> peers.find(key("n1")).isEmpty());
    nodes.create(Manifests.node("n3"));
    report("n3", 3, "");
    assertEquals("10.42.0.1/16", awaitPeer("n3", _ -> true).at("/spec/address").asString(""));
    // A node of the same name is another node.
    nodes.create(Manifests.node("n1"));
    report("n1", 4, "");
    assertEquals("10.42.0.3/16", awaitPeer("n1", _ -> true).at("/spec/address").asString(""));
    assertEquals(3, peers.list(ListOptions.ALL).items().size());
  }
}
