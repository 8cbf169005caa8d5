package dev.otherix.agent.kill;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import dev.otherix.agent.AgentCluster;
import dev.otherix.agent.images.ResumableFile;
import dev.otherix.apimachinery.client.DeleteOptions;
import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.object.ObjectKey;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;

/// A machine and what is done with it, while its agent is killed again and again. Has a server, a
/// folder and an agent of its own. One thread at a time.
final class KillCampaign {
  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final Duration LOOK = Duration.ofMillis(20);
  private static final String SAME_AS_NEXT = "agent.record.beforeWrite";
  private static final long GIBIBYTE = 1L << 30;

  private final AgentStart start;
  private final Path folder;
  private final Set<String> killedAt = new TreeSet<>();
  private final List<String> uids = new ArrayList<>();
  private final AgentCluster cluster;
  private final HttpServer images;
  private AgentProcess agent;
  private AgentProcess next;
  private String vm = "";
  private String uid = "";
  private int boots;
  private String snapshot = "";
  private int snapshots;
  private int snapshotBoots;
  private int kills;
  private int tasks;
  private int machines;

  /// In the order in which each can follow another.
  enum Operation {
    CREATE,
    GROW,
    ATTACH,
    PAUSE,
    RESUME,
    RESET,
    REBOOT,
    SNAPSHOT,
    STOP,
    DETACH,
    RESTORE,
    DELETE_SNAPSHOT,
    START,
    POWEROFF,
    START_AFTER_POWEROFF,
    DELETE
  }

  /// These need each other.
  static final Set<Operation> AROUND_A_STOP =
      EnumSet.of(
          Operation.ATTACH,
          Operation.SNAPSHOT,
          Operation.STOP,
          Operation.DETACH,
          Operation.RESTORE,
          Operation.DELETE_SNAPSHOT,
          Operation.START);

  KillCampaign(AgentStart start, Path folder) throws Exception {
    this.start = start;
    this.folder = folder;
    images = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    images.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    images.createContext("/", exchange -> ResumableFile.serve(exchange, TinyGuest.disk()));
    images.start();
    cluster = AgentCluster.at(folder.resolve("api.sock"));
    cluster.node();
    cluster.nodesNamespace();
    cluster.pool(folder.resolve("pools/main"));
    next = prepareAgent();
    agent = next;
    startAgent();
  }

  /// Ends everything that it started.
  void stop() throws Exception {
    agent.close();
    next.close();
    for (String each : uids) {
      killMachine(each);
    }
    cluster.close();
    images.stop(0);
  }

  private AgentProcess prepareAgent() throws Exception {
    return AgentProcess.prepare(
        start, folder.resolve("agent"), folder.resolve("api.sock"), folder.resolve("agent.log"));
  }

  private void startAgent() throws Exception {
    agent = next;
    agent.begin();
    next = prepareAgent();
  }

  /// Kills the agent in each of these operations, at each passage of a fault point.
  void killIn(Set<Operation> operations) throws Exception {
    Path foreign =
        Files.createDirectories(folder.resolve("pools/main/vms/" + UUID.randomUUID()))
            .resolve("disk0.qcow2");
    Files.write(foreign, new byte[512]);
    EnumSet<Operation> open = EnumSet.copyOf(operations);
    for (int passage = 1; !open.isEmpty(); passage++) {
      for (Operation each : Operation.values()) {
        if (isNeeded(each, open) && !attempt(each, open.contains(each) ? passage : 0)) {
          open.remove(each);
        }
      }
    }
    assertTrue(Files.exists(foreign));
  }

  /// Where the agent was killed.
  Set<String> killedAt() {
    return killedAt;
  }

  int kills() {
    return kills;
  }

  /// The host ends as if its power were cut, with two machines: one that runs and one that does
  /// not.
  void rebootHost() throws Exception {
    attempt(Operation.CREATE, 0);
    String running = vm;
    String runningUid = uid;
    attempt(Operation.CREATE, 0);
    attempt(Operation.STOP, 0);
    agent.kill();
    killMachine(runningUid);
    startAgent();
    Path log = log(runningUid);
    eventually("boots again", () -> TinyGuest.boots(log) == 2);
    eventually("told", () -> cluster.condition(running, "Running").equals("True Started"));
    assertEquals(1, AgentProcess.count(runningUid));
    assertEquals(0, AgentProcess.count(uid));
    assertEquals("False Stopped", cluster.condition(vm, "Running"));
  }

