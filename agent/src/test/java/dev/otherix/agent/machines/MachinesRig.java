package dev.otherix.agent.machines;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.agent.AgentCluster;
import dev.otherix.agent.hypervisor.Hypervisor;
import dev.otherix.agent.hypervisor.MachinePlan.Attachment;
import dev.otherix.agent.images.ImageLimits;
import dev.otherix.agent.images.ImageStore;
import dev.otherix.agent.pools.Pools;
import dev.otherix.agent.state.RecordStore;
import dev.otherix.apimachinery.client.DeleteOptions;
import dev.otherix.apimachinery.client.Pause;
import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.fault.Fault;
import dev.otherix.apimachinery.informer.Informer;
import dev.otherix.apimachinery.informer.InformerOptions;
import dev.otherix.apimachinery.object.ObjectKey;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import tools.jackson.databind.node.ObjectNode;

/// The machines of one node against a real server, and an agent that may be killed at a fault point
/// and started again.
final class MachinesRig implements AutoCloseable {
  static final Duration PATIENCE = Duration.ofMinutes(3);

  /// Ends the keeper's thread where it is, as a kill would.
  static final class Killed extends Error {
    private static final long serialVersionUID = 1L;
  }

  private final Path temp;
  private final Hypervisor hypervisor;
  private final Path images;
  private final AgentCluster cluster = new AgentCluster();
  private final AtomicBoolean killed = new AtomicBoolean();
  private Machines machines;
  private RecordStore records;
  private List<Informer> informers = List.of();
  private final Set<String> armed = new HashSet<>();

  /// @param images the folder that images may come from
  MachinesRig(Path temp, Hypervisor hypervisor, Path images) throws Exception {
    this.temp = temp;
    this.hypervisor = hypervisor;
    this.images = images;
    cluster.pool(temp.resolve("pools/main"));
    start();
  }

  AgentCluster cluster() {
    return cluster;
  }

  private void start() throws Exception {
    Informer pools = new Informer(cluster.resource("storagepools"), InformerOptions.ALL);
    Informer settings = new Informer(cluster.resource("clustersettings"), InformerOptions.ALL);
    informers = List.of(pools, settings);
    informers.forEach(Informer::start);
    assertTrue(pools.awaitSynced(PATIENCE) && settings.awaitSynced(PATIENCE));
    records = RecordStore.open(temp.resolve("vms"));
    Shared shared =
        new Shared(
            new ServerView(cluster.client(), AgentCluster.NODE),
            hypervisor,
            "amd64",
            records,
            ImageStore.open(
                temp.resolve("images"),
                ImageLimits.DEFAULT.withFolders(List.of(images)),
                InstantSource.system()),
            new Pools(AgentCluster.NODE, pools, settings),
            _ -> new Attachment.UserMode(),
            Fence.open(temp, new TestUptime(), () -> 60, () -> true),
            Pause.real(),
            InstantSource.system(),
            new Random(7));
    machines = Machines.start(shared, AgentCluster.NODE, () -> {});
  }

  private void end() {
    machines.close();
    informers.forEach(Informer::close);
    records.close();
  }

  void restart() throws Exception {
    end();
    start();
  }

  /// Kills the agent's work when it passes the place for the n-th time.
  void killAt(String fault, int passes) {
    killed.set(false);
    armed.add(fault);
    AtomicInteger left = new AtomicInteger(passes);
    Fault.arm(
        fault,
        () -> {
          if (left.decrementAndGet() == 0) {
            Fault.disarm(fault);
            killed.set(true);
            throw new Killed();
          }
        });
  }

  void awaitKilled() {
    eventually(killed::get);
  }

  static void eventually(Callable<Boolean> holds) {
    await()
        .dontCatchUncaughtExceptions()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(10))
        .until(holds);
  }

  void awaitRunning(String vm, String condition) {
    eventually(() -> cluster.condition(vm, "Running").equals(condition));
  }

  /// A snapshot that the control plane has given to the node.
  ///
  /// @return its uid
  String snapshot(String name, String vm, String consistency) throws InterruptedException {
    return snapshot(name, vm, consistency, "all");
  }

  String snapshot(String name, String vm, String consistency, String disks)
      throws InterruptedException {
    String uid = cluster.get("vms", vm).at("/metadata/uid").asString("");
    ObjectNode snapshot =
        cluster
            .resource("vmsnapshots")
            .create(
                Json.parseObject(
                    """
                    {"apiVersion": "otherix/v1", "kind": "VMSnapshot",
                     "metadata": {"name": "%s", "finalizers": ["otherix/agent"]},
                     "spec": {"vmName": "%s", "vmUID": "%s", "nodeName": "%s",
                       "consistency": "%s", "disks": "%s"}}
                    """
                        .formatted(name, vm, uid, AgentCluster.NODE, consistency, disks)));
    return snapshot.at("/metadata/uid").asString("");
  }

  ObjectNode statusOf(String snapshot) throws InterruptedException {
    return cluster.get("vmsnapshots", snapshot).withObjectProperty("status");
  }

  void awaitPhase(String snapshot, String phase) {
    eventually(() -> statusOf(snapshot).path("phase").asString("").equals(phase));
  }

  Path copyOf(String snapshotUid) {
    return temp.resolve("pools/main/snapshots/" + snapshotUid + "/disk0.qcow2");
  }

  void delete(String plural, String name) throws InterruptedException {
    cluster.resource(plural).delete(ObjectKey.clusterScoped(name), DeleteOptions.DEFAULT);
  }

  /// What the control plane makes when somebody asks to restore.
  void restore(String task, String vm, String snapshotUid) throws InterruptedException {
    String uid = cluster.get("vms", vm).at("/metadata/uid").asString("");
    cluster
        .resource("tasks")
        .create(
            Json.parseObject(
                """
                {"apiVersion": "otherix/v1", "kind": "Task", "metadata": {"name": "%s"},
                 "spec": {"type": "vm.restore", "nodeName": "%s",
                   "resource": {"kind": "VM", "name": "%s", "uid": "%s"},
                   "parameters": {"snapshotUID": "%s"}}}
                """
                    .formatted(task, AgentCluster.NODE, vm, uid, snapshotUid)));
  }

  void awaitTask(String task, String phase) {
    eventually(() -> cluster.taskPhase(task).equals(phase));
  }

  @Override
  public void close() {
    armed.forEach(Fault::disarm);
    end();
    cluster.close();
  }
}
