package dev.otherix.apiserver.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The program of docs/howto/embed-the-server.md, word by word.
@Tag("slow")
final class EmbeddingTest {
  @TempDir private Path folder;

  @Test
  void howto_program_servesItsKind() throws IOException, InterruptedException {
    Path source = folder.resolve("EmbeddedServer.java");
    Files.writeString(source, program());
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                source.toString())
            .redirectError(folder.resolve("errors").toFile())
            .start();
    try (BufferedReader out =
            new BufferedReader(
                new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        HttpClient client = HttpClient.newHttpClient()) {
      String line = out.readLine();
      assertNotNull(line, () -> errors());
      String address = line.substring(line.lastIndexOf(':') + 1);
      String path =
          "http://127.0.0.1:" + address + "/apis/home.example/v1/namespaces/default/lamps";
      HttpRequest create =
          request(path)
              .header("Content-Type", "application/json")
              .POST(
                  HttpRequest.BodyPublishers.ofString(
                      "{\"metadata\":{\"name\":\"desk\"},\"spec\":{}}"))
              .build();
      HttpResponse<String> created = client.send(create, HttpResponse.BodyHandlers.ofString());
      assertEquals(201, created.statusCode(), created::body);
      HttpResponse<String> list =
          client.send(request(path).build(), HttpResponse.BodyHandlers.ofString());
      assertTrue(list.body().contains("\"on\":false"), list::body);
    } finally {
      process.destroy();
      process.waitFor();
    }
  }

  private static HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create(path)).header("Authorization", "Bearer let-me-in");
  }

  private String errors() {
    try {
      return Files.readString(folder.resolve("errors"));
    } catch (IOException e) {
      return e.toString();
    }
  }

  private static String program() throws IOException {
    String page = Files.readString(Path.of("..", "docs", "howto", "embed-the-server.md"));
    int from = page.indexOf("```java\n") + "```java\n".length();
    return page.substring(from, page.indexOf("```", from));
  }
}
