package dev.otherix.agent.network;

import static org.awaitility.Awaitility.await;

import dev.otherix.agent.Agent;
import dev.otherix.agent.AgentOptions;
import dev.otherix.agent.images.ImageLimits;
import dev.otherix.agent.qemu.QemuHypervisor;
import dev.otherix.agent.qemu.SerialReader;
import dev.otherix.apimachinery.client.ApiClient;
import dev.otherix.apimachinery.client.ClientOptions;
import dev.otherix.apimachinery.client.Conversation;
import dev.otherix.apimachinery.client.DeleteOptions;
import dev.otherix.apimachinery.client.ListOptions;
import dev.otherix.apimachinery.client.Pause;
import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.codec.Limits;
import dev.otherix.apimachinery.codec.Yaml;
import dev.otherix.apimachinery.codec.YamlDocument;
import dev.otherix.apimachinery.object.GroupVersionResource;
import dev.otherix.apimachinery.object.ObjectKey;
import dev.otherix.apiserver.admission.Admission;
import dev.otherix.apiserver.auth.Caller;
import dev.otherix.apiserver.inprocess.InProcessIdentity;
import dev.otherix.apiserver.inprocess.InProcessTransport;
import dev.otherix.apiserver.server.ApiServer;
import dev.otherix.apiserver.server.ApiServerOptions;
import dev.otherix.apiserver.storage.MemoryStorage;
import dev.otherix.controllers.gc.GarbageCollector;
import dev.otherix.controllers.plane.ControlPlane;
import dev.otherix.controllers.runtime.ControllerHost;
import dev.otherix.schemas.Schemas;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Random;
import java.util.logging.Level;
import java.util.logging.Logger;
import tools.jackson.databind.node.ObjectNode;

/// A whole cluster of one node in a namespace: server, controllers and agent, with this machine's
/// QEMU. Applies manifests, says what the guest said, and deletes everything when it is told to.
final class QuickstartChild {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final String NODE = "dev";

  private final ApiClient client;

  private QuickstartChild(ApiClient client) {
    this.client = client;
  }

  /// Arguments: a folder, where images are, the file that names name servers, the manifests.
  static void main(String[] arguments) throws Exception {
    Logger.getLogger("").setLevel(Level.WARNING);
    Path folder = Path.of(arguments[0]);
    InProcessIdentity identity =
        new InProcessIdentity(Caller.of("tester", List.of(Caller.MASTERS)));
    ControlPlane plane = new ControlPlane(InstantSource.system());
    QemuHypervisor hypervisor = QemuHypervisor.onThisHost(folder.resolve("vms"), Pause.real());
    try (ApiServer server =
            ApiServer.start(
                ApiServerOptions.of(new MemoryStorage(InstantSource.system()), Schemas.kinds())
                    .withAuthenticators(List.of(identity))
                    .withActions(plane.actions())
                    .withPages(plane::pages)
                    .withAdmission(plane.admission(Admission.NONE)));
        ApiClient client =
            new ApiClient(
                new InProcessTransport(server.handler(), identity), ClientOptions.of("test"));
        ControllerHost host = new ControllerHost(client, InstantSource.system(), new Random(7))) {
      plane.connect(client);
      QuickstartChild child = new QuickstartChild(client);
      child.prepare(folder);
      ControlPlane.addControllers(host);
      GarbageCollector.startOn(host);
      host.start();
      AgentOptions options =
          new AgentOptions(
              NODE,
              folder,
              "amd64",
              "test",
              hypervisor,
              new NetworkOptions(
                  Path.of("/proc/sys"),
                  Path.of(arguments[2]),
                  System.getenv().getOrDefault("PATH", ""),
                  NetworkOptions.MESH_PORT,
                  ""),
              ImageLimits.DEFAULT.withFolders(List.of(Path.of(arguments[1]))),
              InstantSource.system(),
              new Random(7),
              Pause.real());
      try (Agent _ = Agent.start(options, client)) {
        child.run(folder, arguments[3]);
      }
    } finally {
      for (String uid : hypervisor.running()) {
        hypervisor.kill(uid);
      }
    }
    System.exit(0);
  }

