package dev.otherix.ctl.replica;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.agent.Agent;
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
import dev.otherix.apimachinery.informer.Informer;
import dev.otherix.apimachinery.informer.InformerOptions;
import dev.otherix.apimachinery.object.GroupVersionResource;
import dev.otherix.apimachinery.object.ObjectKey;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.ObjectNode;

/// A server that is lost and comes back from a backup, and a node whose machine runs meanwhile.
final class RestoreTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final GroupVersionResource MAPS = new GroupVersionResource("", "v1", "configmaps");

  @TempDir private Path folder;

  private static GroupVersionResource kind(String plural) {
    return new GroupVersionResource("otherix", "v1", plural);
  }

  private static void create(ApiClient client, GroupVersionResource kind, String json)
      throws InterruptedException {
    client.resource(kind).create(Json.parseObject(json));
  }

  private ReplicaProcess server(int port) throws Exception {
    return ReplicaProcess.start(
            folder.resolve("cp"), port, "--backup-dir=" + folder.resolve("backups"))
        .awaitReady();
  }

  private static ObjectNode vm(ApiClient client) throws InterruptedException {
    return client.resource(kind("vms")).get(ObjectKey.clusterScoped("web"));
  }

  private static boolean runs(ObjectNode vm) {
    return vm.at("/status/phase").asString("").equals("running");
  }

  @Test
  void serverLost_andRestored_machineRunsOn_andEverybodyReadsAnew() throws Exception {
    int port = TestEtcd.freePort();
    ReplicaProcess first = server(port);
    SimulatedHypervisor hypervisor = new SimulatedHypervisor();
    try (ApiClient admin = first.client()) {
      settle(admin);
      join(admin, first);
    }
    try (Servers servers =
            Servers.start(
                folder.resolve("agent"),
                NodeCredentials.read(folder.resolve("agent")),
                Pause.real());
        Agent _ = Agent.start(options(hypervisor), servers);
        Informer informer = new Informer(servers.client().resource(kind("vms")), ofNode())) {
      String started;
      String file;
      long seen;
      try (ApiClient admin = first.client()) {
        informer.start();
        create(admin, kind("vms"), machine());
        await().atMost(PATIENCE).until(() -> runs(vm(admin)));
        started = vm(admin).at("/status/lastStartedAt").asString();
        ObjectNode backup =
            Json.parseObject(
                new String(
                    admin.raw("POST", "/v1/backups", "", Json.parseObject("{}")),
                    StandardCharsets.UTF_8));
        file = backup.path("file").asString();
        create(
            admin,
            MAPS,
            """
            {"apiVersion": "v1", "kind": "ConfigMap",
             "metadata": {"namespace": "default", "name": "after-the-backup"}}
            """);
        seen =
            Long.parseLong(
                admin
                    .resource(MAPS)
                    .get(new ObjectKey("default", "after-the-backup"))
                    .at("/metadata/resourceVersion")
                    .asString());
        await().atMost(PATIENCE).until(informer::isSynced);
      }
      first.stop();
      ReplicaProcess command =
          ReplicaProcess.run(
              folder.resolve("cp"), "restore", file, "--data-dir=" + folder.resolve("cp"));
      String end = command.awaitEnd();
      assertTrue(end.startsWith("0 "), end);
      assertTrue(command.said("out").contains("restored entries="), command.said("out"));
      long loads = informer.loads();
      try (ReplicaProcess second = server(port);
          ApiClient admin = second.client()) {
        assertTrue(
            admin.resource(MAPS).find(new ObjectKey("default", "after-the-backup")).isEmpty());
        await()
            .atMost(PATIENCE)
            .until(() -> informer.loads() > loads && informer.all().size() == 1);
        create(
            admin,
            MAPS,
            """
            {"apiVersion": "v1", "kind": "ConfigMap",
             "metadata": {"namespace": "default", "name": "anew"}}
            """);
        String version =
            admin
                .resource(MAPS)
                .get(new ObjectKey("default", "anew"))
                .at("/metadata/resourceVersion")
                .asString();
        assertTrue(Long.parseLong(version) > seen, version + " is not above " + seen);
        await().atMost(PATIENCE).until(() -> runs(vm(admin)));
        assertEquals(started, vm(admin).at("/status/lastStartedAt").asString(), "it ran on");
        // The agent hears of what is wanted now.
        admin
            .resource(kind("vms"))
            .mergePatch(
                ObjectKey.clusterScoped("web"),
                "",
                Json.parseObject("{\"spec\": {\"powerState\": \"Paused\"}}"));
        await()
            .atMost(PATIENCE)
            .until(() -> vm(admin).at("/status/phase").asString("").equals("paused"));
      }
    }
  }

  private static InformerOptions ofNode() {
    return InformerOptions.ALL.withSelectors("", "spec.nodeName=n1");
  }

  private void settle(ApiClient admin) throws Exception {
    Files.createDirectories(folder.resolve("pool"));
    Path image = folder.resolve("image.raw");
    Files.write(image, new byte[4096]);
    create(
        admin,
        kind("clustersettings"),
        """
        {"apiVersion": "otherix/v1", "kind": "ClusterSettings", "metadata": {"name": "cluster"},
         "spec": {"defaultPool": "main", "allowedPoolPaths": ["%s"]}}
        """
            .formatted(folder));
  }

  private void join(ApiClient admin, ReplicaProcess server) throws Exception {
    ObjectNode token =
        admin
            .resource(kind("jointokens"))
            .create(
                Json.parseObject(
                    """
                    {"apiVersion": "otherix/v1", "kind": "JoinToken", "metadata": {"name": "j"},
                     "spec": {"intendedNodeName": "n1"}}
                    """));
    ObjectNode ca =
        Json.parseObject(new String(admin.raw("GET", "/v1/ca", "", null), StandardCharsets.UTF_8));
    NodeCredentials.write(
        folder.resolve("agent"),
        new NodeJoin(new SecureRandom())
            .join(
                server.url(),
                ca.path("signer_fingerprint_sha256").asString(),
                token.at("/status/token").asString(),
                NodeFacts.of("n1", "amd64")),
        server.url());
    create(
        admin,
        kind("storagepools"),
        """
        {"apiVersion": "otherix/v1", "kind": "StoragePool", "metadata": {"name": "main"},
         "spec": {"node": "n1", "path": "%s"}}
        """
            .formatted(folder.resolve("pool")));
  }

  private String machine() {
    return """
    {"apiVersion": "otherix/v1", "kind": "VM", "metadata": {"name": "web"},
     "spec": {"arch": "amd64", "firmware": "bios", "vcpus": 1, "memoryMB": 256,
              "imageURL": "%s"}}
    """
        .formatted(folder.resolve("image.raw").toUri());
  }

  private AgentOptions options(SimulatedHypervisor hypervisor) {
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
        Pause.real());
  }
}
