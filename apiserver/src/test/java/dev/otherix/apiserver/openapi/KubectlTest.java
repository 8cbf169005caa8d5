package dev.otherix.apiserver.openapi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.otherix.apimachinery.codec.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.node.ObjectNode;

/// Every kubectl that the machine has reads the documents and acts by them.
@Tag("slow")
class KubectlTest {
  private static final long SECONDS_MAX = 60;
  private static final String WIDGET =
      """
      {"apiVersion": "example.io/v1", "kind": "Widget", "metadata": {"name": "w", "namespace": "d"},
       "spec": {"replicas": 3}}
      """;

  private static final int WHOAMI = 28;

  @TempDir Path home;
  private DocumentServer server;

  @BeforeAll
  static void find() throws IOException {
    assumeTrue(!binaries().isEmpty(), "there is no kubectl on the path");
  }

  @BeforeEach
  void start() throws IOException {
    server = new DocumentServer();
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private record Ran(int code, String out, String err) {}

  /// The plain one, and those of other releases beside it.
  static List<Path> binaries() throws IOException {
    List<Path> found = new ArrayList<>();
    for (String directory : System.getenv().getOrDefault("PATH", "").split(":", -1)) {
      Path plain = Path.of(directory, "kubectl");
      if (Files.isExecutable(plain)) {
        Path real = plain.toRealPath();
        found.add(real);
        try (Stream<Path> beside = Files.list(real.resolveSibling("."))) {
          beside
              .filter(each -> each.getFileName().toString().matches("kubectl\\.1\\.\\d+"))
              .map(Path::normalize)
              .sorted()
              .forEach(found::add);
        }
        return found;
      }
    }
    return found;
  }

  private Ran run(Path kubectl, String input, String... arguments)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(kubectl.toString()));
    command.addAll(List.of("--server", server.url(), "--cache-dir", home.resolve("c").toString()));
    command.addAll(List.of(arguments));
    Path out = Files.createTempFile(home, "out", "");
    Path err = Files.createTempFile(home, "err", "");
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
    builder.environment().put("HOME", home.toString());
    builder.environment().put("KUBECONFIG", home.resolve("none").toString());
    Process process = builder.start();
    try {
      try (var in = process.getOutputStream()) {
        in.write(input.getBytes(StandardCharsets.UTF_8));
      }
      assertTrue(process.waitFor(SECONDS_MAX, TimeUnit.SECONDS), "kubectl did not end");
      return new Ran(process.exitValue(), Files.readString(out), Files.readString(err));
    } finally {
      process.destroyForcibly();
    }
  }

  private String good(Path kubectl, String input, String... arguments)
      throws IOException, InterruptedException {
    Ran ran = run(kubectl, input, arguments);
    assertEquals(
        0, ran.code, () -> String.join(" ", arguments) + ": " + ran.out + ran.err + server.asked());
    return ran.out;
  }

  /// Whether the release knows an option or a value, by its own help.
  private boolean offers(Path kubectl, String command, String what)
      throws IOException, InterruptedException {
    return good(kubectl, "", command, "--help").contains(what);
  }

  private int minor(Path kubectl) throws IOException, InterruptedException {
    ObjectNode version = Json.parseObject(good(kubectl, "", "version", "--client", "-o", "json"));
    String minor = version.at("/clientVersion/minor").asString();
    return Integer.parseInt(minor.replaceAll("\\D", ""));
  }

  @ParameterizedTest(allowZeroInvocations = true)
  @MethodSource("binaries")
  void documents_areReadByEveryRelease(Path kubectl) throws Exception {
    ObjectNode version = Json.parseObject(good(kubectl, "", "version", "-o", "json"));
    assertEquals("v1.33.0+otherix-0.1", version.at("/serverVersion/gitVersion").asString());

    String resources = good(kubectl, "", "api-resources", "--no-headers");
    assertTrue(
        resources.lines().anyMatch(l -> l.matches("widgets +wd +example.io/v1 +true +Widget *")),
        resources);
    assertTrue(
        resources.lines().anyMatch(l -> l.matches("namespaces +ns +v1 +false +Namespace *")),
        resources);
    assertEquals(13, resources.lines().count(), resources);
    if (offers(kubectl, "api-resources", "--categories")) {
      String categories = good(kubectl, "", "api-resources", "--categories=all", "-o", "name");
      assertEquals("widgets.example.io", categories.strip());
    }
    assertTrue(good(kubectl, "", "api-versions").contains("authorization.k8s.io/v1\n"));
    assertTrue(server.asked().contains("304 GET /apis"), "the documents' tags are used");

    String explained = good(kubectl, "", "explain", "widgets.spec.replicas");
    assertTrue(explained.contains("How many."), explained);
    assertTrue(good(kubectl, "", "explain", "secrets").contains("stringData"));
    String old =
        offers(kubectl, "explain", "--output")
            ? good(kubectl, "", "explain", "wd", "--output=plaintext-openapiv2")
            : good(kubectl, "", "explain", "wd");
    assertTrue(old.contains("What it should be."), old);
  }

  @ParameterizedTest(allowZeroInvocations = true)
  @MethodSource("binaries")
  void writes_areCheckedByTheDocuments(Path kubectl) throws Exception {
    good(kubectl, WIDGET, "create", "-f", "-");
    ObjectNode widget = server.created.remove();
    assertEquals(3, widget.at("/spec/replicas").intValue());
    // It found the parameter in the documents, and leaves validation to the server; older ones did
    // it themselves.
    assertEquals(
        offers(kubectl, "create", "strict"),
        widget.required("query").asString().contains("fieldValidation=Strict"));

    good(kubectl, "", "create", "namespace", "rooms");
    ObjectNode namespace = server.created.remove();
    assertEquals("rooms", namespace.at("/metadata/name").asString());
    good(kubectl, "", "create", "-n", "d", "configmap", "c", "--from-literal=a=b");
    ObjectNode map = server.created.remove();
    assertEquals("b", map.at("/data/a").asString());
    good(kubectl, "", "create", "-n", "d", "secret", "generic", "s", "--from-literal=a=b");
    ObjectNode secret = server.created.remove();
    assertEquals("Yg==", secret.at("/data/a").asString());
    good(kubectl, "", "create", "-n", "d", "serviceaccount", "a");
    assertEquals("a", server.created.remove().at("/metadata/name").asString());
    assertEquals("yes", good(kubectl, "", "auth", "can-i", "get", "widgets").strip());
    ObjectNode review = server.created.remove();
    assertEquals("widgets", review.at("/spec/resourceAttributes/resource").asString());
    // Before 1.28 only older versions of the kind are asked for, if any.
    if (minor(kubectl) >= WHOAMI) {
      assertTrue(good(kubectl, "", "auth", "whoami").contains("ann"));
      server.created.remove();
    }

    boolean protobuf = List.of("kubectl.1.32", "kubectl.1.33").contains(name(kubectl));
    for (ObjectNode each : List.of(namespace, map, secret, review)) {
      String type = each.required("contentType").asString();
      assertTrue(!protobuf || type.endsWith("protobuf"), each::toString);
    }
  }

  private static String name(Path path) {
    return String.valueOf(path.getFileName());
  }
}
