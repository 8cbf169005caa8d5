package dev.otherix.controllers.example;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.apimachinery.client.DeleteOptions;
import dev.otherix.apimachinery.client.ResourceClient;
import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.object.ObjectKey;
import dev.otherix.controllers.TestCluster;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class WelcomeControllerTest {
  private static final String SNIPPET_HEAD =
      """
      package dev.otherix.controllers.example;
      import dev.otherix.apimachinery.client.*;
      import dev.otherix.apimachinery.object.*;
      import dev.otherix.controllers.runtime.*;
      import java.nio.file.*;
      import java.security.*;
      import java.time.*;
      import java.util.concurrent.*;
      class Snippets {
      """;
  private static final String SNIPPET_PARAMETERS =
      "(ControllerHost host, ApiClient client, CountDownLatch stopped) throws Exception {\n";

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

  /// The other snippets stand within a method that has what the text speaks of.
  @Test
  void guide_snippetsCompile(@TempDir Path folder) throws IOException {
    String guide = Files.readString(Path.of("../docs/howto/write-a-controller.md"));
    Matcher blocks = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL).matcher(guide);
    StringBuilder program = new StringBuilder(SNIPPET_HEAD);
    int count = 0;
    while (blocks.find()) {
      if (!blocks.group(1).contains("final class WelcomeController")) {
        program.append("  void snippet").append(count++).append(SNIPPET_PARAMETERS);
        program.append(blocks.group(1)).append("  }\n");
      }
    }
    assertTrue(count >= 2, count + " snippets");
    Path file = Files.writeString(folder.resolve("Snippets.java"), program + "}\n");
    ByteArrayOutputStream messages = new ByteArrayOutputStream();
    int result =
        ToolProvider.getSystemJavaCompiler()
            .run(
                null,
                messages,
                messages,
                "-cp",
                System.getProperty("java.class.path"),
                "-d",
                folder.toString(),
                file.toString());
    assertEquals(0, result, messages.toString(StandardCharsets.UTF_8));
  }
}
