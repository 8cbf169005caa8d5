package dev.otherix.controllers.plane;

import static dev.otherix.controllers.cluster.OtherixResources.key;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.apimachinery.client.ApiClient;
import dev.otherix.apimachinery.client.ClientOptions;
import dev.otherix.apimachinery.client.ConnectionException;
import dev.otherix.apimachinery.client.DeleteOptions;
import dev.otherix.apimachinery.client.ListOptions;
import dev.otherix.apimachinery.client.ResourceClient;
import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.controllers.Manifests;
import dev.otherix.controllers.Partition;
import dev.otherix.controllers.ShiftedClock;
import dev.otherix.controllers.SimulatedAgent;
import dev.otherix.controllers.TestCluster;
import dev.otherix.controllers.cluster.OtherixResources;
import dev.otherix.controllers.gc.GarbageCollector;
import dev.otherix.controllers.runtime.ControllerHost;
import dev.otherix.schemas.Schemas;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.node.ObjectNode;

/// The whole control plane and three nodes, by seed: nodes are cut off and return, answers are
/// lost, nodes and the control plane go by what was true a while ago, the control plane is killed
/// or two of them work at once, and people edit meanwhile and ask for the same thing twice. At no
/// moment does a machine run twice, no acknowledged machine is lost, and in the end each is what
/// its spec asks for.
@Tag("slow")
final class PartitionWalkTest {
  private static final int NODES = 3;
  private static final int NAMES = 6;
  private static final int STEPS = 60;
  private static final Duration HEALING_MAX = Duration.ofSeconds(90);

  /// Less than what lies between a node's limit and that of the control plane.
  private static final Duration STEP = Duration.ofSeconds(10);

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void walk_partitionsAndKills_neverRunsAMachineTwice(long seed) throws Exception {
    try (Walk walk = new Walk(seed)) {
      walk.run();
    }
  }

  private static final class Walk implements AutoCloseable {
    private final String title;
    private final Random random;
    private final ShiftedClock clock = new ShiftedClock();
    private final AtomicLong steadyNanos = new AtomicLong();
    private final AtomicBoolean lossy = new AtomicBoolean();
    private final TestCluster cluster;
    private final ResourceClient vms;
    private final List<SimulatedAgent> agents = new ArrayList<>();
    private final List<Partition> partitions = new ArrayList<>();
    private final Set<String> acknowledged = new HashSet<>();
    private Plane plane;
    private @Nullable Plane former;

    /// Controllers, and their way to the server.
    private record Plane(ControllerHost host, Partition line) implements AutoCloseable {
      @Override
      public void close() {
        line.cut(true);
        host.close();
      }
    }

    Walk(long seed) throws Exception {
      this.title = "seed " + seed;
      this.random = new Random(seed);
      this.cluster = new TestCluster(Schemas.kinds(), clock, new ControlPlane(clock));
      this.vms = cluster.client().resource(OtherixResources.VMS);
      cluster
          .client()
          .resource(TestCluster.NAMESPACES)
          .create(
              Json.parseObject(
                  """
                  {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "otherix-nodes"}}
                  """));
      cluster
          .client()
          .resource(OtherixResources.SETTINGS)
          .create(
              Manifests.object(
                  "ClusterSettings",
                  "cluster",
                  """
                  "nodes": {"unreachableAfterSeconds": 30, "selfFenceAfterSeconds": 60,
                            "goneAfterSeconds": 95}
                  """));
      this.plane = startPlane();
      Random losses = new Random(seed);
      for (int i = 0; i < NODES; i++) {
        Partition partition =
            new Partition(cluster.transport(), () -> lossy.get() && losses.nextInt(20) == 0);
        partitions.add(partition);
        ApiClient client = new ApiClient(partition, ClientOptions.of("n" + i));
        agents.add(new SimulatedAgent("n" + i, client, clock).start());
      }
      lossy.set(true);
    }

    private Plane startPlane() {
      Partition line = new Partition(cluster.transport(), () -> false);
      ApiClient client = new ApiClient(line, ClientOptions.of("plane"));
      ControllerHost next = new ControllerHost(client, clock, new Random(random.nextLong()));
      ControlPlane.addControllers(next, steadyNanos::get);
      GarbageCollector.startOn(next);
      next.start();
      return new Plane(next, line);
    }

    void run() throws Exception {
      for (int step = 0; step < STEPS; step++) {
        switch (random.nextInt(10)) {
          case 0, 1, 2 -> edit();
          case 3 -> partitions.get(random.nextInt(NODES)).cut(true);
          case 4 -> partitions.get(random.nextInt(NODES)).cut(false);
          case 5 -> replacePlane(random.nextBoolean());
          case 6 -> {
            int who = random.nextInt(NODES + 1);
            Partition line = who == NODES ? plane.line : partitions.get(who);
            line.stale(!line.isStale());
          }
          default -> {
            for (int i = 1 + random.nextInt(12); i > 0; i--) {
              pass();
            }
          }
        }
        look();
      }
      heal();
      recoverOne();
      heal();
    }

