package dev.otherix.agent.machines;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.sun.net.httpserver.HttpServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.spi.ToolProvider;

/// A small Java and the classes of this test run, for a guest to fetch by way of its user-mode
/// network.
final class JavaForGuests implements AutoCloseable {
  private static final String UNPACKED = "/opt/otherix-check";

  private final HttpServer server;
  private final String classPath;

  private JavaForGuests(HttpServer server, String classPath) {
    this.server = server;
    this.classPath = classPath;
  }

  static JavaForGuests serve(Path folder) throws Exception {
    Path runtime = folder.resolve("java");
    int linked =
        ToolProvider.findFirst("jlink")
            .orElseThrow()
            .run(
                System.out,
                System.err,
                "--add-modules",
                "java.base,java.logging",
                "--strip-debug",
                "--output",
                runtime.toString());
    assertEquals(0, linked);
    List<String> command = new ArrayList<>(List.of("tar", "-cf", folder + "/kit.tar"));
    command.addAll(List.of("-C", folder.toString(), "java"));
    List<String> classPath = new ArrayList<>();
    for (String each : System.getProperty("java.class.path").split(":")) {
      Path path = Path.of(each).toAbsolutePath();
      String module = path.toString();
      if (module.contains("otherix") || module.contains("/agent/") || module.contains("jspecify")) {
        command.addAll(List.of("-C", "/", module.substring(1)));
        classPath.add(UNPACKED + module);
      }
    }
    assertEquals(0, new ProcessBuilder(command).inheritIO().start().waitFor());
    byte[] kit = Files.readAllBytes(folder.resolve("kit.tar"));
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          try (exchange) {
            exchange.sendResponseHeaders(200, kit.length);
            exchange.getResponseBody().write(kit);
          }
        });
    server.start();
    return new JavaForGuests(server, String.join(":", classPath));
  }

  /// For `runcmd`: fetches everything and runs a class there. What it says goes to the console.
  String command(Class<?> main) {
    return "python3 -c \"import tarfile, urllib.request as u; tarfile.open(mode='r|', fileobj=u.urlopen("
        + "'http://10.0.2.2:"
        + server.getAddress().getPort()
        + "/')).extractall('"
        + UNPACKED
        + "')\" && "
        + UNPACKED
        + "/java/bin/java -XX:TieredStopAtLevel=1 -cp "
        + classPath
        + " "
        + main.getName()
        + " >/dev/ttyS0 2>&1";
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
