package dev.otherix.agent.machines;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.agent.AgentCluster;
import dev.otherix.agent.images.ImageLimits;
import dev.otherix.agent.images.ImageStore;
import dev.otherix.agent.pools.Pools;
import dev.otherix.agent.simulated.SimulatedHypervisor;
import dev.otherix.agent.state.MachineRecord;
import dev.otherix.agent.state.RecordStore;
import dev.otherix.apimachinery.client.Pause;
import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.fault.Fault;
import dev.otherix.apimachinery.informer.Informer;
import dev.otherix.apimachinery.informer.InformerOptions;
import dev.otherix.apimachinery.object.ObjectKey;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.ObjectNode;

/// Machines that may be made anew elsewhere, on a node that loses its server.
@Tag("slow")
final class FencingTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final String RECREATE = "\"recovery\": \"Recreate\",";

  @TempDir private Path temp;
  private final SimulatedHypervisor hypervisor = new SimulatedHypervisor();
  private final TestUptime uptime = new TestUptime();
  private final AtomicInteger limit = new AtomicInteger(60);
  private final AtomicBoolean guarded = new AtomicBoolean(true);
  private AgentCluster cluster;
  private Path image;
  private RecordStore records;
  private List<Informer> informers;
  private Fence fence;
  private Shared shared;
  private Machines machines;

  @BeforeEach
  void start() throws Exception {
    cluster = new AgentCluster();
    cluster.pool(temp.resolve("pools/main"));
    image =
        Files.write(
            Files.createDirectory(temp.resolve("offered")).resolve("a.img"), new byte[4096]);
    startAgent();
    fence.renewed(fence.now());
  }

  private void startAgent() throws Exception {
    Informer pools = new Informer(cluster.resource("storagepools"), InformerOptions.ALL);
    Informer settings = new Informer(cluster.resource("clustersettings"), InformerOptions.ALL);
    informers = List.of(pools, settings);
    informers.forEach(Informer::start);
    assertTrue(pools.awaitSynced(PATIENCE) && settings.awaitSynced(PATIENCE));
    records = RecordStore.open(temp.resolve("vms"));
    fence = Fence.open(temp, uptime, limit::get, guarded::get);
    shared =
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
            fence,
            Pause.real(),
            InstantSource.system(),
            new Random(7));
    machines = Machines.start(shared, AgentCluster.NODE, () -> {});
  }

  @AfterEach
  void stop() {
    endAgent();
    cluster.close();
  }

  private void endAgent() {
    machines.close();
    informers.forEach(Informer::close);
    records.close();
  }

  private static void eventually(Callable<Boolean> holds) {
    await()
        .dontCatchUncaughtExceptions()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(10))
        .until(holds);
  }

  private String running(String name, String more) throws InterruptedException {
    String uid = cluster.vm(name, image, more);
    eventually(() -> cluster.condition(name, "Running").equals("True Started"));
    return uid;
  }

  private void bind(String vm, String node, int incarnation) throws InterruptedException {
    cluster
        .resource("vms")
        .mergePatch(
            ObjectKey.clusterScoped(vm),
            "",
            Json.parseObject(
                "{\"spec\": {\"nodeName\": \"%s\", \"incarnation\": %d}}"
                    .formatted(node, incarnation)));
  }

  private long claims(String vm) throws InterruptedException {
    return cluster.get("vms", vm).at("/status/claims").asLong(0);
  }

  private boolean runs(String uid) {
    return hypervisor.running().contains(uid);
  }

  @Test
  void start_machineThatMayBeMadeAnew_isPromisedAndClaimed() throws Exception {
    running("web", RECREATE);
    eventually(() -> cluster.get("vms", "web").at("/status/fencedAfterSeconds").asInt(0) == 60);
    assertEquals(1, claims("web"));
    running("stays", "");
    assertTrue(cluster.get("vms", "stays").at("/status/fencedAfterSeconds").isMissingNode());
    assertEquals(0, claims("stays"));
  }

  @Test
  void server_lostForLongerThanPromised_stopsOnlyWhatMayBeMadeAnew() throws Exception {
    String stays = running("stays", "");
    String web = running("web", RECREATE);
    uptime.advance(Duration.ofSeconds(59));
    String later = running("later", RECREATE);
    assertTrue(runs(web));
    uptime.advance(Duration.ofSeconds(1));
    eventually(() -> !runs(web) && !runs(later));
    assertTrue(runs(stays));
    fence.renewed(fence.now());
    eventually(() -> runs(web) && hypervisor.starts(web) == 2 && claims("web") == 2);
    assertEquals(1, hypervisor.starts(stays));
  }

  @Test
  void agent_startsAgainWhileTheServerIsLost_goesOnCounting() throws Exception {
    String web = running("web", RECREATE);
    endAgent();
    uptime.advance(Duration.ofSeconds(59));
    startAgent();
    assertTrue(fence.allows(60));
    uptime.advance(Duration.ofSeconds(1));
    eventually(() -> !runs(web));
  }

  @Test
  void agent_stoodStillWhileItStartedTheMachine_neverLetsItGo() throws Exception {
    AtomicInteger resumed = new AtomicInteger();
    running("other", "");
    Fault.arm("agent.machine.afterSpawn", () -> uptime.advance(Duration.ofSeconds(60)));
    Fault.arm("agent.machine.afterResume", resumed::incrementAndGet);
    try {
      String web = cluster.vm("web", image, RECREATE);
      eventually(() -> hypervisor.starts(web) == 1 && !runs(web));
      assertEquals(0, resumed.get());
      Fault.disarm("agent.machine.afterSpawn");
      fence.renewed(fence.now());
      eventually(() -> cluster.condition("web", "Running").equals("True Started"));
      assertEquals(1, resumed.get());
    } finally {
      Fault.disarm("agent.machine.afterSpawn");
      Fault.disarm("agent.machine.afterResume");
    }
  }

  @Test
  void fence_hostStartsAgain_isClosedUntilTheServerHears() throws Exception {
    uptime.reboot();
    Fence after = Fence.open(temp, uptime, limit::get, guarded::get);
    assertFalse(after.allows(60));
    assertTrue(after.allows(null));
    after.renewed(after.now());
    assertTrue(after.allows(60));
  }

  @Test
  void node_returnsAfterItsMachineWasMadeAnew_neverStartsTheOldCopy() throws Exception {
    String web = running("web", RECREATE);
    Path folder = temp.resolve("pools/main");
    uptime.advance(Duration.ofSeconds(60));
    eventually(() -> !runs(web));
    bind("web", "n2", 1);
    fence.renewed(fence.now());
    // Whatever is bound here starts, so the keepers have seen that the server is back.
    running("other", RECREATE);
    assertFalse(runs(web));
    assertEquals(1, hypervisor.starts(web));
    bind("web", AgentCluster.NODE, 2);
    cluster.networkReady("web");
    eventually(() -> runs(web));
    List<Path> kept;
    try (var all = Files.walk(folder)) {
      kept = all.filter(each -> each.toString().endsWith(web + ".recovered-0")).toList();
    }
    assertEquals(1, kept.size());
    assertTrue(Files.exists(kept.getFirst().resolve("disk0.qcow2")));
  }

  @Test
  void mayLaunch_copyOfTheServerIsOld_isDecidedByTheServer() throws Exception {
    machines.close();
    cluster.vm("web", image, RECREATE + "\"powerState\": \"Stopped\",");
    ObjectNode seen = cluster.get("vms", "web");
    Wanted wanted = Wanted.of(seen);
    MachineRecord record = MachineRecord.fresh(wanted.uid(), "web").fencedAfter(60);
    Promise promise = promise(record);
    assertTrue(promise.mayLaunch(wanted));
    assertEquals(1, claims("web"));
    bind("web", "n2", 0);
    assertFalse(promise.mayLaunch(wanted));
    bind("web", AgentCluster.NODE, 1);
    assertFalse(promise.mayLaunch(wanted));
    assertTrue(promise(record.in("/nowhere", 1)).mayLaunch(wanted));
    uptime.advance(Duration.ofSeconds(60));
    assertFalse(promise(record.in("/nowhere", 1)).mayLaunch(wanted));
    assertEquals(2, claims("web"));
  }

  private Promise promise(MachineRecord record) {
    return new Promise(kept(record), shared, AgentCluster.NODE);
  }

  private KeptRecord kept(MachineRecord record) {
    return new KeptRecord(records, record, true);
  }

  @Test
  void promise_laxer_isInForceOnlyOnceItIsTold() throws Exception {
    machines.close();
    cluster.vm("web", image, RECREATE + "\"powerState\": \"Stopped\",");
    Wanted wanted = Wanted.of(cluster.get("vms", "web"));
    KeptRecord kept = kept(MachineRecord.fresh(wanted.uid(), "web"));
    Promise promise = new Promise(kept, shared, AgentCluster.NODE);
    assertNull(kept.present().fencedAfterSeconds());
    promise.tighten(wanted);
    assertEquals(60, kept.present().fencedAfterSeconds());
    limit.set(90);
    promise.tighten(wanted);
    assertEquals(60, kept.present().fencedAfterSeconds());
    promise.told(wanted, promise.of(wanted));
    assertEquals(90, kept.present().fencedAfterSeconds());
    limit.set(30);
    promise.tighten(wanted);
    assertEquals(30, kept.present().fencedAfterSeconds());
    guarded.set(false);
    assertNull(promise.of(wanted));
    promise.told(wanted, null);
    assertEquals(30, kept.present().fencedAfterSeconds());
  }
}