  /// Whether it is to be tried, or leads to one that is.
  private static boolean isNeeded(Operation operation, Set<Operation> open) {
    return switch (operation) {
      case CREATE, DELETE -> true;
      case GROW, RESET, REBOOT -> open.contains(operation);
      case PAUSE, RESUME -> open.contains(Operation.PAUSE) || open.contains(Operation.RESUME);
      case ATTACH, SNAPSHOT, STOP, DETACH, RESTORE, DELETE_SNAPSHOT, START ->
          open.stream().anyMatch(AROUND_A_STOP::contains);
      case POWEROFF, START_AFTER_POWEROFF ->
          open.contains(Operation.POWEROFF) || open.contains(Operation.START_AFTER_POWEROFF);
    };
  }

  /// @param passage at which the agent is killed; 0 for never
  /// @return whether it was
  private boolean attempt(Operation operation, int passage) throws Exception {
    boolean all = Boolean.getBoolean("kill.all") || !killedAt.contains(SAME_AS_NEXT);
    agent.stopAt(passage, all ? List.of() : List.of(SAME_AS_NEXT));
    begin(operation);
    String what = operation + " killed at passage " + passage;
    eventually(what, () -> !agent.stoppedAt().isEmpty() || isDone(operation));
    String point = agent.stoppedAt();
    if (!point.isEmpty()) {
      agent.kill();
      kills++;
      killedAt.add(point);
      startAgent();
      eventually(what + ", " + point, () -> isDone(operation));
    }
    if (!uid.isEmpty()) {
      boolean runs =
          !Set.of(
                  Operation.STOP,
                  Operation.DETACH,
                  Operation.RESTORE,
                  Operation.DELETE_SNAPSHOT,
                  Operation.POWEROFF,
                  Operation.DELETE)
              .contains(operation);
      assertEquals(runs ? 1 : 0, AgentProcess.count(uid), what + " " + point);
      assertEquals(runs ? 1 : 0, AgentProcess.countTpms(uid), what + " " + point);
    }
    return !point.isEmpty();
  }

  private void begin(Operation operation) throws Exception {
    switch (operation) {
      case CREATE -> {
        vm = "m" + machines++;
        boots = 1;
        String source = "http://127.0.0.1:" + images.getAddress().getPort() + "/" + vm;
        uid = cluster.vm(vm, URI.create(source), "\"diskGiB\": 1, \"tpm\": true,");
        uids.add(uid);
      }
      case GROW ->
          cluster
              .resource("vms")
              .mergePatch(
                  ObjectKey.clusterScoped(vm),
                  "",
                  Json.parseObject("{\"spec\": {\"diskGiB\": %d}}".formatted(size() + 1)));
      case ATTACH -> disks("{\"name\": \"data\", \"sizeGiB\": 1, \"whenRemoved\": \"Delete\"}");
      case DETACH -> disks("");
      case SNAPSHOT -> {
        snapshot = "s" + ++snapshots;
        snapshotBoots = boots;
        cluster
            .resource("vmsnapshots")
            .create(
                Json.parseObject(
                    """
                    {"apiVersion": "otherix/v1", "kind": "VMSnapshot",
                     "metadata": {"name": "%s", "finalizers": ["otherix/agent"]},
                     "spec": {"vmName": "%s", "vmUID": "%s", "nodeName": "%s"}}
                    """
                        .formatted(snapshot, vm, uid, AgentCluster.NODE)));
      }
      case RESTORE -> restore();
      case DELETE_SNAPSHOT ->
          cluster
              .resource("vmsnapshots")
              .delete(ObjectKey.clusterScoped(snapshot), DeleteOptions.DEFAULT);
      case PAUSE -> act("vm.pause", "Paused");
      case RESUME -> act("vm.resume", "Running");
      case RESET -> {
        boots++;
        act("vm.reset", "Running");
      }
      case REBOOT -> {
        boots++;
        act("vm.reboot", "Running");
      }
      case STOP -> act("vm.stop", "Stopped");
      case POWEROFF -> act("vm.poweroff", "Stopped");
      case START, START_AFTER_POWEROFF -> {
        boots++;
        act("vm.start", "Running");
      }
      case DELETE ->
          cluster.resource("vms").delete(ObjectKey.clusterScoped(vm), DeleteOptions.DEFAULT);
    }
  }

  private void disks(String disks) throws InterruptedException {
    cluster
        .resource("vms")
        .mergePatch(
            ObjectKey.clusterScoped(vm),
            "",
            Json.parseObject("{\"spec\": {\"disks\": [" + disks + "]}}"));
  }