  private void prepare(Path folder) throws InterruptedException {
    client
        .resource(new GroupVersionResource("", "v1", "namespaces"))
        .create(
            Json.parseObject(
                """
                {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "otherix-nodes"}}
                """));
    client
        .resource(otherix("clustersettings"))
        .apply(
            Json.parseObject(
                """
                {"apiVersion": "otherix/v1", "kind": "ClusterSettings",
                 "metadata": {"name": "cluster"}, "spec": {"allowedPoolPaths": ["%s"]}}
                """
                    .formatted(folder)));
    client
        .resource(otherix("nodes"))
        .create(
            Json.parseObject(
                """
                {"apiVersion": "otherix/v1", "kind": "Node", "metadata": {"name": "%s"},
                 "spec": {"arch": "amd64"}}
                """
                    .formatted(NODE)));
  }

  private void run(Path folder, String manifests) throws Exception {
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (YamlDocument each : Yaml.readAll(manifests, Limits.MANIFEST)) {
      ObjectNode object = (ObjectNode) each.tree();
      String plural = object.path("kind").asString("").toLowerCase(java.util.Locale.ROOT) + "s";
      client.resource(otherix(plural)).create(object);
    }
    await().atMost(PATIENCE).until(() -> condition("Running").equals("True"));
    await().atMost(PATIENCE).until(() -> condition("NetworkReady").equals("True"));
    String uid = vm().at("/metadata/uid").asString("");
    Path console = folder.resolve("vms/" + uid + "/run/serial.sock");
    try (SerialReader serial = SerialReader.of(console)) {
      await().atMost(PATIENCE).until(() -> serial.text().contains("OTHERIX-READY"));
      serial.text().lines().filter(each -> each.contains("OTHERIX-")).forEach(System.out::println);
    }
    await().atMost(PATIENCE).until(() -> network().at("/status/nodes/0").has("nodeName"));
    System.out.println("http " + new String(http(), StandardCharsets.US_ASCII).lines().findFirst());
    System.out.println("network " + network().at("/status/nodes/0/reconciliationStatus"));
    System.out.println("ready");
    in.readLine();
    client.resource(otherix("vms")).delete(ObjectKey.clusterScoped("web-0"), DeleteOptions.DEFAULT);
    await()
        .atMost(PATIENCE)
        .until(() -> client.resource(otherix("ports")).list(ListOptions.ALL).items().isEmpty());
    client
        .resource(otherix("networks"))
        .delete(ObjectKey.clusterScoped("quickstart"), DeleteOptions.DEFAULT);
    await()
        .atMost(PATIENCE)
        .until(() ->
            client
                .resource(otherix("nodes"))
                .get(ObjectKey.clusterScoped(NODE))
                .at("/status/networks")
                .isEmpty());
    System.out.println("deleted");
  }

  /// What the guest's web server says, by way of the server and the agent: it is asked, and heard
  /// to the end.
  private byte[] http() throws InterruptedException {
    ObjectNode ticket =
        client
            .resource(otherix("vms"))
            .perform(
                ObjectKey.clusterScoped("web-0"),
                "portforward",
                Json.parseObject("{\"port\": 80}"));
    ByteArrayOutputStream answer = new ByteArrayOutputStream();
    boolean whole =
        Conversation.carry(
            client.socket("/v1/streams", "token=" + ticket.path("token").asString("")),
            new ByteArrayInputStream("GET / HTTP/1.0\r\n\r\n".getBytes(StandardCharsets.US_ASCII)),
            answer,
            answer);
    if (!whole) {
      throw new IllegalStateException("the conversation broke");
    }
    return answer.toByteArray();
  }

  private static GroupVersionResource otherix(String plural) {
    return new GroupVersionResource("otherix", "v1", plural);
  }

  private ObjectNode vm() throws InterruptedException {
    return client.resource(otherix("vms")).get(ObjectKey.clusterScoped("web-0"));
  }

  private ObjectNode network() throws InterruptedException {
    return client.resource(otherix("networks")).get(ObjectKey.clusterScoped("quickstart"));
  }

  private String condition(String type) throws InterruptedException {
    for (var each : vm().at("/status/conditions")) {
      if (each.path("type").asString("").equals(type)) {
        return each.path("status").asString("");
      }
    }
    return "";
  }
}
