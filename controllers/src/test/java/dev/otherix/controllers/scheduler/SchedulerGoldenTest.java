package dev.otherix.controllers.scheduler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class SchedulerGoldenTest {
  private static final Path FOLDER = Path.of("src/test/resources/scheduler");
  private static final int SCENARIOS_MIN = 40;

  static Stream<Scenario> scenarios() throws IOException {
    List<Scenario> all = new ArrayList<>();
    try (Stream<Path> files = Files.list(FOLDER)) {
      for (Path each : files.sorted().toList()) {
        all.addAll(Scenario.read(Files.readString(each)));
      }
    }
    return all.stream();
  }

  @Test
  void folder_holdsEnoughScenarios() throws IOException {
    assertTrue(scenarios().map(Scenario::what).distinct().count() >= SCENARIOS_MIN);
  }

  @ParameterizedTest
  @MethodSource("scenarios")
  void decide_scenario_isAsWritten(Scenario scenario) {
    assertEquals(scenario.expect(), play(scenario), scenario.what());
  }

  /// Places the machines one after the other and tells about each.
  private static String play(Scenario scenario) {
    Map<String, Candidate> nodes = new LinkedHashMap<>();
    scenario.nodes().forEach(each -> nodes.put(each.name(), each));
    StringBuilder told = new StringBuilder();
    for (PlacementRequest each : scenario.vms()) {
      Decision decision = Scheduler.decide(each, nodes.values(), scenario.policy());
      if (decision instanceof Decision.Placed(String node, double _, List<Rejection> _)) {
        Candidate chosen = Objects.requireNonNull(nodes.get(node));
        Load.Claim claim = Scenario.claim("uid-" + told.length(), each, false);
        nodes.put(node, chosen.with(chosen.load().plus(claim)));
      }
      told.append(tell(each, decision));
    }
    return told.toString().strip();
  }

  private static String tell(PlacementRequest request, Decision decision) {
    String outcome =
        switch (decision) {
          case Decision.Placed placed -> placed.node();
          case Decision.Unplaced unplaced -> unplaced.reason() + ": " + unplaced.message();
        };
    StringBuilder told = new StringBuilder(request.name() + " -> " + outcome + "\n");
    decision.rejections().stream()
        .sorted(Comparator.comparing(Rejection::node))
        .forEach(each ->
            told.append("  ")
                .append(each.node())
                .append(": ")
                .append(each.reason().word())
                .append(": ")
                .append(each.detail())
                .append('\n'));
    return told.toString();
  }
}