    /// @param overlapping whether the former one goes on until the next is replaced
    private void replacePlane(boolean overlapping) {
      endFormer();
      if (overlapping) {
        former = plane;
      } else {
        plane.close();
      }
      plane = startPlane();
    }

    private void endFormer() {
      if (former != null) {
        former.close();
        former = null;
      }
    }

    /// After all that it still works: a machine whose node is cut off goes on elsewhere.
    private void recoverOne() throws Exception {
      vms.create(Manifests.vm("sure", "\"recovery\": \"Recreate\""));
      acknowledged.add("sure");
      awaitRunning(0);
      String node = vms.get(key("sure")).at("/spec/nodeName").asString("");
      partitions.get(Integer.parseInt(node.substring(1))).cut(true);
      awaitRunning(1);
    }

    private void awaitRunning(int incarnation) {
      await(title)
          .atMost(HEALING_MAX)
          .pollInterval(Duration.ofMillis(200))
          .until(() -> {
            pass();
            ObjectNode sure = vms.get(key("sure"));
            return sure.at("/spec/incarnation").asInt(0) == incarnation
                && sure.at("/status/phase").asString("").equals("running");
          });
    }

    /// The nodes look at their clocks before anybody else does.
    private void pass() throws InterruptedException {
      clock.advance(STEP);
      agents.forEach(SimulatedAgent::fence);
      for (SimulatedAgent each : agents) {
        try {
          each.beat();
          each.report();
        } catch (ConnectionException | ApiException _) {
          // The next beat comes at its time.
        }
      }
      steadyNanos.addAndGet(STEP.toNanos());
      for (int i = 0; i < NODES; i++) {
        // Controllers look when something changes, or by the time of the machine.
        cluster
            .client()
            .resource(OtherixResources.NODES)
            .mergePatch(
                key("n" + i),
                "",
                Json.parseObject(
                    "{\"metadata\": {\"labels\": {\"at\": \"%d\"}}}".formatted(steadyNanos.get())));
      }
      look();
    }

    private void edit() throws InterruptedException {
      String name = "v" + random.nextInt(NAMES);
      try {
        switch (random.nextInt(6)) {
          case 0, 1, 2 -> {
            vms.create(Manifests.vm(name, "\"recovery\": \"Recreate\""));
            acknowledged.add(name);
          }
          case 3 -> ask(name, "stop");
          case 4 -> ask(name, "start");
          default -> {
            vms.delete(key(name), DeleteOptions.DEFAULT);
            acknowledged.remove(name);
          }
        }
      } catch (ApiException e) {
        assertTrue(e.code() == 404 || e.code() == 409, title + " " + e.getMessage());
      }
    }

    /// Often twice: who got no answer asks again.
    private void ask(String name, String action) throws InterruptedException {
      for (int i = random.nextInt(2); i < 2; i++) {
        vms.perform(key(name), action, null);
      }
    }

    private void look() {
      Map<String, Integer> found = new HashMap<>();
      agents.forEach(
          each -> each.running().keySet().forEach(uid -> found.merge(uid, 1, Integer::sum)));
      assertTrue(
          found.values().stream().allMatch(each -> each == 1), title + " runs twice: " + found);
    }

    private void heal() throws Exception {
      lossy.set(false);
      endFormer();
      plane.line.stale(false);
      partitions.forEach(each -> each.stale(false));
      partitions.forEach(each -> each.cut(false));
      await(title)
          .atMost(HEALING_MAX)
          .pollInterval(Duration.ofMillis(200))
          .until(() -> {
            pass();
            return isSettled();
          });
    }

    private boolean isSettled() throws InterruptedException {
      Set<String> running = new HashSet<>();
      agents.forEach(each -> running.addAll(each.running().keySet()));
      Set<String> wanted = new HashSet<>();
      Set<String> names = new HashSet<>();
      for (ObjectNode each : vms.list(ListOptions.ALL).items()) {
        String power = each.at("/spec/powerState").asString("");
        String phase = each.at("/status/phase").asString("");
        if (!phase.equals(power.equals("Running") ? "running" : "stopped")
            || each.path("metadata").has("deletionTimestamp")) {
          return false;
        }
        names.add(ResourceClient.keyOf(each).name());
        if (power.equals("Running")) {
          wanted.add(TestCluster.uid(each));
        }
      }
      assertTrue(names.containsAll(acknowledged), title + " lost one of " + acknowledged);
      return running.equals(wanted);
    }

    @Override
    public void close() {
      partitions.forEach(each -> each.cut(true));
      agents.forEach(SimulatedAgent::close);
      endFormer();
      plane.close();
      cluster.close();
    }
  }
}
