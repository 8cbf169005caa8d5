package dev.otherix.ctl.replica;

import dev.otherix.agent.AgentOptions;
import dev.otherix.agent.NodeCredentials;
import dev.otherix.agent.Servers;
import dev.otherix.agent.images.ImageLimits;
import dev.otherix.agent.simulated.SimulatedHypervisor;
import dev.otherix.apimachinery.client.ApiClient;
import dev.otherix.apimachinery.client.NodeFacts;
import dev.otherix.apimachinery.client.NodeJoin;
import dev.otherix.apimachinery.client.Pause;
import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.object.GroupVersionResource;
import dev.otherix.apimachinery.object.ObjectKey;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Random;
import tools.jackson.databind.node.ObjectNode;

/// A node `n1` with a pool, whose agent runs in the process of the test, and a machine `web`.
///
/// @param folder for everything
record TestNode(Path folder) {
  private static final Duration PAUSE_MAX = Duration.ofSeconds(1);

  static GroupVersionResource kind(String plural) {
    return new GroupVersionResource("otherix", "v1", plural);
  }

  static ObjectNode create(ApiClient client, GroupVersionResource kind, String json)
      throws InterruptedException {
    return client.resource(kind).create(Json.parseObject(json));
  }

  /// Joins as any host does.
  void join(ApiClient admin, URI server) throws Exception {
    Files.createDirectories(folder.resolve("pool"));
    Files.write(folder.resolve("image.raw"), new byte[4096]);
    create(
        admin,
        kind("clustersettings"),
        """
        {"apiVersion": "otherix/v1", "kind": "ClusterSettings", "metadata": {"name": "cluster"},
         "spec": {"defaultPool": "main", "allowedPoolPaths": ["%s"]}}
        """
            .formatted(folder));
    ObjectNode token =
        create(
            admin,
            kind("jointokens"),
            """
            {"apiVersion": "otherix/v1", "kind": "JoinToken", "metadata": {"name": "j"},
             "spec": {"intendedNodeName": "n1"}}
            """);
    ObjectNode ca =
        Json.parseObject(new String(admin.raw("GET", "/v1/ca", "", null), StandardCharsets.UTF_8));
    NodeCredentials.write(
        folder.resolve("agent"),
        new NodeJoin(new SecureRandom())
            .join(
                server,
                ca.path("signer_fingerprint_sha256").asString(),
                token.at("/status/token").asString(),
                NodeFacts.of("n1", "amd64")),
        server);
    create(
        admin,
        kind("storagepools"),
        """
        {"apiVersion": "otherix/v1", "kind": "StoragePool", "metadata": {"name": "main"},
         "spec": {"node": "n1", "path": "%s"}}
        """
            .formatted(folder.resolve("pool")));
  }

  Servers servers() throws Exception {
    return Servers.start(
        folder.resolve("agent"), NodeCredentials.read(folder.resolve("agent")), Pause.real());
  }

  void makeMachine(ApiClient admin) throws InterruptedException {
    create(
        admin,
        kind("vms"),
        """
        {"apiVersion": "otherix/v1", "kind": "VM", "metadata": {"name": "web"},
         "spec": {"arch": "amd64", "firmware": "bios", "vcpus": 1, "memoryMB": 256,
                  "imageURL": "%s"}}
        """
            .formatted(folder.resolve("image.raw").toUri()));
  }

  static ObjectNode machine(ApiClient client) throws InterruptedException {
    return client.resource(kind("vms")).get(ObjectKey.clusterScoped("web"));
  }

  static boolean is(String phase, ApiClient client) throws InterruptedException {
    return machine(client).at("/status/phase").asString("").equals(phase);
  }

  static void want(String powerState, ApiClient client) throws InterruptedException {
    client
        .resource(kind("vms"))
        .mergePatch(
            ObjectKey.clusterScoped("web"),
            "",
            Json.parseObject("{\"spec\": {\"powerState\": \"" + powerState + "\"}}"));
  }

  /// The agent is not as patient as in life: heartbeats and attempts come at least each second.
  private static void pause(Duration time) throws InterruptedException {
    Pause.real().await(time.compareTo(PAUSE_MAX) < 0 ? time : PAUSE_MAX);
  }

  AgentOptions options(SimulatedHypervisor hypervisor) {
    return new AgentOptions(
        "n1",
        folder.resolve("agent"),
        "amd64",
        "test",
        hypervisor,
        null,
        ImageLimits.DEFAULT.withFolders(List.of(folder)),
        InstantSource.system(),
        new Random(7),
        TestNode::pause);
  }
}
