package dev.otherix.controllers.plane;

import static dev.otherix.controllers.cluster.OtherixResources.key;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.apimachinery.client.DeleteOptions;
import dev.otherix.apimachinery.client.ListOptions;
import dev.otherix.apimachinery.client.ResourceClient;
import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.object.Condition;
import dev.otherix.apimachinery.object.GroupVersionResource;
import dev.otherix.apimachinery.schema.Kind;
import dev.otherix.apimachinery.schema.Subresources;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apimachinery.status.StatusReason;
import dev.otherix.controllers.Manifests;
import dev.otherix.controllers.ShiftedClock;
import dev.otherix.controllers.SimulatedAgent;
import dev.otherix.controllers.TestCluster;
import dev.otherix.controllers.cluster.ClusterRules;
import dev.otherix.controllers.cluster.OtherixResources;
import dev.otherix.controllers.gc.GarbageCollector;
import dev.otherix.controllers.runtime.StatusConditions;
import dev.otherix.schemas.Schemas;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import tools.jackson.databind.node.ObjectNode;

@Tag("slow")
final class ControlPlaneTest {
  private final ShiftedClock clock = new ShiftedClock();
  private final List<SimulatedAgent> agents = new ArrayList<>();
  private TestCluster cluster;
  private ResourceClient vms;
  private ResourceClient nodes;

  @BeforeEach
  void start() throws IOException, InterruptedException {
    cluster = new TestCluster(Schemas.kinds(), clock, new ControlPlane(clock));
    vms = cluster.client().resource(OtherixResources.VMS);
    nodes = cluster.client().resource(OtherixResources.NODES);
    cluster
        .client()
        .resource(TestCluster.NAMESPACES)
        .create(
            Json.parseObject(
                """
                {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "otherix-nodes"}}
                """));
    ControlPlane.addControllers(cluster.host());
    GarbageCollector.startOn(cluster.host());
    cluster.host().start();
  }

  @AfterEach
  void stop() {
    agents.forEach(SimulatedAgent::close);
    cluster.close();
  }

  private SimulatedAgent agent(String name) throws InterruptedException {
    SimulatedAgent agent = new SimulatedAgent(name, cluster.client(), clock).start();
    agents.add(agent);
    awaitTrue(() -> nodePhase(name).equals("ready"));
    awaitTrue(() -> {
      agent.report();
      return instanceReady(name);
    });
    return agent;
  }

  private boolean instanceReady(String node) throws InterruptedException {
    ObjectNode pool =
        cluster.client().resource(OtherixResources.POOLS).find(key("default")).orElse(null);
    if (pool == null) {
      return false;
    }
    for (var each : pool.at("/status/instances")) {
      if (each.path("nodeName").asString("").equals(node)) {
        return each.path("reconciliationStatus").asString("").equals("ready");
      }
    }
    return false;
  }

  private static void awaitTrue(Callable<Boolean> condition) {
    await().atMost(TestCluster.PATIENCE).until(condition);
  }

  private String nodePhase(String name) throws InterruptedException {
    return nodes.get(key(name)).at("/status/phase").asString("");
  }

  private String phase(String vm) throws InterruptedException {
    return vms.get(key(vm)).at("/status/phase").asString("");
  }

  private void awaitPhase(String vm, String phase) {
    awaitTrue(() -> phase(vm).equals(phase));
  }

  private static ApiException refused(Executable call) {
    ApiException refused = assertThrows(ApiException.class, call);
    assertTrue(refused.is(StatusReason.CONFLICT), String.valueOf(refused.getMessage()));
    return refused;
  }

  @Test
  void actions_everyOneThatASchemaNames_hasAHandler() {
    for (Kind each : Schemas.kinds().all()) {
      Subresources below = each.header().subresources();
      for (String name :
          Stream.concat(below.actions().stream(), below.streams().stream()).toList()) {
        assertTrue(
            new ControlPlane(clock).actions().has(each.group(), each.plural(), name),
            each.plural() + "/" + name);
      }
    }
  }

