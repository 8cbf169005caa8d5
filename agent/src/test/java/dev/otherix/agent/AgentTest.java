package dev.otherix.agent;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.agent.images.ImageLimits;
import dev.otherix.agent.simulated.SimulatedHypervisor;
import dev.otherix.apimachinery.client.DeleteOptions;
import dev.otherix.apimachinery.client.Pause;
import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.object.GroupVersionResource;
import dev.otherix.apimachinery.object.ObjectKey;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

final class AgentTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  @TempDir private Path temp;
  private final SimulatedHypervisor hypervisor = new SimulatedHypervisor();
  private AgentCluster cluster;
  private Agent agent;

  @BeforeEach
  void start() throws Exception {
    cluster = new AgentCluster();
    cluster.node();
    cluster.nodesNamespace();
    cluster.pool(temp.resolve("pools/main"));
    agent = startAgent();
  }

  @AfterEach
  void stop() {
    agent.close();
    cluster.close();
  }

  private Agent startAgent() throws Exception {
    return startAgent(false);
  }

  private Agent startAgent(boolean simulatedNetworks) throws Exception {
    AgentOptions options =
        new AgentOptions(
            AgentCluster.NODE,
            temp.resolve("data"),
            "amd64",
            "1.2.3",
            hypervisor,
            null,
            ImageLimits.DEFAULT.withFolders(List.of(temp)),
            InstantSource.system(),
            new Random(7),
            Pause.real());
    return Agent.start(
        simulatedNetworks ? options.withSimulatedNetworks() : options, cluster.client());
  }

  private JsonNode status() throws InterruptedException {
    return cluster.get("nodes", AgentCluster.NODE).path("status");
  }

  @Test
  void start_node_tellsWhatTheHostHas() {
    await().atMost(PATIENCE).until(() -> status().at("/pools/0/availableBytes").asLong(0) > 0);
    await()
        .atMost(PATIENCE)
        .untilAsserted(() -> {
          JsonNode status = status();
          assertEquals("1.2.3", status.path("agentVersion").asString(""));
          assertEquals("simulated", status.path("qemuVersion").asString(""));
          assertTrue(status.at("/capacity/cpuCores").asInt(0) > 0);
          assertTrue(status.at("/capacity/memoryMiB").asLong(0) > 0);
          assertTrue(status.at("/available/memoryMiB").asLong(0) > 0);
          assertTrue(status.at("/capacity/systemDiskBytes").asLong(0) > 0);
          assertEquals(36, status.path("bootID").asString("").length());
          assertEquals("main", status.at("/pools/0/name").asString(""));
        });
  }

  @Test
  void network_ofASimulatedHost_isThereWhenTheServerHasIt() throws Exception {
    agent.close();
    agent = startAgent(true);
    cluster
        .resource("networks")
        .create(
            Json.parseObject(
                """
                {"apiVersion": "otherix/v1", "kind": "Network", "metadata": {"name": "lab"},
                 "spec": {"type": "overlay", "subnet": "10.92.0.0/24"}}
                """));
    await()
        .atMost(PATIENCE)
        .until(() -> status().at("/networks/0/name").asString("").equals("lab"));
    assertTrue(status().at("/networks/0/ready").asBoolean(false));
    cluster.resource("networks").delete(ObjectKey.clusterScoped("lab"), DeleteOptions.DEFAULT);
    await().atMost(PATIENCE).until(() -> status().path("networks").isEmpty());
  }

  @Test
  void start_node_renewsItsLease() {
    GroupVersionResource leases = new GroupVersionResource("coordination.k8s.io", "v1", "leases");
    ObjectKey key = new ObjectKey("otherix-nodes", AgentCluster.NODE);
    await().atMost(PATIENCE).until(() -> cluster.client().resource(leases).find(key).isPresent());
    await()
        .atMost(PATIENCE)
        .untilAsserted(() -> {
          JsonNode spec = cluster.client().resource(leases).get(key).path("spec");
          assertEquals("node-n1", spec.path("holderIdentity").asString(""));
          assertEquals(40, spec.path("leaseDurationSeconds").asInt(0));
        });
  }

  @Test
  void machine_onTheNode_isReportedWithItsImage() throws Exception {
    Path image = Files.write(temp.resolve("a.img"), new byte[4096]);
    String uid = cluster.vm("web", image, "");
    await()
        .atMost(PATIENCE)
        .until(() -> status().at("/machines/0/state").asString("").equals("running"));
    assertEquals(uid, status().at("/machines/0/uid").asString(""));
    await().atMost(PATIENCE).until(() -> status().at("/images/0/sizeBytes").asLong(0) == 4096);
    hypervisor.shutDownGuest(uid);
    await()
        .atMost(PATIENCE)
        .until(() -> status().at("/machines/0/state").asString("").equals("stopped"));
  }

  @Test
  void start_secondAgentInTheSameFolder_isRefused() {
    IllegalStateException e = assertThrows(IllegalStateException.class, this::startAgent);
    assertTrue(String.valueOf(e.getMessage()).contains("another agent"), e.getMessage());
  }

  @Test
  void task_poolScan_tellsWhatItFound() throws Exception {
    for (String pool : List.of("main", "other")) {
      cluster
          .resource("tasks")
          .create(
              Json.parseObject(
                  """
                  {"apiVersion": "otherix/v1", "kind": "Task", "metadata": {"name": "scan-%s"},
                   "spec": {"type": "pool.scan", "nodeName": "n1",
                     "resource": {"kind": "StoragePool", "name": "%s"}}}
                  """
                      .formatted(pool, pool)));
    }
    await().atMost(PATIENCE).until(() -> cluster.taskPhase("scan-main").equals("success"));
    await().atMost(PATIENCE).until(() -> cluster.taskPhase("scan-other").equals("failed"));
  }

  @Test
  void machine_onANetwork_isToldThatItCannotBeAttached() throws Exception {
    Path image = Files.write(temp.resolve("a.img"), new byte[4096]);
    String uid = cluster.vm("web", image, "\"powerState\": \"Stopped\",");
    cluster
        .resource("ports")
        .create(
            Json.parseObject(
                """
                {"apiVersion": "otherix/v1", "kind": "Port",
                 "metadata": {"name": "web-0", "ownerReferences": [{"apiVersion": "otherix/v1",
                   "kind": "VM", "name": "web", "uid": "%s"}]},
                 "spec": {"vmName": "web", "network": "lab", "nodeName": "n1",
                   "macAddress": "02:00:00:00:00:01"}}
                """
                    .formatted(uid)));
    await()
        .atMost(PATIENCE)
        .until(() -> cluster.condition("web", "Running").equals("False Stopped"));
    cluster.power("web", "Running");
    await()
        .atMost(PATIENCE)
        .until(() -> cluster.condition("web", "Running").equals("False StartFailed"));
  }
}
