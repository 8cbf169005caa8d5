package dev.otherix.controllers.runtime;

import static dev.otherix.controllers.TestCluster.CONFIG_MAPS;
import static dev.otherix.controllers.TestCluster.PATIENCE;
import static dev.otherix.controllers.TestCluster.configMap;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.apimachinery.meter.Durations;
import dev.otherix.apimachinery.meter.Family;
import dev.otherix.apimachinery.meter.Family.Point;
import dev.otherix.apimachinery.object.ObjectKey;
import dev.otherix.controllers.TestCluster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class RuntimeFamiliesTest {
  private final TestCluster cluster;

  RuntimeFamiliesTest() throws Exception {
    cluster = new TestCluster();
  }

  @AfterEach
  void stop() {
    cluster.close();
  }

  private static Result reconcile(ObjectKey key) {
    return switch (key.name()) {
      case "after" -> Result.after(Duration.ofHours(1));
      case "fails" -> throw new IllegalStateException("on purpose");
      case "panics" -> throw new AssertionError("on purpose");
      default -> Result.DONE;
    };
  }

  private Map<String, Double> values() {
    Map<String, Double> values = new TreeMap<>();
    for (Family family : cluster.host().families()) {
      for (Point point : family.points()) {
        switch (point) {
          case Point.Value(List<String> labels, double value) ->
              values.put(family.name() + labels, value);
          case Point.Distribution(List<String> labels, Durations.Snapshot times) ->
              values.put(family.name() + labels, (double) times.total());
        }
      }
    }
    return values;
  }

  private double value(String name) {
    return values().getOrDefault(name, Double.NaN);
  }

  @Test
  void families_tellWhatHappened() throws InterruptedException {
    ControllerHost host = cluster.host();
    Controller<ObjectKey> controller = host.controller("test", RuntimeFamiliesTest::reconcile, 3);
    Controller.watching(controller, host.informer(CONFIG_MAPS), (_, _) -> true);
    host.start();
    for (String name : List.of("plain", "after", "fails", "panics")) {
      cluster.configMaps().create(configMap(name));
    }
    String results = "controller_runtime_reconcile_total";
    await().atMost(PATIENCE).until(() -> value(results + "[test, error]") >= 4);
    host.close();
    assertEquals(1, value(results + "[test, success]"));
    assertEquals(1, value(results + "[test, requeue_after]"));
    assertEquals(0, value(results + "[test, requeue]"));
    double errors = value("controller_runtime_reconcile_errors_total[test]");
    assertTrue(value("controller_runtime_reconcile_panics_total[test]") >= 1);
    assertTrue(value("controller_runtime_reconcile_panics_total[test]") < errors);
    assertEquals(errors + 2, value("controller_runtime_reconcile_time_seconds[test]"));
    assertEquals(0, value("controller_runtime_active_workers[test]"));
    assertEquals(3, value("controller_runtime_max_concurrent_reconciles[test]"));
    assertEquals(errors + 2, value("workqueue_work_duration_seconds[test]"));
    assertEquals(errors + 2, value("workqueue_queue_duration_seconds[test]"));
    assertTrue(value("workqueue_adds_total[test]") >= errors + 2);
    assertEquals(0, value("workqueue_depth[test]"));
    assertEquals(0, value("workqueue_unfinished_work_seconds[test]"));
    assertEquals(4, value("otherix_informer_objects[configmaps]"));
    assertEquals(1, value("reflector_lists_total[configmaps]"));
    assertEquals(1, value("leader_election_master_status[controllers]"));
  }

  @Test
  void referencePage_namesThemAll() throws IOException {
    List<Family> all = new ArrayList<>(cluster.host().families());
    all.addAll(cluster.client().options().meter().families("here"));
    String page = Files.readString(Path.of("../docs/reference/controller-metrics.md"));
    for (Family each : all) {
      String type = each.type().name().toLowerCase(Locale.ROOT);
      String labels = each.labelNames().stream().collect(Collectors.joining(", "));
      String row = "| `" + each.name() + "` | " + type + " | " + labels + " |";
      assertTrue(page.contains(row), "docs/reference/controller-metrics.md lacks: " + row);
    }
    assertEquals(
        all.size(), page.lines().filter(each -> each.startsWith("| `")).count(), "rows too many");
  }
}