  @Test
  void machine_fromCreateToDelete_followsItsSpec() throws Exception {
    SimulatedAgent agent = agent("n1");
    ObjectNode created = vms.create(Manifests.vm("a", ""));
    awaitPhase("a", "running");
    assertTrue(agent.running().containsKey(TestCluster.uid(created)));
    ObjectNode task = vms.perform(key("a"), "stop", null);
    assertEquals("vm.stop", task.at("/spec/type").asString());
    assertEquals("tester", task.at("/spec/createdBy").asString());
    awaitPhase("a", "stopped");
    awaitTrue(() -> agent.carriedOut().contains(TestCluster.uid(task)));
    assertTrue(
        Condition.find(StatusConditions.of(vms.get(key("a"))), "Ready").orElseThrow().isTrue());
    refused(() -> vms.perform(key("a"), "reboot", null));
    vms.perform(key("a"), "start", null);
    awaitPhase("a", "running");
    vms.delete(key("a"), DeleteOptions.DEFAULT);
    awaitTrue(() -> vms.find(key("a")).isEmpty());
    assertFalse(agent.running().containsKey(TestCluster.uid(created)));
  }

  @Test
  void action_onAMachineThatIsNowhere_changesTheSpecAndEndsAtOnce() throws Exception {
    vms.create(Manifests.vm("a", ""));
    ObjectNode task = vms.perform(key("a"), "stop", null);
    ResourceClient tasks = cluster.client().resource(OtherixResources.TASKS);
    awaitTrue(() ->
        tasks.get(ResourceClient.keyOf(task)).at("/status/phase").asString("").equals("success"));
    assertEquals("Stopped", vms.get(key("a")).at("/spec/powerState").asString());
    refused(() -> vms.perform(key("a"), "reboot", null));
    assertThrows(ApiException.class, () -> vms.perform(key("a"), "stop", Manifests.status("{}")));
  }

  @Test
  void delete_whatIsInUse_isRefusedWithCounts() throws Exception {
    agent("n1");
    ResourceClient networks = cluster.client().resource(OtherixResources.NETWORKS);
    networks.create(
        Manifests.object("Network", "lab", "\"type\": \"overlay\", \"subnet\": \"10.0.0.0/24\""));
    agents.getFirst().report();
    vms.create(Manifests.vm("a", "\"network\": \"lab\""));
    vms.create(Manifests.vm("b", "\"nics\": [{\"network\": \"lab\"}]"));
    awaitPhase("a", "running");
    awaitPhase("b", "running");
    Map<GroupVersionResource, String> used =
        Map.of(
            OtherixResources.NETWORKS, "lab",
            OtherixResources.POOLS, "default",
            OtherixResources.NODES, "n1");
    used.forEach((resource, name) -> {
      ApiException refusal =
          refused(
              () -> cluster.client().resource(resource).delete(key(name), DeleteOptions.DEFAULT));
      assertTrue(String.valueOf(refusal.getMessage()).contains("vms=2"), refusal.getMessage());
    });
    vms.delete(key("a"), DeleteOptions.DEFAULT);
    vms.delete(key("b"), DeleteOptions.DEFAULT);
    awaitTrue(() -> vms.list(ListOptions.ALL).items().isEmpty());
    networks.delete(key("lab"), DeleteOptions.DEFAULT);
    assertTrue(networks.find(key("lab")).isEmpty());
  }

