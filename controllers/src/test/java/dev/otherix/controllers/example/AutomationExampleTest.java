package dev.otherix.controllers.example;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.apimachinery.client.ApiClient;
import dev.otherix.apimachinery.client.ClientOptions;
import dev.otherix.apimachinery.client.HttpTransport;
import dev.otherix.apimachinery.client.Kubeconfig;
import dev.otherix.apimachinery.client.ResourceClient;
import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.codec.Limits;
import dev.otherix.apimachinery.codec.Yaml;
import dev.otherix.apiserver.auth.ClientCertificates;
import dev.otherix.apiserver.http.Listener;
import dev.otherix.apiserver.http.ReloadableTls;
import dev.otherix.apiserver.server.ApiServer;
import dev.otherix.apiserver.server.ApiServerOptions;
import dev.otherix.apiserver.server.DataDirectory;
import dev.otherix.apiserver.storage.MemoryStorage;
import dev.otherix.controllers.cluster.OtherixResources;
import dev.otherix.schemas.Schemas;
import java.io.BufferedReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.ObjectNode;

/// Runs the two programs of `examples/automation` as people do, on a server over TLS.
@Tag("slow")
@Timeout(120)
final class AutomationExampleTest {
  @TempDir private Path folder;
  private ApiServer server;
  private Path kubeconfig;
  private Kubeconfig config;

  @BeforeEach
  void start() throws Exception {
    DataDirectory data = DataDirectory.open(folder, InstantSource.system(), new SecureRandom());
    ReloadableTls tls = new ReloadableTls(data.serverTls(List.of("127.0.0.1")));
    InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    server =
        ApiServer.start(
            ApiServerOptions.of(new MemoryStorage(InstantSource.system()), Schemas.kinds())
                .withAuthenticators(List.of(new ClientCertificates()))
                .withListeners(List.of(new Listener.Tcp(any, tls))));
    int port = ((InetSocketAddress) server.addresses().getFirst()).getPort();
    kubeconfig = data.writeKubeconfig(URI.create("https://127.0.0.1:" + port));
    config = Kubeconfig.read(kubeconfig);
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void javaProgram_tellsOfPhases() throws Exception {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    assertEquals(
        List.of("vm-name: Pending", "vm-name: running"),
        told(
            java,
            "-cp",
            System.getProperty("java.class.path"),
            "../examples/automation/WatchVms.java",
            kubeconfig.toString()));
  }

  @Test
  void shellProgram_tellsOfPhases() throws Exception {
    assertEquals(
        List.of("ADDED vm-name: Pending", "MODIFIED vm-name: running"),
        told(
            "bash",
            "../examples/automation/watch-vms.sh",
            config.server().toString(),
            "--cacert",
            pem("ca", config.authority()),
            "--cert",
            pem("certificate", config.certificate()),
            "--key",
            pem("key", config.key())));
  }

  @Test
  void guide_showsBothPrograms() throws Exception {
    String guide = Files.readString(Path.of("../docs/howto/automate-with-watch.md"));
    for (String each : List.of("WatchVms.java", "watch-vms.sh")) {
      String program = Files.readString(Path.of("../examples/automation", each));
      assertTrue(guide.contains(program), "docs/howto/automate-with-watch.md has another " + each);
    }
  }

  private String pem(String name, String content) throws Exception {
    return Files.writeString(folder.resolve(name + ".pem"), content).toString();
  }

  /// The first two lines that a program writes while a machine is made and started.
  private List<String> told(String... command) throws Exception {
    List<String> withTail = new ArrayList<>(Arrays.asList(command));
    Process process =
        new ProcessBuilder(withTail).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    try (HttpTransport transport = HttpTransport.to(config);
        BufferedReader out = process.inputReader()) {
      ResourceClient vms =
          new ApiClient(transport, ClientOptions.of("test")).resource(OtherixResources.VMS);
      byte[] yaml = Files.readAllBytes(Path.of("../examples/vm.yaml"));
      ObjectNode vm = vms.create((ObjectNode) Yaml.read(yaml, Limits.MANIFEST).tree());
      String name = vm.at("/metadata/name").asString();
      String first = line(out, name);
      vms.mergePatch(
          ResourceClient.keyOf(vm),
          "status",
          Json.parseObject("{\"status\": {\"phase\": \"running\"}}"));
      return List.of(first, line(out, name));
    } finally {
      process.descendants().forEach(ProcessHandle::destroy);
      process.destroy();
    }
  }

  private static String line(BufferedReader out, String name) throws Exception {
    return String.valueOf(out.readLine()).replace("/" + name, name).replace(name, "vm-name");
  }
}
