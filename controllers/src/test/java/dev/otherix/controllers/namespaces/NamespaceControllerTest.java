package dev.otherix.controllers.namespaces;

import static dev.otherix.controllers.TestCluster.NAMESPACES;
import static dev.otherix.controllers.TestCluster.PATIENCE;
import static dev.otherix.controllers.TestCluster.configMap;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.otherix.apimachinery.client.DeleteOptions;
import dev.otherix.apimachinery.client.ListOptions;
import dev.otherix.apimachinery.client.ResourceClient;
import dev.otherix.apimachinery.client.WriteOptions;
import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.object.Condition;
import dev.otherix.apimachinery.object.ObjectKey;
import dev.otherix.controllers.TestCluster;
import dev.otherix.controllers.runtime.StatusConditions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;

final class NamespaceControllerTest {
  private static final ObjectKey TEAM = ObjectKey.clusterScoped("team");

  private final TestCluster cluster;
  private final ResourceClient namespaces;
  private final ResourceClient maps;

  NamespaceControllerTest() throws Exception {
    cluster = new TestCluster();
    namespaces = cluster.client().resource(NAMESPACES);
    maps = cluster.configMaps();
    NamespaceController.addTo(cluster.host());
    cluster.host().start();
    namespaces.create(
        Json.parseObject(
            "{\"apiVersion\":\"v1\",\"kind\":\"Namespace\",\"metadata\":{\"name\":\"team\"}}"));
  }

  @AfterEach
  void stop() {
    cluster.close();
  }

  private static ObjectNode in(String namespace, String name) {
    ObjectNode map = configMap(name);
    map.withObjectProperty("metadata").put("namespace", namespace);
    return map;
  }

  private String condition(String type) throws InterruptedException {
    return Condition.find(StatusConditions.of(namespaces.get(TEAM)), type)
        .map(each -> each.status() + " " + each.message())
        .orElse("");
  }

  @Test
  void delete_withContent_emptiesAndGoes() throws InterruptedException {
    for (int i = 0; i < 20; i++) {
      maps.create(in("team", "map" + i));
    }
    maps.create(in("default", "other"));
    namespaces.delete(TEAM, DeleteOptions.DEFAULT);
    await().atMost(PATIENCE).until(() -> namespaces.find(TEAM).isEmpty());
    assertEquals(0, maps.list(ListOptions.ALL.inNamespace("team")).items().size());
    assertEquals(1, maps.list(ListOptions.ALL.inNamespace("default")).items().size());
  }

  @Test
  void delete_withFinalizerInside_waitsAndSaysWhy() throws InterruptedException {
    ObjectNode held = in("team", "held");
    held.withObjectProperty("metadata").putArray("finalizers").add("example.io/hold");
    maps.create(held);
    maps.create(in("team", "free"));
    namespaces.delete(TEAM, DeleteOptions.DEFAULT);
    await()
        .atMost(PATIENCE)
        .until(() ->
            condition("NamespaceContentRemaining")
                .equals("True Some resources are remaining: configmaps has 1 resource instances"));
    assertEquals(
        "True Some content in the namespace has finalizers remaining: example.io/hold in 1"
            + " resource instances",
        condition("NamespaceFinalizersRemaining"));
    assertEquals(
        "False All content successfully deleted, may be waiting on finalization",
        condition("NamespaceDeletionContentFailure"));
    assertEquals("Terminating", namespaces.get(TEAM).at("/status/phase").asString());
    ObjectKey key = new ObjectKey("team", "held");
    maps.mergePatch(key, "", Json.parseObject("{\"metadata\":{\"finalizers\":null}}"));
    await().atMost(PATIENCE).until(() -> namespaces.find(TEAM).isEmpty());
  }

  @Test
  void delete_withAnothersSpecFinalizer_waitsForIt() throws InterruptedException {
    ObjectNode namespace = namespaces.get(TEAM);
    namespace.withObjectProperty("spec").withArrayProperty("finalizers").add("example.io/hold");
    namespaces.update(namespace, "finalize", WriteOptions.DEFAULT);
    namespaces.delete(TEAM, DeleteOptions.DEFAULT);
    await()
        .atMost(PATIENCE)
        .until(() ->
            namespaces.get(TEAM).at("/spec/finalizers").toString().equals("[\"example.io/hold\"]"));
    ObjectNode last = namespaces.get(TEAM);
    last.withObjectProperty("spec").putArray("finalizers");
    namespaces.update(last, "finalize", WriteOptions.DEFAULT);
    await().atMost(PATIENCE).until(() -> namespaces.find(TEAM).isEmpty());
  }
}