  @Test
  void write_againstTheRules_isRefused() throws Exception {
    assertThrows(ApiException.class, () -> vms.create(Manifests.vm("a", "\"nodeName\": \"n1\"")));
    agent("n1");
    agent("n2");
    vms.create(Manifests.vm("a", "\"node\": \"n1\", \"diskGiB\": 10"));
    awaitPhase("a", "running");
    for (String spec : List.of("\"nodeName\": \"n2\"", "\"nodeName\": null", "\"diskGiB\": 9")) {
      assertThrows(
          ApiException.class,
          () -> vms.mergePatch(key("a"), "", Json.parseObject("{\"spec\": {" + spec + "}}")),
          spec);
    }
    vms.mergePatch(key("a"), "", Json.parseObject("{\"spec\": {\"diskGiB\": 11}}"));
    // An image may be larger than a size that was never asked for.
    vms.create(Manifests.vm("b", ""));
    awaitPhase("b", "running");
    vms.mergePatch(
        key("b"),
        "status",
        Json.parseObject("{\"status\": {\"diskSizeBytes\": " + (20L << 30) + "}}"));
    ObjectNode smaller = Json.parseObject("{\"spec\": {\"diskGiB\": 19}}");
    ApiException refused =
        assertThrows(ApiException.class, () -> vms.mergePatch(key("b"), "", smaller));
    assertEquals(422, refused.code());
    vms.mergePatch(key("b"), "", Json.parseObject("{\"spec\": {\"diskGiB\": 20}}"));
    assertThrows(
        ApiException.class,
        () ->
            cluster
                .client()
                .resource(OtherixResources.POOLS)
                .create(
                    Manifests.object("StoragePool", "x", "\"path\": \"/etc\", \"node\": \"n1\"")));
  }

  @Test
  void cluster_thatIsIdle_writesNothingButLeases() throws Exception {
    SimulatedAgent agent = agent("n1");
    vms.create(Manifests.vm("a", ""));
    awaitPhase("a", "running");
    vms.create(Manifests.vm("waits", "\"node\": \"n9\""));
    awaitPhase("waits", "pending");
    agent.report();
    awaitQuiet();
    long before = revision();
    int beats = 5;
    for (int i = 0; i < beats; i++) {
      agent.beat();
    }
    awaitQuiet();
    assertEquals(before + beats, revision());
  }

  @Test
  void create_machineThatNamesNothing_takesTheDefaultsAsTheyCome() throws Exception {
    SimulatedAgent agent = agent("n1");
    cluster
        .client()
        .resource(OtherixResources.SETTINGS)
        .create(
            Manifests.object(
                "ClusterSettings",
                "cluster",
                "\"defaultPool\": \"fast\", \"defaultNetwork\": \"br\""));
    vms.create(Manifests.vm("a", ""));
    awaitTrue(() -> reason("a").equals("PoolNotFound"));
    String pool = "\"path\": \"/var/lib/otherix/pools/fast\", \"node\": \"n1\"";
    cluster
        .client()
        .resource(OtherixResources.POOLS)
        .create(Manifests.object("StoragePool", "fast", pool));
    awaitTrue(() -> reason("a").equals("NetworkNotFound"));
    cluster
        .client()
        .resource(OtherixResources.NETWORKS)
        .create(Manifests.object("Network", "br", "\"type\": \"bridge\", \"bridgeName\": \"br0\""));
    awaitTrue(() -> {
      agent.report();
      return phase("a").equals("running");
    });
    assertEquals("br", vms.get(key("a")).at("/status/nics/0/network").asString(""));
  }

  private String reason(String vm) throws InterruptedException {
    return vms.get(key(vm)).at("/status/reason").asString("");
  }

  @Test
  void events_ofAWholeLife_tellItsStory() throws Exception {
    vms.create(Manifests.vm("a", ""));
    awaitTrue(() -> story("a").contains("PoolNotFound"));
    SimulatedAgent agent = agent("n1");
    awaitPhase("a", "running");
    awaitEnd(vms.perform(key("a"), "stop", null));
    awaitPhase("a", "stopped");
    awaitEnd(vms.perform(key("a"), "start", null));
    awaitPhase("a", "running");
    clock.advance(Duration.ofSeconds(400));
    touch("n1");
    awaitPhase("a", "gone");
    agent.beat();
    awaitTrue(() -> nodePhase("n1").equals("ready"));
    agent.close();
    vms.delete(key("a"), DeleteOptions.DEFAULT);
    awaitPhase("a", "deleting");
    for (String each :
        List.of(
            "PoolNotFound",
            "Bound",
            "PhaseRunning",
            "TaskRequested",
            "PhaseStopped",
            "TaskSucceeded",
            "PhaseGone",
            "PhaseDeleting")) {
      awaitTrue(() -> story("a").contains(each));
    }
  }

