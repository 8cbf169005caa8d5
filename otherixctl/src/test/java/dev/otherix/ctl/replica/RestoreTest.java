package dev.otherix.ctl.replica;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.agent.Agent;
import dev.otherix.agent.Servers;
import dev.otherix.agent.simulated.SimulatedHypervisor;
import dev.otherix.apimachinery.client.ApiClient;
import dev.otherix.apimachinery.client.Backoff;
import dev.otherix.apimachinery.client.Pause;
import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.informer.Informer;
import dev.otherix.apimachinery.informer.InformerOptions;
import dev.otherix.apimachinery.object.GroupVersionResource;
import dev.otherix.apimachinery.object.ObjectKey;
import dev.otherix.ctl.Ctl;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.node.ObjectNode;

/// A server that is lost and comes back from a backup, and a node whose machine runs meanwhile.
@Tag("slow")
final class RestoreTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final GroupVersionResource MAPS = new GroupVersionResource("", "v1", "configmaps");

  @TempDir private Path folder;
  private final List<ReplicaProcess> started = new ArrayList<>();
  private @Nullable TestEtcd etcd;

  private ReplicaProcess server(int port, List<String> store) throws Exception {
    List<String> options = new ArrayList<>(store);
    options.add("--backup-dir=" + folder.resolve("backups"));
    ReplicaProcess server =
        ReplicaProcess.start(folder.resolve("cp"), port, options.toArray(String[]::new));
    started.add(server);
    return server.awaitReady();
  }

  @AfterEach
  void stop() {
    started.forEach(ReplicaProcess::close);
    if (etcd != null) {
      etcd.close();
    }
  }

  /// The store that is lost, and the one that the backup goes to.
  enum Store {
    EMBEDDED {
      @Override
      List<String> options(RestoreTest test, String prefix) {
        return List.of();
      }
    },
    MANAGED {
      @Override
      List<String> options(RestoreTest test, String prefix) {
        return List.of("--store=etcd", "--etcd-managed");
      }
    },
    EXTERNAL {
      @Override
      List<String> options(RestoreTest test, String prefix) {
        TestEtcd etcd = test.external();
        return List.of(
            "--store=etcd", "--etcd-endpoints=" + etcd.endpoint(), "--etcd-prefix=" + prefix);
      }
    };

    abstract List<String> options(RestoreTest test, String prefix);
  }

  private TestEtcd external() {
    TestEtcd present = etcd;
    if (present == null) {
      present = TestEtcd.start(folder.resolve("etcd"));
      etcd = present;
    }
    return present;
  }

  private String restore(String file, List<String> store) {
    List<String> arguments =
        new ArrayList<>(List.of("server", "restore", file, "--data-dir=" + folder.resolve("cp")));
    arguments.addAll(store);
    return new Ctl(Map.of()).run(arguments.toArray(String[]::new)).succeeds().out();
  }

  @ParameterizedTest
  @EnumSource
  void serverLost_andRestored_machineRunsOn_andEverybodyReadsAnew(Store store) throws Exception {
    int port = TestEtcd.freePort();
    ReplicaProcess first = server(port, store.options(this, "/lost"));
    TestNode node = new TestNode(folder);
    try (ApiClient admin = first.client()) {
      node.join(admin, first.url());
    }
    try (Servers servers = node.servers();
        Agent _ = Agent.start(node.options(new SimulatedHypervisor()), servers);
        Informer informer =
            new Informer(servers.client().resource(TestNode.kind("vms")), ofNode())) {
      String started;
      String file;
      long seen;
      try (ApiClient admin = first.client()) {
        informer.start();
        node.makeMachine(admin);
        await().atMost(PATIENCE).until(() -> TestNode.is("running", admin));
        started = TestNode.machine(admin).at("/status/lastStartedAt").asString();
        ObjectNode backup =
            Json.parseObject(
                new String(
                    admin.raw("POST", "/v1/backups", "", Json.parseObject("{}")),
                    StandardCharsets.UTF_8));
        file = backup.path("file").asString();
        TestNode.create(
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
      String restored = restore(file, store.options(this, "/next"));
      assertTrue(restored.contains("restored entries="), restored);
      long loads = informer.loads();
      try (ReplicaProcess second = server(port, store.options(this, "/next"));
          ApiClient admin = second.client()) {
        assertTrue(
            admin.resource(MAPS).find(new ObjectKey("default", "after-the-backup")).isEmpty());
        await()
            .atMost(PATIENCE)
            .until(() -> informer.loads() > loads && informer.all().size() == 1);
        TestNode.create(
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
        await().atMost(PATIENCE).until(() -> TestNode.is("running", admin));
        assertEquals(
            started, TestNode.machine(admin).at("/status/lastStartedAt").asString(), "it ran on");
        // The agent hears of what is wanted now.
        TestNode.want("Paused", admin);
        await().atMost(PATIENCE).until(() -> TestNode.is("paused", admin));
      }
    }
  }

  private static InformerOptions ofNode() {
    Backoff soon = new Backoff(Duration.ofMillis(100), Duration.ofSeconds(1), new Random(7));
    return InformerOptions.ALL
        .withSelectors("", "spec.nodeName=n1")
        .withBackoff(soon, Pause.real());
  }
}
