package dev.otherix.ctl.replica;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.apimachinery.client.ApiClient;
import dev.otherix.apimachinery.client.ClientOptions;
import dev.otherix.apimachinery.client.Cluster;
import dev.otherix.apimachinery.client.ListOptions;
import dev.otherix.apimachinery.informer.Informer;
import dev.otherix.apimachinery.informer.InformerOptions;
import dev.otherix.apimachinery.object.GroupVersionResource;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.ObjectNode;

/// Three servers on three members of etcd, all of them processes that are killed or frozen one
/// after the other, while clients write through any of them.
final class ChaosTest {
  private static final Duration PATIENCE = Duration.ofSeconds(90);
  private static final GroupVersionResource MAPS = new GroupVersionResource("", "v1", "configmaps");
  private static final int COUNT = 3;
  private static final int FAULTS = Integer.getInteger("chaos.faults", 4);
  private static final int WRITES_BETWEEN = 30;

  @TempDir private Path folder;
  private List<TestEtcd> members = List.of();
  private final List<ReplicaProcess> replicas = new ArrayList<>();
  private final List<Integer> ports = new ArrayList<>();

  @BeforeEach
  void start() throws Exception {
    members = TestEtcd.startMembers(folder, COUNT);
    for (int i = 0; i < COUNT; i++) {
      ports.add(TestEtcd.freePort());
      if (i > 0) {
        Path key = folder.resolve("server" + i + "/pki/secrets.key");
        Files.createDirectories(key.getParent());
        Files.copy(folder.resolve("server0/pki/secrets.key"), key);
      }
      replicas.add(replica(i).awaitReady());
    }
  }

  private ReplicaProcess replica(int i) throws Exception {
    String endpoints =
        members.stream()
            .map(TestEtcd::endpoint)
            .map(URI::toString)
            .collect(Collectors.joining(","));
    return ReplicaProcess.start(
        folder.resolve("server" + i),
        ports.get(i),
        "--store=etcd",
        "--etcd-endpoints=" + endpoints);
  }

  @AfterEach
  void stop() {
    replicas.forEach(ReplicaProcess::close);
    members.forEach(TestEtcd::close);
  }

  private ApiClient client(int first) throws Exception {
    List<String> servers = new ArrayList<>();
    for (int i = 0; i < COUNT; i++) {
      servers.add(replicas.get((first + i) % COUNT).url().toString());
    }
    Cluster cluster =
        Cluster.of("", replicas.get(0).kubeconfig()).withServer(String.join(",", servers));
    return new ApiClient(
        cluster.connect(),
        ClientOptions.of("chaos").withDeadline(Duration.ofSeconds(5)).withoutRetries());
  }

  @Test
  void partsDieAndFreeze_nothingAcknowledgedIsLost() throws Exception {
    long seed = Long.getLong("chaos.seed", 20261121L);
    Random random = new Random(seed);
    List<ChaosWriter> writers = new ArrayList<>();
    try (ApiClient watching = client(1);
        Informer informer = new Informer(watching.resource(MAPS), InformerOptions.ALL)) {
      informer.start();
      await().atMost(PATIENCE).until(informer::isSynced);
      for (int i = 0; i < COUNT; i++) {
        writers.add(new ChaosWriter("w" + i, client(i)));
      }
      for (int i = 0; i < FAULTS; i++) {
        awaitWrites(writers, seed);
        fault(random.nextInt(4), random.nextInt(COUNT));
      }
      awaitWrites(writers, seed);
      writers.forEach(ChaosWriter::close);
      check(writers, informer, seed);
    } finally {
      writers.forEach(ChaosWriter::close);
    }
  }

  private static void awaitWrites(List<ChaosWriter> writers, long seed) {
    for (ChaosWriter each : writers) {
      int before = each.acknowledged().size();
      await("seed " + seed)
          .atMost(PATIENCE)
          .until(() -> each.acknowledged().size() >= before + WRITES_BETWEEN);
    }
  }

  /// Ends when the part works again.
  private void fault(int kind, int which) throws Exception {
    switch (kind) {
      case 0 -> {
        replicas.get(which).kill();
        replicas.set(which, replica(which).awaitReady());
      }
      case 1 -> {
        replicas.get(which).signal("STOP");
        awaitMoment();
        replicas.get(which).signal("CONT");
      }
      case 2 -> {
        members.get(which).kill();
        awaitMoment();
        members.get(which).restart();
      }
      default -> {
        members.get(which).signal("STOP");
        awaitMoment();
        members.get(which).signal("CONT");
      }
    }
  }

  /// Long enough for an election of etcd's, and for clients to give up on a server.
  private static void awaitMoment() {
    long begun = System.nanoTime();
    await()
        .atMost(PATIENCE)
        .until(() -> System.nanoTime() - begun > Duration.ofSeconds(4).toNanos());
  }

  private void check(List<ChaosWriter> writers, Informer informer, long seed) throws Exception {
    Set<String> acknowledged = new TreeSet<>();
    long increments = 0;
    long unknown = 0;
    Duration gap = Duration.ZERO;
    for (ChaosWriter each : writers) {
      acknowledged.addAll(each.acknowledged());
      increments += each.increments();
      unknown += each.unknownIncrements();
      gap = gap.compareTo(each.longestGap()) > 0 ? gap : each.longestGap();
    }
    System.out.printf(
        "chaos: seed %d, %d faults, %d acknowledged creates, %d increments, longest wait of a"
            + " writer %d ms%n",
        seed, FAULTS, acknowledged.size(), increments, gap.toMillis());
    for (ReplicaProcess replica : replicas) {
      try (ApiClient client = replica.client()) {
        Set<String> lost = new TreeSet<>(acknowledged);
        for (ObjectNode each :
            client.resource(MAPS).list(ListOptions.ALL.inNamespace("default")).items()) {
          lost.remove(each.at("/metadata/name").asString());
        }
        assertEquals(
            Set.of(), lost, "seed " + seed + ": acknowledged, and not at " + replica.url());
        long counted = ChaosWriter.counter(client);
        assertTrue(
            counted >= increments && counted <= increments + unknown,
            "seed " + seed + ": " + counted + " of " + increments + " and maybe " + unknown);
      }
    }
    await("seed " + seed)
        .atMost(PATIENCE)
        .until(() ->
            informer.all().stream()
                .map(each -> each.at("/metadata/name").asString())
                .collect(Collectors.toSet())
                .containsAll(acknowledged));
  }
}
