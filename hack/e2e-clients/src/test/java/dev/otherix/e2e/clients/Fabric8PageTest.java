package dev.otherix.e2e.clients;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The program of docs/howto/use-kubernetes-clients.md, word by word.
final class Fabric8PageTest {
  @TempDir private Path folder;

  @Test
  void page_program_makesItsNetwork() throws IOException, InterruptedException {
    String page =
        Files.readString(Path.of("..", "..", "docs", "howto", "use-kubernetes-clients.md"));
    int from = page.indexOf("```java\n") + "```java\n".length();
    Path source = folder.resolve("MakeNetwork.java");
    Files.writeString(source, page.substring(from, page.indexOf("```", from)));
    Path errors = folder.resolve("errors");
    try (ClientServer server = ClientServer.start(folder.resolve("server"))) {
      Process process =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-cp",
                  System.getProperty("java.class.path"),
                  source.toString(),
                  server.kubeconfig().toString())
              .redirectError(errors.toFile())
              .start();
      String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertEquals(0, process.waitFor(), () -> errors(errors));
      assertEquals("mesh 10.90.0.0/24\n", said);
    }
  }

  private static String errors(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      return e.toString();
    }
  }
}