  private void restore() throws InterruptedException {
    boots = snapshotBoots;
    cluster
        .resource("tasks")
        .create(
            Json.parseObject(
                """
                {"apiVersion": "otherix/v1", "kind": "Task", "metadata": {"name": "task%d"},
                 "spec": {"type": "vm.restore", "nodeName": "%s",
                   "resource": {"kind": "VM", "name": "%s", "uid": "%s"},
                   "parameters": {"snapshotUID": "%s"}}}
                """
                    .formatted(
                        ++tasks,
                        AgentCluster.NODE,
                        vm,
                        uid,
                        cluster.get("vmsnapshots", snapshot).at("/metadata/uid").asString(""))));
  }

  /// How many disks of its own the machine has whose names begin so.
  private long files(String prefix) throws Exception {
    try (var all = Files.list(folder.resolve("pools/main/vms/" + uid))) {
      return all.filter(each -> each.getFileName().toString().startsWith(prefix)).count();
    }
  }

  private void act(String type, String power) throws InterruptedException {
    cluster.power(vm, power);
    cluster.task("task" + ++tasks, type, vm);
  }

  private long size() throws InterruptedException {
    return cluster.get("vms", vm).at("/status/diskSizeBytes").asLong(0) / GIBIBYTE;
  }

  private boolean isDone(Operation operation) throws Exception {
    assertTrue(AgentProcess.count(uid) <= 1, "two QEMUs of one machine");
    return switch (operation) {
      case CREATE -> condition("True Started") && booted();
      case GROW ->
          size() == cluster.get("vms", vm).at("/spec/diskGiB").asLong(0)
              && condition("True Started");
      case ATTACH ->
          cluster.get("vms", vm).at("/status/disks/0/state").asString("").equals("Attached")
              && condition("True Started");
      case DETACH -> cluster.get("vms", vm).at("/status/disks").isEmpty() && files("data") == 0;
      case SNAPSHOT ->
          cluster.get("vmsnapshots", snapshot).at("/status/phase").asString("").equals("ready");
      case RESTORE -> taskEnded("success") && files("disk0") == 1;
      case DELETE_SNAPSHOT -> !cluster.exists("vmsnapshots", snapshot);
      case PAUSE -> condition("False Paused") && taskEnded("success");
      case RESUME -> condition("True Started") && taskEnded("success");
      case RESET -> condition("True Started") && resetDone();
      case REBOOT, START, START_AFTER_POWEROFF ->
          condition("True Started") && taskEnded("success") && booted();
      case STOP, POWEROFF -> condition("False Stopped") && taskEnded("success");
      case DELETE -> isGone();
    };
  }

  /// Nobody can know whether a reset was done just before the kill, so it is not done again.
  private boolean resetDone() throws Exception {
    if (taskEnded("failed")) {
      String code = cluster.get("tasks", "task" + tasks).at("/status/error/code").asString("");
      assertEquals("interrupted", code);
      boots = TinyGuest.boots(log(uid));
      return true;
    }
    return taskEnded("success") && booted();
  }

  private boolean condition(String running) throws InterruptedException {
    return cluster.condition(vm, "Running").equals(running);
  }

  private boolean taskEnded(String phase) throws InterruptedException {
    return cluster.taskPhase("task" + tasks).equals(phase);
  }

  private boolean booted() throws Exception {
    int now = TinyGuest.boots(log(uid));
    assertTrue(now <= boots, "the guest booted " + now + " times and not " + boots);
    return now == boots;
  }

  private boolean isGone() throws InterruptedException {
    Path disks = folder.resolve("pools/main/vms/" + uid);
    boolean gone = !cluster.exists("vms", vm) && !Files.exists(folder.resolve("agent/vms/" + uid));
    if (gone) {
      assertFalse(Files.exists(disks), "the disks of a deleted machine are there");
    }
    return gone;
  }

  private Path log(String machine) {
    return folder.resolve("agent/vms/" + machine + "/serial.log");
  }

  private static void killMachine(String machine) throws Exception {
    ProcessHandle.allProcesses()
        .filter(each -> each.info().commandLine().orElse("").contains("-uuid " + machine))
        .forEach(ProcessHandle::destroyForcibly);
    eventually("killed", () -> AgentProcess.count(machine) == 0);
  }

  private static void eventually(String what, Callable<Boolean> holds) {
    await(what)
        .dontCatchUncaughtExceptions()
        .atMost(PATIENCE)
        .pollInterval(LOOK)
        .pollDelay(Duration.ZERO)
        .until(holds);
  }
}
