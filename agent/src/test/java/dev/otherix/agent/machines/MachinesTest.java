package dev.otherix.agent.machines;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.agent.AgentCluster;
import dev.otherix.agent.hypervisor.MachineSize;
import dev.otherix.agent.hypervisor.Power;
import dev.otherix.agent.images.ImageLimits;
import dev.otherix.agent.images.ImageStore;
import dev.otherix.agent.pools.Pools;
import dev.otherix.agent.simulated.SimulatedHypervisor;
import dev.otherix.agent.state.RecordStore;
import dev.otherix.apimachinery.client.DeleteOptions;
import dev.otherix.apimachinery.client.Pause;
import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.fault.Fault;
import dev.otherix.apimachinery.informer.Informer;
import dev.otherix.apimachinery.informer.InformerOptions;
import dev.otherix.apimachinery.object.ObjectKey;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Machines against a real server, on a hypervisor that obeys and then does not.
@Tag("slow")
final class MachinesTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  @TempDir private Path temp;
  private final SimulatedHypervisor hypervisor = new SimulatedHypervisor();
  private final TestUptime uptime = new TestUptime();
  private AgentCluster cluster;
  private Path image;
  private Agent agent;

  /// What ends with an agent's process.
  private record Agent(Machines machines, RecordStore records, List<Informer> informers) {
    void end() {
      machines.close();
      informers.forEach(Informer::close);
      records.close();
    }
  }

  @BeforeEach
  void start() throws Exception {
    cluster = new AgentCluster();
    cluster.pool(temp.resolve("pools/main"));
    image =
        Files.write(
            Files.createDirectory(temp.resolve("offered")).resolve("a.img"), new byte[4096]);
    agent = startAgent();
  }

  @AfterEach
  void stop() {
    agent.end();
    cluster.close();
  }

  private Agent startAgent() throws Exception {
    Informer pools = new Informer(cluster.resource("storagepools"), InformerOptions.ALL);
    Informer settings = new Informer(cluster.resource("clustersettings"), InformerOptions.ALL);
    pools.start();
    settings.start();
    assertTrue(pools.awaitSynced(PATIENCE) && settings.awaitSynced(PATIENCE));
    RecordStore records = RecordStore.open(temp.resolve("vms"));
    Shared shared =
        new Shared(
            new ServerView(cluster.client(), AgentCluster.NODE),
            hypervisor,
            "amd64",
            records,
            ImageStore.open(
                temp.resolve("images"),
                ImageLimits.DEFAULT.withFolders(List.of(temp.resolve("offered"))),
                InstantSource.system()),
            new Pools(AgentCluster.NODE, pools, settings),
            NicAttachment.NONE,
            Fence.open(temp, uptime, () -> 60, () -> true),
            Pause.real(),
            InstantSource.system(),
            new Random(7));
    return new Agent(
        Machines.start(shared, AgentCluster.NODE, () -> {}), records, List.of(pools, settings));
  }

  private void restartAgent() throws Exception {
    agent.end();
    agent = startAgent();
  }

  private static void eventually(Callable<Boolean> holds) {
    await()
        .dontCatchUncaughtExceptions()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(10))
        .until(holds);
  }

  private void awaitRunning(String vm, String condition) {
    eventually(() -> cluster.condition(vm, "Running").equals(condition));
  }

  private String running(String name) throws InterruptedException {
    String uid = cluster.vm(name, image, "");
    awaitRunning(name, "True Started");
    return uid;
  }

  private void delete(String vm) throws InterruptedException {
    cluster.resource("vms").delete(ObjectKey.clusterScoped(vm), DeleteOptions.DEFAULT);
  }

  private void awaitTask(String task, String phase) {
    eventually(() -> cluster.taskPhase(task).equals(phase));
  }

  @Test
  void create_boundMachine_runsAndTellsWhatItIs() throws Exception {
    String uid = running("web");
    assertEquals("True DiskMade", cluster.condition("web", "ImageReady"));
    assertEquals("True NoNetwork", cluster.condition("web", "NetworkReady"));
    var status = cluster.get("vms", "web").path("status");
    assertEquals(AgentCluster.NODE, status.path("node").asString(""));
    assertEquals("main", status.path("pool").asString(""));
    assertEquals(4096, status.path("diskSizeBytes").asLong(0));
    assertEquals(64, status.path("imageSHA256").asString("").length());
    assertFalse(status.path("lastStartedAt").asString("").isEmpty());
    assertEquals(Set.of(uid), hypervisor.running());
    assertTrue(Files.exists(temp.resolve("pools/main/vms/" + uid + "/disk0.qcow2")));
  }

  @Test
  void create_inAClusterThatNamesNoDefaultPool_usesTheOneCalledDefault() throws Exception {
    Path folder = temp.resolve("pools/other");
    cluster
        .resource("clustersettings")
        .apply(
            Json.parseObject(
                """
                {"apiVersion": "otherix/v1", "kind": "ClusterSettings",
                 "metadata": {"name": "cluster"}, "spec": {"allowedPoolPaths": ["%s"]}}
                """
                    .formatted(folder.resolveSibling(""))));
    cluster
        .resource("storagepools")
        .create(
            Json.parseObject(
                """
                {"apiVersion": "otherix/v1", "kind": "StoragePool", "metadata": {"name": "default"},
                 "spec": {"path": "%s", "nodeList": ["%s"]}}
                """
                    .formatted(folder, AgentCluster.NODE)));
    restartAgent();
    running("web");
    assertEquals("default", cluster.get("vms", "web").at("/status/pool").asString(""));
  }

  @Test
  void power_everyChange_isFollowed() throws Exception {
    String uid = running("web");
    cluster.power("web", "Paused");
    awaitRunning("web", "False Paused");
    assertEquals(Power.PAUSED, hypervisor.power(uid));
    cluster.power("web", "Running");
    awaitRunning("web", "True Started");
    cluster.power("web", "Stopped");
    awaitRunning("web", "False Stopped");
    assertEquals(Set.of(), hypervisor.running());
    cluster.power("web", "Running");
    awaitRunning("web", "True Started");
    assertEquals(2, hypervisor.starts(uid));
  }

  @Test
  void stop_guestThatIgnoresIt_isAskedAndNeverForced() throws Exception {
    String uid = running("web");
    hypervisor.ignoreButton(true);
    cluster.power("web", "Stopped");
    awaitRunning("web", "False Stopping");
    assertEquals(Power.RUNNING, hypervisor.power(uid));
    cluster.task("off", "vm.poweroff", "web");
    awaitTask("off", "success");
    awaitRunning("web", "False Stopped");
    assertEquals(Set.of(), hypervisor.running());
  }

  @Test
  void guestShutdown_onFailurePolicy_isHonouredUntilStartIsAsked() throws Exception {
    String uid = running("web");
    hypervisor.shutDownGuest(uid);
    awaitRunning("web", "False GuestShutdown");
    restartAgent();
    assertEquals(Set.of(), hypervisor.running());
    cluster.task("start", "vm.start", "web");
    awaitTask("start", "success");
    assertEquals(2, hypervisor.starts(uid));
  }

  @Test
  void guestShutdown_alwaysPolicy_isStartedAgain() throws Exception {
    String uid = cluster.vm("web", image, "\"runPolicy\": \"Always\",");
    awaitRunning("web", "True Started");
    hypervisor.shutDownGuest(uid);
    eventually(() -> hypervisor.starts(uid) == 2);
  }

  @Test
  void crash_byPolicy_isStartedAgainOrNot() throws Exception {
    String uid = running("web");
    String manual = cluster.vm("manual", image, "\"runPolicy\": \"Manual\",");
    awaitRunning("manual", "True Started");
    hypervisor.losePower();
    eventually(() -> hypervisor.starts(uid) == 2);
    awaitRunning("web", "True Started");
    awaitRunning("manual", "False Crashed");
    assertEquals(1, hypervisor.starts(manual));
  }

  @Test
  void start_thatFails_isToldAndTriedAgain() throws Exception {
    hypervisor.failStarts("no more memory on this host");
    cluster.vm("web", image, "");
    awaitRunning("web", "False StartFailed");
    cluster.task("start", "vm.start", "web");
    awaitTask("start", "failed");
    String error = cluster.get("tasks", "start").at("/status/error/message").asString("");
    assertEquals("no more memory on this host", error);
    hypervisor.failStarts(null);
    awaitRunning("web", "True Started");
  }

  @Test
  void task_resetAndReboot_areCarriedOutOnce() throws Exception {
    String uid = running("web");
    cluster.task("reset", "vm.reset", "web");
    awaitTask("reset", "success");
    assertEquals(1, hypervisor.resets(uid));
    cluster.task("reboot", "vm.reboot", "web");
    awaitTask("reboot", "success");
    assertEquals(2, hypervisor.starts(uid));
    cluster.power("web", "Stopped");
    cluster.task("stop", "vm.stop", "web");
    awaitTask("stop", "success");
    cluster.task("again", "vm.reset", "web");
    awaitTask("again", "failed");
    assertEquals(
        "vm_not_running", cluster.get("tasks", "again").at("/status/error/code").asString(""));
  }

  @Test
  void delete_runningMachine_leavesNothing() throws Exception {
    String uid = running("web");
    delete("web");
    eventually(() -> !cluster.exists("vms", "web"));
    eventually(() -> agent.machines.known().isEmpty());
    assertEquals(Set.of(), hypervisor.running());
    assertFalse(Files.exists(temp.resolve("pools/main/vms/" + uid)));
    assertFalse(Files.exists(temp.resolve("vms/" + uid)));
  }

  @Test
  void image_thatIsNotAllowed_isToldAndMachineCanBeDeleted() throws Exception {
    cluster.vm("web", Path.of("/etc/hostname"), "");
    eventually(() -> cluster.condition("web", "ImageReady").equals("False ImageSourceForbidden"));
    delete("web");
    eventually(() -> !cluster.exists("vms", "web"));
  }

  @Test
  void machine_thatTheServerForgot_isLeftAlone() throws Exception {
    String uid = running("web");
    cluster
        .resource("vms")
        .mergePatch(
            ObjectKey.clusterScoped("web"),
            "",
            dev.otherix.apimachinery.codec.Json.parseObject(
                "{\"metadata\": {\"finalizers\": null}}"));
    delete("web");
    eventually(() -> !cluster.exists("vms", "web"));
    restartAgent();
    assertEquals(Set.of(uid), hypervisor.running());
    List<Machines.Known> known = List.of(new Machines.Known(uid, "web", Power.RUNNING));
    eventually(() -> agent.machines.known().equals(known));
    assertTrue(Files.exists(temp.resolve("pools/main/vms/" + uid + "/disk0.qcow2")));
  }

  /// Ends a keeper's thread wherever it stands, as a killed process would.
  private static final class Killed extends Error {
    private static final long serialVersionUID = 1L;
  }

  private final AtomicBoolean killed = new AtomicBoolean();

  private void killAt(String fault, int passes) {
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

  @ParameterizedTest
  @ValueSource(
      strings = {
        "agent.record.beforeWrite 1",
        "agent.record.afterWrite 1",
        "agent.record.beforeWrite 2",
        "agent.record.afterWrite 2",
        "agent.record.beforeWrite 3",
        "agent.record.afterWrite 3",
        "agent.file.beforeRename 3",
        "agent.machine.afterSpawn 1",
        "agent.record.beforeWrite 4",
        "agent.record.afterWrite 4",
        "agent.machine.afterResume 1"
      })
  void create_killedAtAnyStep_isOneMachineAfterRestart(String where) throws Exception {
    String fault = where.substring(0, where.indexOf(' '));
    killAt(fault, Integer.parseInt(where.substring(where.indexOf(' ') + 1)));
    String uid = cluster.vm("web", image, "");
    eventually(killed::get);
    restartAgent();
    awaitRunning("web", "True Started");
    assertEquals(Set.of(uid), hypervisor.running());
    assertEquals(1, hypervisor.starts(uid));
    assertEquals(Power.RUNNING, hypervisor.power(uid));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "agent.record.beforeWrite",
        "agent.record.afterWrite",
        "agent.machine.afterDisksDeleted",
        "agent.machine.afterFinalizer"
      })
  void delete_killedAtAnyStep_isDeletedAfterRestart(String fault) throws Exception {
    String uid = running("web");
    killAt(fault, 1);
    delete("web");
    eventually(killed::get);
    restartAgent();
    eventually(() -> !cluster.exists("vms", "web"));
    eventually(() -> agent.machines.known().isEmpty());
    assertEquals(Set.of(), hypervisor.running());
    assertFalse(Files.exists(temp.resolve("pools/main/vms/" + uid)));
    assertFalse(Files.exists(temp.resolve("vms/" + uid)));
  }

  @Test
  void reset_killedAfterItWasBegun_isNotDoneTwice() throws Exception {
    String uid = running("web");
    // The second record of the task is that it succeeded: the reset itself is done by then.
    killAt("agent.record.beforeWrite", 2);
    cluster.task("reset", "vm.reset", "web");
    eventually(killed::get);
    assertEquals(1, hypervisor.resets(uid));
    restartAgent();
    awaitTask("reset", "failed");
    assertEquals(1, hypervisor.resets(uid));
    assertEquals(
        "interrupted", cluster.get("tasks", "reset").at("/status/error/code").asString(""));
  }

  private void spec(String vm, String members) throws InterruptedException {
    cluster
        .resource("vms")
        .mergePatch(
            ObjectKey.clusterScoped(vm), "", Json.parseObject("{\"spec\": {" + members + "}}"));
  }

  private long diskBytes(String vm) throws InterruptedException {
    return cluster.get("vms", vm).at("/status/diskSizeBytes").asLong(0);
  }

  private Path disk(String uid) {
    return temp.resolve("pools/main/vms/" + uid + "/disk0.qcow2");
  }

  @Test
  void disk_ofRunningMachine_growsUnderTheGuest() throws Exception {
    String uid = running("web");
    spec("web", "\"diskGiB\": 2");
    eventually(() -> diskBytes("web") == 2L << 30);
    assertEquals(2L << 30, hypervisor.grownTo(disk(uid)));
    assertEquals(1, hypervisor.starts(uid));
    restartAgent();
    hypervisor.failGrowth("no room for it");
    spec("web", "\"diskGiB\": 3");
    eventually(() -> cluster.condition("web", "Resized").equals("False ResizeFailed"));
    assertEquals("True Started", cluster.condition("web", "Running"));
    assertEquals(2L << 30, diskBytes("web"));
    hypervisor.failGrowth(null);
    // Any change has the keeper try again.
    spec("web", "\"memoryMB\": 300");
    eventually(() -> diskBytes("web") == 3L << 30);
    eventually(() -> cluster.condition("web", "Resized").isEmpty());
  }

  @Test
  void disk_ofStoppedMachine_isGrownInItsFile() throws Exception {
    String uid = running("web");
    cluster.power("web", "Stopped");
    awaitRunning("web", "False Stopped");
    spec("web", "\"diskGiB\": 2");
    eventually(() -> diskBytes("web") == 2L << 30);
    assertEquals(0, hypervisor.grownTo(disk(uid)));
    Process info =
        new ProcessBuilder("qemu-img", "info", "--output=json", disk(uid).toString()).start();
    assertEquals(
        2L << 30,
        Json.parseObject(new String(info.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
            .path("virtual-size")
            .asLong(0));
  }

  @Test
  void resources_ofRunningMachine_changeAtOnce_orComeWithTheNextStart() throws Exception {
    String uid = running("web");
    assertEquals("", cluster.condition("web", "RestartRequired"));
    spec("web", "\"vcpus\": 2, \"memoryMB\": 300");
    eventually(() -> hypervisor.size(uid).equals(new MachineSize(2, 300)));
    eventually(() -> cluster.condition("web", "RestartRequired").isEmpty());
    // This guest takes its time.
    hypervisor.holdDevices(true);
    spec("web", "\"vcpus\": 3");
    eventually(() -> cluster.condition("web", "RestartRequired").equals("False Resizing"));
    hypervisor.holdDevices(false);
    spec("web", "\"vcpus\": 4");
    eventually(() -> hypervisor.size(uid).equals(new MachineSize(4, 300)));
    eventually(() -> cluster.condition("web", "RestartRequired").isEmpty());
    // Less than it started with cannot be had.
    spec("web", "\"vcpus\": 3, \"memoryMB\": 200");
    eventually(() -> cluster.condition("web", "RestartRequired").equals("True ResourcesChanged"));
    restartAgent();
    awaitRunning("web", "True Started");
    assertEquals("True ResourcesChanged", cluster.condition("web", "RestartRequired"));
    cluster.power("web", "Stopped");
    awaitRunning("web", "False Stopped");
    eventually(() -> cluster.condition("web", "RestartRequired").isEmpty());
    cluster.power("web", "Running");
    awaitRunning("web", "True Started");
    assertEquals("", cluster.condition("web", "RestartRequired"));
    assertEquals(3, hypervisor.plan(uid).vcpus());
    assertEquals(200, hypervisor.plan(uid).memoryMiB());
  }
}
