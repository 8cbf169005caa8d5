package dev.otherix.ctl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.apimachinery.codec.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// The dashboard asks for what the server tells, by the labels that it tells it with.
final class DashboardTest {
  private static final Path PAGES = Path.of("../docs/reference");
  private static final Pattern FAMILY = Pattern.compile("([a-z_]+)\\{instance");
  private static final Pattern LABELS = Pattern.compile("by \\(([^)]*)\\)");

  @TempDir Path folder;

  private static List<String> expressions() throws IOException {
    String json = Files.readString(PAGES.resolve("grafana-control-plane.json"));
    List<String> all = new ArrayList<>();
    for (JsonNode panel : Json.parseObject(json).path("panels")) {
      panel.path("targets").forEach(each -> all.add(each.path("expr").asString("")));
    }
    return all;
  }

  private static String family(String expression) {
    Matcher found = FAMILY.matcher(expression);
    assertTrue(found.find(), expression);
    return found.group(1).replaceFirst("_bucket$", "");
  }

  @Test
  void families_areDocumented() throws IOException {
    String pages =
        Files.readString(PAGES.resolve("server-metrics.md"))
            + Files.readString(PAGES.resolve("controller-metrics.md"));
    TreeSet<String> unknown = new TreeSet<>();
    for (String each : expressions()) {
      if (!pages.contains("`" + family(each) + "`")) {
        unknown.add(family(each));
      }
    }
    assertEquals(new TreeSet<>(), unknown);
  }

  @Test
  void labels_areThoseOfTheServer() throws Exception {
    String told;
    try (TestServer server = TestServer.start(folder)) {
      Ctl ctl = new Ctl(Map.of("OTHERIX_SERVER", server.endpoint()));
      ctl.run("get", "vms", "web").fails(5);
      told = ctl.run("raw", "/metrics").succeeds().out();
    }
    List<String> wrong = new ArrayList<>();
    int compared = 0;
    for (String each : expressions()) {
      Matcher by = LABELS.matcher(each);
      Matcher sample = Pattern.compile("(?m)^" + family(each) + "(_bucket)?\\{.*").matcher(told);
      if (by.find() && sample.find()) {
        compared++;
        for (String label : by.group(1).split(", ", -1)) {
          if (!label.equals("instance") && !sample.group().contains(label + "=\"")) {
            wrong.add(label + " of " + sample.group());
          }
        }
      }
    }
    assertEquals(List.of(), wrong);
    assertTrue(compared > 10, compared + " expressions compared");
  }
}