  /// The reasons of the events about a machine.
  private Set<String> story(String vm) throws InterruptedException {
    Set<String> reasons = new TreeSet<>();
    cluster
        .client()
        .resource(new GroupVersionResource("", "v1", "events"))
        .forEach(
            ListOptions.ALL,
            each -> {
              if (each.at("/involvedObject/name").asString("").equals(vm)
                  && each.at("/involvedObject/kind").asString("").equals("VM")) {
                reasons.add(each.path("reason").asString(""));
              }
            });
    return reasons;
  }

  /// The server's one counter of writes.
  private long revision() throws InterruptedException {
    return Long.parseLong(vms.list(ListOptions.ALL).resourceVersion());
  }

  private void awaitQuiet() throws InterruptedException {
    AtomicLong last = new AtomicLong(-1);
    await()
        .pollInterval(Duration.ofMillis(700))
        .atMost(TestCluster.PATIENCE)
        .until(() -> last.getAndSet(revision()) == revision());
  }

  @Test
  void explainPlacement_machine_tellsOfEveryNode() throws Exception {
    agent("n1");
    agent("n2");
    vms.create(Manifests.vm("a", "\"node\": \"n2\", \"vcpus\": 2"));
    awaitPhase("a", "running");
    ObjectNode there = vms.perform(key("a"), "explain-placement", null);
    assertEquals("n2", there.path("boundTo").asString(""));
    assertEquals("n2", there.path("node").asString(""));
    assertEquals("OtherNodeAsked", there.at("/candidates/1/reason").asString(""));
    // Its own place is free for it.
    assertEquals(0, there.at("/candidates/0/machines").asInt(-1));
    ObjectNode wish = Manifests.vm("b", "\"vcpus\": 64, \"memoryMB\": 1024");
    ObjectNode answer = vms.perform(key("b"), "explain-placement", wish);
    assertEquals("n1", answer.path("node").asString(""));
    assertTrue(answer.at("/candidates/0/fits").asBoolean(false));
    assertEquals("InsufficientCPU", answer.at("/candidates/1/reason").asString(""));
    assertEquals(2, answer.at("/candidates/1/vcpusPromised").asInt(0));
    assertEquals(64, answer.at("/required/vcpus").asInt(0));
    assertTrue(vms.find(key("b")).isEmpty());
    assertThrows(ApiException.class, () -> vms.perform(key("c"), "explain-placement", null));
    assertThrows(ApiException.class, () -> vms.perform(key("c"), "explain-placement", wish));
    assertThrows(
        ApiException.class,
        () -> vms.perform(key("d"), "explain-placement", Manifests.vm("d", "\"vcpus\": \"many\"")));
  }

  @Test
  void node_thatFallsSilent_isUnreachableThenGoneAndComesBackByItself() throws Exception {
    SimulatedAgent agent = agent("n1");
    vms.create(Manifests.vm("a", ""));
    awaitPhase("a", "running");
    clock.advance(Duration.ofSeconds(100));
    touch("n1");
    awaitTrue(() -> nodePhase("n1").equals("unreachable"));
    awaitPhase("a", "error");
    assertEquals("NodeUnreachable", vms.get(key("a")).at("/status/reason").asString());
    clock.advance(Duration.ofMinutes(5));
    touch("n1");
    awaitTrue(() -> nodePhase("n1").equals("gone"));
    awaitPhase("a", "gone");
    vms.delete(key("a"), DeleteOptions.DEFAULT);
    agent.beat();
    awaitTrue(() -> nodePhase("n1").equals("ready"));
    awaitTrue(() -> vms.find(key("a")).isEmpty());
  }

