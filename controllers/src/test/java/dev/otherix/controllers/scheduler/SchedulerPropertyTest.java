package dev.otherix.controllers.scheduler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.schemas.v1.ClusterSettings;
import dev.otherix.schemas.v1.Node;
import dev.otherix.schemas.v1.VM;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Random clusters and machines, by seed.
final class SchedulerPropertyTest {
  private static final int MACHINES = 300;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void decide_manyMachines_keepsEveryRule(long seed) {
    Random random = new Random(seed);
    Policy policy =
        new Policy(
            random.nextBoolean()
                ? ClusterSettings.Strategy.RESOURCE_AWARE
                : ClusterSettings.Strategy.LEAST_VM_COUNT,
            100 + 50 * random.nextInt(3),
            100 + 50 * random.nextInt(2),
            100);
    Map<String, Candidate> nodes = new LinkedHashMap<>();
    for (int i = 0; i < 20; i++) {
      Candidate node = node("n" + i, random);
      nodes.put(node.name(), node);
    }
    for (int i = 0; i < MACHINES; i++) {
      String at = "seed " + seed + " machine " + i;
      PlacementRequest request = request("v" + i, random);
      Decision decision = Scheduler.decide(request, nodes.values(), policy);
      assertSameInAnyOrder(request, nodes, policy, decision, random, at);
      assertEveryoneExplained(nodes, decision, at);
      if (decision instanceof Decision.Placed placed) {
        Candidate chosen = Objects.requireNonNull(nodes.get(placed.node()));
        assertAllowed(request, chosen, nodes, at);
        Load more = chosen.load().plus(Scenario.claim(request.name(), request, false));
        nodes.put(chosen.name(), chosen.with(more));
        assertNotOverPromised(chosen.with(more), policy, at);
      }
    }
  }

  private static void assertSameInAnyOrder(
      PlacementRequest request,
      Map<String, Candidate> nodes,
      Policy policy,
      Decision decision,
      Random random,
      String at) {
    List<Candidate> shuffled = new ArrayList<>(nodes.values());
    Collections.shuffle(shuffled, random);
    Decision again = Scheduler.decide(request, shuffled, policy);
    assertEquals(brief(decision), brief(again), at);
    assertEquals(Set.copyOf(decision.rejections()), Set.copyOf(again.rejections()), at);
  }

  private static String brief(Decision decision) {
    return switch (decision) {
      case Decision.Placed placed -> placed.node();
      case Decision.Unplaced unplaced -> unplaced.reason() + " " + unplaced.message();
    };
  }

  private static void assertEveryoneExplained(
      Map<String, Candidate> nodes, Decision decision, String at) {
    Set<String> explained = new HashSet<>();
    for (Rejection each : decision.rejections()) {
      assertTrue(explained.add(each.node()), at + " twice: " + each);
      assertFalse(each.detail().isBlank(), at);
    }
    switch (decision) {
      case Decision.Placed placed -> assertFalse(explained.contains(placed.node()), at);
      case Decision.Unplaced _ -> assertEquals(nodes.keySet(), explained, at);
    }
  }

  private static void assertAllowed(
      PlacementRequest request, Candidate node, Map<String, Candidate> nodes, String at) {
    assertTrue(node.hypervisor() && node.unready().isEmpty() && !node.cordoned(), at);
    assertEquals(request.arch(), node.arch(), at);
    assertTrue(
        node.labels().entrySet().containsAll(request.nodeSelector().entrySet()), at + " labels");
    for (VM.Affinity each : request.antiAffinity()) {
      String zone = node.labels().get("zone");
      for (Candidate other : nodes.values()) {
        boolean here = zone != null && zone.equals(other.labels().get("zone"));
        assertFalse(here && other.load().matching(each.matchLabels()) > 0, at + " anti-affinity");
      }
    }
  }

  private static void assertNotOverPromised(Candidate node, Policy policy, String at) {
    if (node.cpuCores() != null) {
      assertTrue(node.load().vcpus() * 100L <= node.cpuCores() * (long) policy.cpuPercent(), at);
    }
    if (node.memoryMiB() != null) {
      assertTrue(node.load().memoryMiB() * 100 <= node.memoryMiB() * policy.memoryPercent(), at);
    }
  }

  private static Candidate node(String name, Random random) {
    boolean measured = random.nextInt(10) > 0;
    long memory = 4096L << random.nextInt(4);
    Map<String, String> labels =
        random.nextInt(5) == 0 ? Map.of() : Map.of("zone", "z" + random.nextInt(4));
    List<Node.Taint> taints =
        random.nextInt(4) == 0
            ? List.of(
                new Node.Taint(
                    "gpu",
                    null,
                    random.nextBoolean()
                        ? VM.TaintEffect.NO_SCHEDULE
                        : VM.TaintEffect.PREFER_NO_SCHEDULE))
            : List.of();
    return new Candidate(
        name,
        random.nextInt(6) == 0 ? "arm64" : "amd64",
        labels,
        taints,
        random.nextInt(10) > 0,
        random.nextInt(8) == 0 ? "unreachable" : "",
        random.nextInt(8) == 0,
        random.nextInt(12) == 0,
        false,
        measured ? Integer.valueOf(2 << random.nextInt(5)) : null,
        measured ? Long.valueOf(memory) : null,
        measured ? Long.valueOf(memory - random.nextInt(1000)) : null,
        random.nextInt(4) == 0 ? Set.of() : Set.of("tpm"),
        Map.of("lab", random.nextInt(5) == 0 ? "no bridge" : ""),
        Map.of("default", new Candidate.PoolInstance("", false, 100L << 30, 90L << 30)),
        Load.NONE);
  }

  private static PlacementRequest request(String name, Random random) {
    Map<String, String> group = Map.of("app", "a" + random.nextInt(6));
    boolean apart = random.nextInt(5) == 0;
    return new PlacementRequest(
        name,
        random.nextInt(6) == 0 ? "arm64" : "amd64",
        1 + random.nextInt(4),
        256L << random.nextInt(4),
        (long) random.nextInt(5) << 30,
        "default",
        random.nextBoolean() ? List.of("lab") : List.of(),
        random.nextInt(10) == 0 ? "n" + random.nextInt(20) : "",
        random.nextInt(10) == 0 ? "n" + random.nextInt(20) : "",
        random.nextInt(4) == 0 ? Set.of("tpm") : Set.of(),
        group,
        random.nextInt(5) == 0 ? Map.of("zone", "z1") : Map.of(),
        List.of(),
        apart ? List.of(new VM.Affinity(group, "zone", true)) : List.of(),
        random.nextInt(4) == 0 ? List.of(new VM.Spread(group, "zone", 1, true)) : List.of(),
        random.nextInt(4) == 0 ? List.of(new VM.Toleration("gpu", null, null)) : List.of());
  }
}
