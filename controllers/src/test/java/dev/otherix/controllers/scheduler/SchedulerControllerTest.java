package dev.otherix.controllers.scheduler;

import static dev.otherix.controllers.cluster.OtherixResources.key;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.apimachinery.client.DeleteOptions;
import dev.otherix.apimachinery.client.ListOptions;
import dev.otherix.apimachinery.client.ResourceClient;
import dev.otherix.apimachinery.object.Condition;
import dev.otherix.controllers.Manifests;
import dev.otherix.controllers.TestCluster;
import dev.otherix.controllers.cluster.OtherixResources;
import dev.otherix.controllers.runtime.Finalizers;
import dev.otherix.controllers.runtime.StatusConditions;
import dev.otherix.schemas.Schemas;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;

final class SchedulerControllerTest {
  private TestCluster cluster;
  private ResourceClient vms;
  private ResourceClient nodes;

  @BeforeEach
  void start() throws IOException, InterruptedException {
    cluster = new TestCluster(Schemas.kinds());
    vms = cluster.client().resource(OtherixResources.VMS);
    nodes = cluster.client().resource(OtherixResources.NODES);
  }

  @AfterEach
  void stop() {
    cluster.close();
  }

  private void pool(String... onNodes) throws InterruptedException {
    ResourceClient pools = cluster.client().resource(OtherixResources.POOLS);
    String list = "\"" + String.join("\", \"", onNodes) + "\"";
    pools.create(
        Manifests.object(
            "StoragePool", "default", "\"path\": \"/p\", \"nodeList\": [" + list + "]"));
    StringBuilder instances = new StringBuilder();
    for (String each : onNodes) {
      instances
          .append(instances.isEmpty() ? "" : ",")
          .append("{\"nodeName\": \"" + each + "\", \"reconciliationStatus\": \"ready\"}");
    }
    pools.mergePatch(
        key("default"), "status", Manifests.status("{\"instances\": [" + instances + "]}"));
  }

  private void readyNode(String name, int cores) throws InterruptedException {
    nodes.create(Manifests.node(name));
    nodes.mergePatch(
        key(name),
        "status",
        Manifests.status(
            "{\"phase\": \"ready\", \"capacity\": {\"cpuCores\": "
                + cores
                + ", \"memoryMiB\": 100000}}"));
  }

  private Optional<Condition> scheduled(String vm) throws InterruptedException {
    return Condition.find(StatusConditions.of(vms.get(key(vm))), "Scheduled");
  }

  private void awaitReason(String vm, String reason) {
    await()
        .atMost(TestCluster.PATIENCE)
        .until(() -> scheduled(vm).map(Condition::reason).orElse("").equals(reason));
  }

  @Test
  void create_machineThatFits_isBoundWithTheAgentsFinalizer() throws Exception {
    readyNode("n1", 4);
    pool("n1");
    SchedulerController.addTo(cluster.host());
    cluster.host().start();
    vms.create(Manifests.vm("a", ""));
    awaitReason("a", "Bound");
    ObjectNode bound = vms.get(key("a"));
    assertEquals("n1", bound.at("/spec/nodeName").asString());
    assertTrue(Finalizers.has(bound, "otherix/agent"));
    assertTrue(scheduled("a").orElseThrow().isTrue());
  }

  @Test
  void create_everythingMissing_saysWhatAndWakesWhenItComes() throws Exception {
    SchedulerController.addTo(cluster.host());
    cluster.host().start();
    vms.create(Manifests.vm("a", "\"network\": \"lab\""));
    awaitReason("a", "PoolNotFound");
    pool("n1");
    awaitReason("a", "NetworkNotFound");
    cluster
        .client()
        .resource(OtherixResources.NETWORKS)
        .create(
            Manifests.object(
                "Network", "lab", "\"type\": \"overlay\", \"subnet\": \"10.0.0.0/24\""));
    awaitReason("a", "NoNodes");
    readyNode("n1", 4);
    awaitReason("a", "NetworkNotReadyOnNode");
    nodes.mergePatch(
        key("n1"),
        "status",
        Manifests.status("{\"networks\": [{\"name\": \"lab\", \"ready\": true}]}"));
    awaitReason("a", "Bound");
  }

  @Test
  void delete_machineThatHeldTheRoom_letsTheNextOneIn() throws Exception {
    readyNode("n1", 2);
    pool("n1");
    SchedulerController.addTo(cluster.host());
    cluster.host().start();
    vms.create(Manifests.vm("a", ""));
    awaitReason("a", "Bound");
    vms.create(Manifests.vm("b", ""));
    awaitReason("b", "InsufficientCPU");
    ObjectNode first = vms.get(key("a"));
    Finalizers.remove(vms, first, OtherixResources.AGENT_FINALIZER);
    vms.delete(key("a"), DeleteOptions.DEFAULT);
    awaitReason("b", "Bound");
  }

  @Test
  void create_moreThanFitTogether_promisesNoCoreTwice() throws Exception {
    for (int i = 0; i < 5; i++) {
      readyNode("n" + i, 4);
    }
    pool("n0", "n1", "n2", "n3", "n4");
    for (int i = 0; i < 14; i++) {
      vms.create(Manifests.vm("v" + i, ""));
    }
    SchedulerController.addTo(cluster.host());
    cluster.host().start();
    await()
        .atMost(TestCluster.PATIENCE)
        .until(() -> {
          for (int i = 0; i < 14; i++) {
            if (scheduled("v" + i).isEmpty()) {
              return false;
            }
          }
          return true;
        });
    Map<String, Integer> byNode = new HashMap<>();
    vms.forEach(
        ListOptions.ALL,
        each -> byNode.merge(each.at("/spec/nodeName").asString("none"), 1, Integer::sum));
    assertEquals(Map.of("n0", 2, "n1", 2, "n2", 2, "n3", 2, "n4", 2, "none", 4), byNode);
  }
}
