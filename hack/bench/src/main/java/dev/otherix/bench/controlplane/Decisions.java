package dev.otherix.bench.controlplane;

import dev.otherix.controllers.scheduler.Candidate;
import dev.otherix.controllers.scheduler.Decision;
import dev.otherix.controllers.scheduler.Load;
import dev.otherix.controllers.scheduler.PlacementRequest;
import dev.otherix.controllers.scheduler.Policy;
import dev.otherix.controllers.scheduler.Scheduler;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The scheduler's pure function by itself: one thread, every node looked at for every machine.
final class Decisions {
  private static final int NODES = 1000;
  private static final int MACHINES = 20_000;
  private static final int WARM_UP = 2000;

  private Decisions() {}

  static double perSecond() {
    decide(WARM_UP);
    long begin = System.nanoTime();
    decide(MACHINES);
    return MACHINES / ((System.nanoTime() - begin) / 1e9);
  }

  private static void decide(int machines) {
    Map<String, Candidate> nodes = new LinkedHashMap<>();
    Map<String, List<Load.Claim>> claims = new LinkedHashMap<>();
    for (int i = 0; i < NODES; i++) {
      nodes.put("node-" + i, node("node-" + i, List.of()));
    }
    for (int i = 0; i < machines; i++) {
      PlacementRequest request = request("vm-" + i);
      if (!(Scheduler.decide(request, nodes.values(), Policy.DEFAULT)
          instanceof Decision.Placed placed)) {
        throw new IllegalStateException("machine " + i + " fits nowhere");
      }
      List<Load.Claim> there = claims.computeIfAbsent(placed.node(), _ -> new ArrayList<>());
      there.add(new Load.Claim("uid-" + i, "default", 2, 2048, 10L << 30, Map.of(), false));
      nodes.put(placed.node(), node(placed.node(), there));
    }
  }

  private static Candidate node(String name, List<Load.Claim> claims) {
    return new Candidate(
        name,
        "amd64",
        Map.of("zone", "a"),
        List.of(),
        true,
        "",
        false,
        false,
        false,
        256,
        1L << 20,
        1_000_000L,
        Set.of(),
        Map.of("lab", ""),
        Map.of("default", new Candidate.PoolInstance("", false, 1L << 42, 1L << 42)),
        Load.of(claims));
  }

  private static PlacementRequest request(String name) {
    return new PlacementRequest(
        name,
        "amd64",
        2,
        2048,
        10L << 30,
        "default",
        List.of("lab"),
        "",
        "",
        Set.of(),
        Map.of(),
        Map.of(),
        List.of(),
        List.of(),
        List.of(),
        List.of());
  }
}
