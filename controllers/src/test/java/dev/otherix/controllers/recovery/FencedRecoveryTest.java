package dev.otherix.controllers.recovery;

import static dev.otherix.controllers.cluster.OtherixResources.key;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.apimachinery.client.ListOptions;
import dev.otherix.apimachinery.client.ResourceClient;
import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.object.GroupVersionResource;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apimachinery.status.StatusReason;
import dev.otherix.controllers.Manifests;
import dev.otherix.controllers.ShiftedClock;
import dev.otherix.controllers.SimulatedAgent;
import dev.otherix.controllers.TestCluster;
import dev.otherix.controllers.cluster.OtherixResources;
import dev.otherix.controllers.plane.ControlPlane;
import dev.otherix.schemas.Schemas;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;

@Tag("slow")
final class FencedRecoveryTest {
  private static final String RECREATE = "\"recovery\": \"Recreate\"";

  private final ShiftedClock clock = new ShiftedClock();
  private final AtomicLong steadyNanos = new AtomicLong();
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
    ControlPlane.addControllers(cluster.host(), steadyNanos::get);
    cluster.host().start();
  }

  @AfterEach
  void stop() {
    agents.forEach(SimulatedAgent::close);
    cluster.close();
  }

  private static void awaitTrue(Callable<Boolean> condition) {
    await().atMost(TestCluster.PATIENCE).until(condition);
  }

  private SimulatedAgent agent(String name) throws InterruptedException {
    SimulatedAgent agent = new SimulatedAgent(name, cluster.client(), clock).start();
    agents.add(agent);
    awaitTrue(() -> nodePhase(name).equals("ready"));
    awaitTrue(() -> {
      agent.report();
      return cluster
          .client()
          .resource(OtherixResources.POOLS)
          .find(key("default"))
          .map(pool -> pool.at("/status/instances").toString())
          .filter(all -> all.matches(".*\"" + name + "\"[^}]*\"ready\".*"))
          .isPresent();
    });
    return agent;
  }

  private String nodePhase(String name) throws InterruptedException {
    return nodes.get(key(name)).at("/status/phase").asString("");
  }

  private String nodeOf(String vm) throws InterruptedException {
    return vms.get(key(vm)).at("/spec/nodeName").asString("");
  }

  /// Bound to n1, where it runs.
  private void runningOnFirst(String name, String spec) throws InterruptedException {
    vms.create(Manifests.vm(name, spec));
    awaitTrue(() -> vms.get(key(name)).at("/status/phase").asString("").equals("running"));
    assertEquals("n1", nodeOf(name));
  }

  /// Time goes by for everybody, in which n2 alone renews its lease.
  private void pass(Duration time) throws InterruptedException {
    clock.advance(time);
    steadyNanos.addAndGet(time.toNanos());
    agents.get(1).beat();
    // Controllers look when something changes, or by the time of the machine.
    nodes.mergePatch(
        key("n1"),
        "",
        Json.parseObject(
            "{\"metadata\": {\"labels\": {\"at\": \"%d\"}}}".formatted(steadyNanos.get())));
  }

  private long incarnation(String vm) throws InterruptedException {
    return vms.get(key(vm)).at("/spec/incarnation").asLong(0);
  }

  @Test
  void node_gone_givesItsMachinesThatMayBeMadeAnewToAnother() throws Exception {
    agent("n1");
    runningOnFirst("stays", "");
    runningOnFirst("moves", RECREATE);
    agent("n2");
    agents.getFirst().close();
    pass(Duration.ofSeconds(391));
    awaitTrue(() -> nodePhase("n1").equals("gone"));
    awaitTrue(() -> nodeOf("moves").equals("n2"));
    awaitTrue(() -> vms.get(key("moves")).at("/status/phase").asString("").equals("running"));
    ObjectNode moved = vms.get(key("moves"));
    assertEquals(1, incarnation("moves"));
    assertEquals("n2", moved.at("/status/node").asString());
    assertEquals("n1", moved.at("/metadata/annotations/otherix~1recovered-from").asString(""));
    assertFalse(moved.at("/metadata/annotations/otherix~1recovered-at").isMissingNode());
    assertEquals("[\"otherix/agent\"]", moved.at("/metadata/finalizers").toString());
    assertEquals("n1", nodeOf("stays"));
    AtomicBoolean told = new AtomicBoolean();
    awaitTrue(() -> {
      cluster
          .client()
          .resource(new GroupVersionResource("", "v1", "events"))
          .forEach(
              ListOptions.ALL,
              each -> {
                if (each.path("reason").asString("").equals("Recovered")) {
                  told.set(true);
                }
              });
      return told.get();
    });
  }

  @Test
  void node_thatPromisedToStopLater_isWaitedForLonger() throws Exception {
    agent("n1");
    runningOnFirst("moves", RECREATE);
    agent("n2");
    agents.getFirst().close();
    promise("moves", 600);
    pass(Duration.ofSeconds(629));
    awaitTrue(() -> nodePhase("n1").equals("gone"));
    runs("witness", "n2");
    assertEquals("n1", nodeOf("moves"));
    pass(Duration.ofSeconds(2));
    awaitTrue(() -> nodeOf("moves").equals("n2"));
  }

  @Test
  void node_whosePromiseIsUnknown_keepsItsMachine() throws Exception {
    agent("n1");
    runningOnFirst("stays", "");
    runningOnFirst("moves", RECREATE);
    agent("n2");
    agents.getFirst().close();
    // The node is away and does not hear of it.
    vms.mergePatch(key("stays"), "", Json.parseObject("{\"spec\": {%s}}".formatted(RECREATE)));
    pass(Duration.ofSeconds(1000));
    awaitTrue(() -> nodeOf("moves").equals("n2"));
    assertEquals("n1", nodeOf("stays"));
  }

  @Test
  void clock_setForward_isNoSilence() throws Exception {
    agent("n1");
    runningOnFirst("stays", RECREATE);
    agent("n2");
    agents.getFirst().close();
    clock.advance(Duration.ofDays(1));
    pass(Duration.ofSeconds(389));
    awaitTrue(() -> nodePhase("n1").equals("gone"));
    runs("witness", "n2");
    assertEquals("n1", nodeOf("stays"));
    pass(Duration.ofSeconds(2));
    awaitTrue(() -> nodeOf("stays").equals("n2"));
  }

  /// A machine that is made now and runs shows that the controllers have had their turn.
  private void runs(String name, String node) throws InterruptedException {
    vms.create(Manifests.vm(name, ""));
    awaitTrue(() -> vms.get(key(name)).at("/status/phase").asString("").equals("running"));
    assertEquals(node, nodeOf(name));
  }

  private void promise(String vm, int seconds) throws InterruptedException {
    vms.mergePatch(
        key(vm), "status", Manifests.status("{\"fencedAfterSeconds\": " + seconds + "}"));
  }

  @Test
  void write_ofWhatOnlyARecoveryMayChange_isRefused() throws Exception {
    agent("n1");
    runningOnFirst("a", "");
    for (String spec :
        List.of(
            "{\"spec\": {\"incarnation\": 1}}",
            "{\"spec\": {\"nodeName\": null}}",
            "{\"spec\": {\"nodeName\": null, \"incarnation\": 1}}",
            "{\"spec\": {\"nodeName\": \"n2\", \"incarnation\": 1}}")) {
      ApiException e =
          assertThrows(
              ApiException.class, () -> vms.mergePatch(key("a"), "", Json.parseObject(spec)));
      assertTrue(e.is(StatusReason.INVALID), String.valueOf(e.getMessage()));
    }
    ApiException e =
        assertThrows(
            ApiException.class,
            () ->
                cluster
                    .client()
                    .resource(OtherixResources.SETTINGS)
                    .create(
                        Manifests.object(
                            "ClusterSettings",
                            "cluster",
                            "\"nodes\": {\"goneAfterSeconds\": 209}")));
    assertTrue(String.valueOf(e.getMessage()).contains("selfFenceAfterSeconds"), e.getMessage());
  }
}
