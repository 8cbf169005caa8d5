package dev.otherix.controllers.example;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.apimachinery.client.DeleteOptions;
import dev.otherix.apimachinery.client.ResourceClient;
import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.object.ObjectKey;
import dev.otherix.controllers.TestCluster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

final class WelcomeControllerTest {
  private static final ObjectKey WELCOME = new ObjectKey("blue", "welcome");

  @Test
  void namespaceWithTeam_isWelcomed_alsoAfterwards() throws Exception {
    try (TestCluster cluster = new TestCluster()) {
      WelcomeController.addTo(cluster.host());
      cluster.host().start();
      ResourceClient maps = cluster.configMaps();
      cluster
          .client()
          .resource(TestCluster.NAMESPACES)
          .create(
              Json.parseObject(
                  """
                  {"apiVersion": "v1", "kind": "Namespace",
                   "metadata": {"name": "blue", "labels": {"example.io/team": "Blue"}}}
                  """));
      await()
          .atMost(TestCluster.PATIENCE)
          .until(() ->
              maps.find(WELCOME)
                  .map(map -> map.at("/data/text").asString())
                  .orElse("")
                  .equals("Welcome, Blue!"));
      maps.delete(WELCOME, DeleteOptions.DEFAULT);
      await().atMost(TestCluster.PATIENCE).until(() -> maps.find(WELCOME).isPresent());
    }
  }

  /// The guide shows what is compiled and tested here, line by line.
  @Test
  void guide_showsThisController() throws IOException {
    String guide = Files.readString(Path.of("../docs/howto/write-a-controller.md"));
    String source =
        Files.readString(
            Path.of("src/test/java/dev/otherix/controllers/example/WelcomeController.java"));
    String shown = source.substring(source.indexOf("/// Keeps"));
    assertTrue(guide.contains(shown), "docs/howto/write-a-controller.md differs from the example");
  }
}
