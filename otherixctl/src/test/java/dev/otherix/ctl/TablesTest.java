package dev.otherix.ctl;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.otherix.apimachinery.codec.Limits;
import dev.otherix.apimachinery.codec.Yaml;
import dev.otherix.apimachinery.codec.YamlDocument;
import dev.otherix.apiserver.auth.LocalPeers;
import dev.otherix.apiserver.http.Listener;
import dev.otherix.apiserver.server.ApiServer;
import dev.otherix.apiserver.server.ApiServerOptions;
import dev.otherix.apiserver.storage.MemoryStorage;
import dev.otherix.schemas.Schemas;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.ObjectNode;

/// What people see of each kind. `-Dgolden.write=true` writes the expected tables anew; read them.
/// No controllers run: the objects stay as they are written.
@Tag("slow")
final class TablesTest {
  private static final Path OBJECTS = Path.of("src/test/resources/tables.yaml");
  private static final Path GOLDEN = Path.of("src/test/resources/tables.golden");

  /// Ages are the only thing that differs from run to run, and the last column or before a gap.
  private static final Pattern AGE = Pattern.compile("(?m)(?<= )[0-9]+m?[0-9]*s( +|$)");

  private static final String[] SHOWN = {
    "vm list",
    "vm list -o wide",
    "vm get web-0",
    "vm list --show-labels",
    "vm list -L app,tier --sort-by .spec.memoryMB",
    "vm list -o name",
    "vm list -o custom-columns=NAME:.metadata.name,CPUS:.spec.vcpus,NODE:.status.node",
    "node list",
    "node list -o wide",
    "node join-token list",
    "pool list",
    "network list",
    "network list -o wide",
    "snapshot list",
    "snapshot list -o wide",
    "task list",
    "task list -o wide",
    "user list",
    "api-token list",
    "service-account list",
    "cluster settings",
    "get ports",
    "get meshpeers",
    "get securityrules",
    "get vms,networks",
    "get configmaps -n default",
    "get namespaces --no-headers",
    "top vms",
    "top nodes",
    "vm list --pool nothing"
  };

  @TempDir static Path folder;

  private static ApiServer server;
  private static Ctl ctl;

  @BeforeAll
  static void start() throws IOException, InterruptedException {
    Path socket = folder.resolve("api.sock");
    int uid = (Integer) Files.getAttribute(folder, "unix:uid");
    server =
        ApiServer.start(
            ApiServerOptions.of(new MemoryStorage(InstantSource.system()), Schemas.kinds())
                .withAuthenticators(List.of(new LocalPeers(uid)))
                .withListeners(List.of(new Listener.Unix(socket, "rw-------"))));
    ctl =
        new Ctl(
            Map.of("OTHERIX_SERVER", "unix://" + socket, "OTHERIX_CACHE_DIR", folder.toString()));
    ctl.run("create", "-f", OBJECTS.toString()).succeeds();
    for (YamlDocument each : Yaml.readAll(Files.readAllBytes(OBJECTS), Limits.MANIFEST)) {
      ObjectNode object = (ObjectNode) each.tree();
      if (object.has("status")) {
        String name = object.at("/kind").asString() + "/" + object.at("/metadata/name").asString();
        String status = "{\"status\":" + object.get("status") + "}";
        ctl.run("patch", name, "--subresource=status", "-p", status).succeeds();
      }
    }
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @Test
  void tables_ofEveryKind_areAsTheyWereRead() throws IOException {
    StringBuilder shown = new StringBuilder();
    for (String each : SHOWN) {
      Ctl.Result result = ctl.run(each.split(" ")).succeeds();
      shown.append("### otherixctl ").append(each).append('\n');
      shown.append(AGE.matcher(result.out()).replaceAll("<age>")).append(result.err());
    }
    if (Boolean.getBoolean("golden.write")) {
      Files.writeString(GOLDEN, shown);
    }
    assertEquals(Files.readString(GOLDEN), shown.toString());
  }
}
