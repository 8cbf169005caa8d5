package dev.otherix.controllers.snapshots;

import static dev.otherix.controllers.cluster.OtherixResources.key;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.apimachinery.client.DeleteOptions;
import dev.otherix.apimachinery.client.ResourceClient;
import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.object.Condition;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apimachinery.status.StatusReason;
import dev.otherix.controllers.Manifests;
import dev.otherix.controllers.ShiftedClock;
import dev.otherix.controllers.SimulatedAgent;
import dev.otherix.controllers.TestCluster;
import dev.otherix.controllers.cluster.OtherixResources;
import dev.otherix.controllers.plane.ControlPlane;
import dev.otherix.controllers.runtime.Finalizers;
import dev.otherix.controllers.runtime.StatusConditions;
import dev.otherix.schemas.Schemas;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import tools.jackson.databind.node.ObjectNode;

/// What the control plane does for snapshots; the copies themselves are the agents'.
@Tag("slow")
final class SnapshotsTest {
  private final ShiftedClock clock = new ShiftedClock();
  private TestCluster cluster;
  private SimulatedAgent agent;
  private ResourceClient vms;
  private ResourceClient snapshots;

  @BeforeEach
  void start() throws Exception {
    cluster = new TestCluster(Schemas.kinds(), clock, new ControlPlane(clock));
    vms = cluster.client().resource(OtherixResources.VMS);
    snapshots = cluster.client().resource(OtherixResources.SNAPSHOTS);
    cluster
        .client()
        .resource(TestCluster.NAMESPACES)
        .create(
            Json.parseObject(
                """
                {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "otherix-nodes"}}
                """));
    ControlPlane.addControllers(cluster.host());
    cluster.host().start();
    agent = new SimulatedAgent("n1", cluster.client(), clock).start();
  }

  @AfterEach
  void stop() {
    agent.close();
    cluster.close();
  }

  private static void eventually(Callable<Boolean> holds) {
    await().atMost(TestCluster.PATIENCE).until(holds);
  }

  private ObjectNode snapshot(String name) throws InterruptedException {
    return snapshots.create(Manifests.object("VMSnapshot", name, "\"vmName\": \"web\""));
  }

  private ObjectNode runningMachine() throws Exception {
    vms.create(Manifests.vm("web", ""));
    eventually(() -> {
      agent.report();
      return vms.get(key("web")).at("/status/phase").asString("").equals("running");
    });
    return vms.get(key("web"));
  }

  private void ready(String name) throws InterruptedException {
    snapshots.mergePatch(
        key(name), "status", Manifests.status("{\"phase\": \"ready\", \"node\": \"n1\"}"));
  }

  private String reason(String name) throws InterruptedException {
    return Condition.find(StatusConditions.of(snapshots.get(key(name))), "Ready")
        .map(Condition::reason)
        .orElse("");
  }

  private void awaitBound(String name) {
    eventually(() -> snapshots.get(key(name)).path("spec").has("nodeName"));
  }

  private static ApiException refused(StatusReason why, Executable call) {
    ApiException refused = assertThrows(ApiException.class, call);
    assertTrue(refused.is(why), String.valueOf(refused.getMessage()));
    return refused;
  }

  @Test
  void snapshot_isGivenToTheNodeOfItsMachine_onceThatIsThere() throws Exception {
    snapshot("before");
    eventually(() -> reason("before").equals("VMNotFound"));
    ObjectNode vm = runningMachine();
    awaitBound("before");
    ObjectNode bound = snapshots.get(key("before"));
    assertEquals("n1", bound.at("/spec/nodeName").asString());
    assertEquals(vm.at("/metadata/uid").asString(), bound.at("/spec/vmUID").asString());
    assertTrue(Finalizers.has(bound, OtherixResources.AGENT_FINALIZER));
  }

  @Test
  void machineWithSnapshots_isNotDeleted() throws Exception {
    runningMachine();
    snapshot("s");
    ApiException refused =
        refused(StatusReason.CONFLICT, () -> vms.delete(key("web"), DeleteOptions.DEFAULT));
    assertTrue(String.valueOf(refused.getMessage()).contains("vmsnapshots=1 (such as s)"));
  }

  @Test
  void restore_isATaskForTheNode_whenTheMachineIsStopped() throws Exception {
    runningMachine();
    snapshot("s");
    awaitBound("s");
    refused(StatusReason.CONFLICT, () -> snapshots.perform(key("s"), "restore", null));
    ready("s");
    ApiException runs =
        refused(StatusReason.CONFLICT, () -> snapshots.perform(key("s"), "restore", null));
    assertTrue(String.valueOf(runs.getMessage()).contains("otherixctl vm stop web"));
    vms.perform(key("web"), "stop", null);
    eventually(() -> vms.get(key("web")).at("/status/phase").asString("").equals("stopped"));
    ObjectNode task = snapshots.perform(key("s"), "restore", null);
    assertEquals("vm.restore", task.at("/spec/type").asString());
    assertEquals("n1", task.at("/spec/nodeName").asString());
    assertEquals("web", task.at("/spec/resource/name").asString());
    assertEquals(
        snapshots.get(key("s")).at("/metadata/uid").asString(),
        task.at("/spec/parameters/snapshotUID").asString());
  }

  @Test
  void machineOfASnapshot_waitsForIt_andGoesWhereItIs() throws Exception {
    runningMachine();
    snapshot("s");
    awaitBound("s");
    String uid = snapshots.get(key("s")).at("/metadata/uid").asString();
    vms.create(Manifests.object("VM", "copy", "\"sourceSnapshotID\": \"" + uid + "\""));
    eventually(() ->
        Condition.find(StatusConditions.of(vms.get(key("copy"))), "Scheduled")
            .map(Condition::reason)
            .orElse("")
            .equals("SnapshotNotReady"));
    ready("s");
    eventually(() -> vms.get(key("copy")).at("/spec/nodeName").asString("").equals("n1"));
  }

  @Test
  void whatTheControlPlaneWrites_isNobodyElses() {
    refused(
        StatusReason.INVALID,
        () ->
            snapshots.create(
                Manifests.object("VMSnapshot", "s", "\"vmName\": \"web\", \"nodeName\": \"n1\"")));
  }
}
