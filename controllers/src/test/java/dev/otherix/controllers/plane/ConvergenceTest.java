package dev.otherix.controllers.plane;

import static dev.otherix.controllers.cluster.OtherixResources.key;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.apimachinery.client.DeleteOptions;
import dev.otherix.apimachinery.client.ListOptions;
import dev.otherix.apimachinery.client.ResourceClient;
import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.controllers.Manifests;
import dev.otherix.controllers.SimulatedAgent;
import dev.otherix.controllers.TestCluster;
import dev.otherix.controllers.cluster.OtherixResources;
import dev.otherix.controllers.gc.GarbageCollector;
import dev.otherix.schemas.Schemas;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.node.ObjectNode;

/// Random valid edits by people: in the end every machine is what its spec asks for, none ran twice
/// meanwhile, and no address is given twice.
@Tag("slow")
final class ConvergenceTest {
  private static final int NODES = 3;
  private static final int NAMES = 12;
  private static final int EDITS = 150;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void walk_randomEdits_convergesAndRunsNothingTwice(long seed) throws Exception {
    Random random = new Random(seed);
    InstantSource clock = InstantSource.system();
    List<SimulatedAgent> agents = new ArrayList<>();
    try (TestCluster cluster = new TestCluster(Schemas.kinds(), clock, new ControlPlane(clock))) {
      begin(cluster);
      walk(cluster, agents, random, seed);
    }
  }

  private static void walk(
      TestCluster cluster, List<SimulatedAgent> agents, Random random, long seed)
      throws InterruptedException {
    InstantSource clock = InstantSource.system();
    try {
      for (int i = 0; i < NODES; i++) {
        agents.add(new SimulatedAgent("n" + i, cluster.client(), clock).start());
      }
      ResourceClient vms = cluster.client().resource(OtherixResources.VMS);
      for (int i = 0; i < EDITS; i++) {
        edit(vms, random);
        if (i % 10 == 0) {
          agents.get(random.nextInt(NODES)).report();
        }
        assertNoneTwice(agents, "seed " + seed + " edit " + i);
      }
      await("seed " + seed)
          .atMost(TestCluster.PATIENCE)
          .until(() -> {
            for (SimulatedAgent each : agents) {
              each.report();
            }
            return isSettled(vms, agents);
          });
      assertNoneTwice(agents, "seed " + seed);
      assertAddressesDiffer(cluster, "seed " + seed);
    } finally {
      agents.forEach(SimulatedAgent::close);
    }
  }

  private static void begin(TestCluster cluster) throws InterruptedException {
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
        .resource(OtherixResources.NETWORKS)
        .create(
            Manifests.object(
                "Network", "lab", "\"type\": \"overlay\", \"subnet\": \"10.0.0.0/28\""));
    ControlPlane.addControllers(cluster.host());
    GarbageCollector.startOn(cluster.host());
    cluster.host().start();
  }

  private static void edit(ResourceClient vms, Random random) throws InterruptedException {
    String name = "v" + random.nextInt(NAMES);
    try {
      switch (random.nextInt(7)) {
        case 0, 1 ->
            vms.create(Manifests.vm(name, random.nextBoolean() ? "" : "\"network\": \"lab\""));
        case 2 -> vms.perform(key(name), "stop", null);
        case 3 -> vms.perform(key(name), "start", null);
        case 4 -> vms.perform(key(name), "reset", null);
        case 5 ->
            vms.mergePatch(
                key(name),
                "",
                Json.parseObject("{\"spec\": {\"vcpus\": " + (1 + random.nextInt(4)) + "}}"));
        default -> vms.delete(key(name), DeleteOptions.DEFAULT);
      }
    } catch (ApiException e) {
      // Of what is not there, is there already, or is not in that state.
      assertTrue(e.code() == 404 || e.code() == 409, String.valueOf(e.getMessage()));
    }
  }

  private static void assertNoneTwice(List<SimulatedAgent> agents, String at) {
    Map<String, Integer> found = new HashMap<>();
    agents.forEach(
        each -> each.running().keySet().forEach(uid -> found.merge(uid, 1, Integer::sum)));
    assertTrue(found.values().stream().allMatch(each -> each == 1), at + " " + found);
  }

  private static boolean isSettled(ResourceClient vms, List<SimulatedAgent> agents)
      throws InterruptedException {
    Set<String> running = new HashSet<>();
    agents.forEach(each -> running.addAll(each.running().keySet()));
    Set<String> wanted = new HashSet<>();
    for (ObjectNode each : vms.list(ListOptions.ALL).items()) {
      String power = each.at("/spec/powerState").asString("");
      String phase = each.at("/status/phase").asString("");
      boolean there = phase.equals(power.equals("Running") ? "running" : "stopped");
      if (!there || each.path("metadata").has("deletionTimestamp")) {
        return false;
      }
      if (power.equals("Running")) {
        wanted.add(TestCluster.uid(each));
      }
    }
    return running.equals(wanted);
  }

  private static void assertAddressesDiffer(TestCluster cluster, String at)
      throws InterruptedException {
    Set<String> addresses = new HashSet<>();
    for (ObjectNode each :
        cluster.client().resource(OtherixResources.PORTS).list(ListOptions.ALL).items()) {
      assertTrue(addresses.add(each.at("/spec/ipv4Address").asString()), at + " " + each);
    }
  }
}