  @Test
  void node_goneThatRunsAStranger_staysGoneUntilReadmitted() throws Exception {
    SimulatedAgent agent = agent("n1");
    clock.advance(Duration.ofSeconds(400));
    touch("n1");
    awaitTrue(() -> nodePhase("n1").equals("gone"));
    agent.running().put("0b0f4b6e-3d4e-4c39-8f5e-4b0a3a1c7d10", "stranger");
    agent.report();
    agent.beat();
    awaitTrue(() ->
        Condition.find(StatusConditions.of(nodes.get(key("n1"))), "Ready")
            .orElseThrow()
            .reason()
            .equals("NotReadmitted"));
    assertEquals("gone", nodePhase("n1"));
    nodes.perform(key("n1"), "readmit", null);
    awaitTrue(() -> nodePhase("n1").equals("ready"));
    refused(() -> nodes.perform(key("n1"), "readmit", null));
  }

  @Test
  void node_removedByForce_orphansItsMachinesAndLetsThemGo() throws Exception {
    agent("n1");
    vms.create(Manifests.vm("a", ""));
    awaitPhase("a", "running");
    agents.getFirst().close();
    nodes.mergePatch(
        key("n1"),
        "",
        Json.parseObject(
            "{\"metadata\": {\"annotations\": {\"" + ClusterRules.FORCE + "\": \"true\"}}}"));
    nodes.delete(key("n1"), DeleteOptions.DEFAULT);
    awaitPhase("a", "orphaned");
    vms.delete(key("a"), DeleteOptions.DEFAULT);
    awaitTrue(() -> vms.find(key("a")).isEmpty());
  }

  @Test
  void drain_machinesThatCannotMove_failsAndNamesThemOrStopsThem() throws Exception {
    agent("n1");
    vms.create(Manifests.vm("a", ""));
    awaitPhase("a", "running");
    ObjectNode first = nodes.perform(key("n1"), "drain", null);
    ObjectNode failed = awaitEnd(first);
    assertEquals("machines_cannot_move", failed.at("/status/error/code").asString());
    assertEquals("a", failed.at("/status/result/remaining").asString());
    assertTrue(nodes.get(key("n1")).at("/spec/cordoned").asBoolean());
    assertFalse(nodes.get(key("n1")).at("/spec/draining").asBoolean());
    ObjectNode second = nodes.perform(key("n1"), "drain", Json.parseObject("{\"stop\": true}"));
    assertEquals("success", awaitEnd(second).at("/status/phase").asString());
    assertEquals("stopped", phase("a"));
    nodes.perform(key("n1"), "uncordon", null);
    assertFalse(nodes.get(key("n1")).at("/spec/cordoned").asBoolean());
    assertThrows(
        ApiException.class,
        () -> nodes.perform(key("n1"), "drain", Json.parseObject("{\"force\": true}")));
  }

  @Test
  void scan_pool_makesATaskForEachOfItsNodes() throws Exception {
    agent("n1");
    ObjectNode list =
        cluster.client().resource(OtherixResources.POOLS).perform(key("default"), "scan", null);
    assertEquals(1, list.path("items").size());
    assertEquals(
        "success", awaitEnd((ObjectNode) list.at("/items/0")).at("/status/phase").asString());
  }

  private ObjectNode awaitEnd(ObjectNode task) throws InterruptedException {
    ResourceClient tasks = cluster.client().resource(OtherixResources.TASKS);
    awaitTrue(() -> {
      String phase = tasks.get(ResourceClient.keyOf(task)).at("/status/phase").asString("");
      return !phase.isEmpty() && !phase.equals("pending") && !phase.equals("running");
    });
    return tasks.get(ResourceClient.keyOf(task));
  }

  /// Has the controllers look at it now: their timers do not know that time has leapt.
  private void touch(String node) throws InterruptedException {
    nodes.mergePatch(
        key(node),
        "",
        Json.parseObject(
            "{\"metadata\": {\"labels\": {\"touched\": \"t" + clock.millis() + "\"}}}"));
  }
}
