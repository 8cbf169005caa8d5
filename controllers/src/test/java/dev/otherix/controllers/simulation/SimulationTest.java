package dev.otherix.controllers.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// `hack/sim` runs more seeds than the 200 of every build, or one again.
@Tag("slow")
final class SimulationTest {
  private static final long FIRST = Long.getLong("sim.first", 1);
  private static final long SEEDS = Long.getLong("sim.seeds", 200);
  private static final int SEEDS_TO_CATCH = 100;
  private static final int TRACE_LINES = 60;

  @Test
  void rightController_convergesAndFallsSilent_whateverHappens() throws Exception {
    for (long seed = FIRST; seed < FIRST + SEEDS; seed++) {
      try (World world = new World(seed, ParentSubject.RIGHT)) {
        try {
          world.run();
        } catch (Violation | RuntimeException e) {
          throw new AssertionError(
              "seed %d: %s\nagain: hack/sim --seed %d\n%s"
                  .formatted(seed, e, seed, end(world.trace())),
              e);
        }
      }
    }
  }

  private static String end(List<String> trace) {
    int from = Long.getLong("sim.seeds", 200) == 1 ? 0 : Math.max(0, trace.size() - TRACE_LINES);
    return String.join("\n", trace.subList(from, trace.size()));
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "RIGHT")
  void brokenController_isCaught(ParentSubject broken) throws Exception {
    for (long seed = 1; seed <= SEEDS_TO_CATCH; seed++) {
      if (violates(seed, broken)) {
        return;
      }
    }
    fail(broken + " passed " + SEEDS_TO_CATCH + " seeds");
  }

  private static boolean violates(long seed, ParentSubject subject)
      throws IOException, InterruptedException {
    try (World world = new World(seed, subject)) {
      world.run();
      return false;
    } catch (Violation _) {
      return true;
    }
  }

  @Test
  void seed_decidesEverything() throws Exception {
    for (long seed = 1; seed <= 10; seed++) {
      assertEquals(traceOf(seed), traceOf(seed), "seed " + seed);
    }
  }

  private static List<String> traceOf(long seed) throws IOException, InterruptedException {
    try (World world = new World(seed, ParentSubject.RIGHT)) {
      world.run();
      return world.trace();
    }
  }
}
