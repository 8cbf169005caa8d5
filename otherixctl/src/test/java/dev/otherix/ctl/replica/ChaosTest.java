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
import dev.otherix.apimachinery.object.ObjectKey;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.ObjectNode;

/// Three servers on three members of etcd, all of them processes that are killed, frozen or cut off
/// one after the other, while clients write through any of them.
@Tag("slow")
final class ChaosTest {
  private static final Duration PATIENCE = Duration.ofSeconds(90);
  private static final GroupVersionResource MAPS = new GroupVersionResource("", "v1", "configmaps");
  private static final GroupVersionResource LEASES =
      new GroupVersionResource("coordination.k8s.io", "v1", "leases");
  private static final int STARTS_MAX = 5;
  private static final int COUNT = 3;
  private static final int FAULTS = Integer.getInteger("chaos.faults", 5);
  private static final int WRITES_BETWEEN = 30;

  @TempDir private Path folder;
  private List<TestEtcd> members = List.of();
  private @Nullable MemberNetwork network;
  private final CounterHistory history = new CounterHistory();
  private final LeaderHistory leaders = new LeaderHistory();
  private final Map<String, Integer> appearances = new ConcurrentHashMap<>();
  private final List<String> disorder = new CopyOnWriteArrayList<>();
  private Duration toLeader = Duration.ZERO;
  private final List<ReplicaProcess> replicas = new ArrayList<>();
  private final List<Integer> ports = new ArrayList<>();

  @BeforeEach
  void start() throws Exception {
    if (MemberNetwork.possible()) {
      network = MemberNetwork.open(COUNT);
    } else {
      System.out.println("chaos: no network is cut, that takes root");
    }
    members = TestEtcd.startMembers(folder, COUNT, network);
    for (int i = 0; i < COUNT; i++) {
      ports.add(TestEtcd.freePort());
      if (i > 0) {
        Path key = folder.resolve("server" + i + "/pki/secrets.key");
        Files.createDirectories(key.getParent());
        Files.copy(folder.resolve("server0/pki/secrets.key"), key);
      }
      replicas.add(i == 0 ? ready(i) : replica(i));
    }
    for (ReplicaProcess each : replicas) {
      each.awaitReady();
    }
  }

  /// A server that finds no etcd ends, and whoever looks after services starts it again.
  private ReplicaProcess ready(int i) throws Exception {
    for (int attempt = 1; ; attempt++) {
      ReplicaProcess started = replica(i);
      try {
        return started.awaitReady();
      } catch (IllegalStateException e) {
        started.close();
        if (attempt == STARTS_MAX) {
          throw e;
        }
      }
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
  void stop() throws Exception {
    replicas.forEach(ReplicaProcess::close);
    members.forEach(TestEtcd::close);
    if (network != null) {
      network.close();
    }
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

  /// A longer run has as many faults as one likes.
  @Timeout(value = 60, unit = TimeUnit.MINUTES)
  @Test
  void partsDieAndFreeze_nothingAcknowledgedIsLost() throws Exception {
    long seed = Long.getLong("chaos.seed", 20261121L);
    Random random = new Random(seed);
    List<ChaosWriter> writers = new ArrayList<>();
    try (ApiClient watching = client(1);
        Informer informer = new Informer(watching.resource(MAPS), InformerOptions.ALL);
        Informer leases = new Informer(watching.resource(LEASES), InformerOptions.ALL)) {
      informer.addHandler("order", this::changed);
      informer.start();
      leases.addHandler("leaders", leaders::changed);
      leases.start();
      await().atMost(PATIENCE).until(() -> informer.isSynced() && leases.isSynced());
      for (int i = 0; i < COUNT; i++) {
        writers.add(new ChaosWriter("w" + i, client(i), history));
      }
      // Every kind once, in an order of chance, and then by chance.
      List<Integer> kinds = new ArrayList<>(List.of(0, 1, 2, 3));
      if (network != null) {
        kinds.add(4);
      }
      Collections.shuffle(kinds, random);
      for (int i = 0; i < FAULTS; i++) {
        awaitWrites(writers, WRITES_BETWEEN, seed);
        int kind = i < kinds.size() ? kinds.get(i) : kinds.get(random.nextInt(kinds.size()));
        fault(kind, random.nextInt(COUNT), writers, seed);
      }
      awaitWrites(writers, WRITES_BETWEEN, seed);
      writers.forEach(ChaosWriter::close);
      check(writers, informer, seed);
    } finally {
      writers.forEach(ChaosWriter::close);
    }
  }

  /// What a watcher may rely on: everything appears once, and nothing goes back.
  private void changed(ObjectKey key, @Nullable ObjectNode before, @Nullable ObjectNode after) {
    if (before == null && after != null) {
      appearances.merge(key.name(), 1, Integer::sum);
    }
    if (after == null) {
      disorder.add(key + " is gone");
    } else if (before != null && revision(before) >= revision(after)) {
      disorder.add(key + " goes from " + revision(before) + " to " + revision(after));
    }
  }

  private static long revision(ObjectNode object) {
    return Long.parseLong(object.at("/metadata/resourceVersion").asString());
  }

  private static void awaitWrites(List<ChaosWriter> writers, int count, long seed) {
    for (ChaosWriter each : writers) {
      int before = each.acknowledged().size();
      await("seed " + seed)
          .atMost(PATIENCE)
          .until(() -> each.acknowledged().size() >= before + count);
    }
  }

  /// Ends when the part works again; before that all writers go on without it.
  private void fault(int kind, int which, List<ChaosWriter> writers, long seed) throws Exception {
    long began = System.nanoTime();
    switch (kind) {
      case 0 -> {
        int leading = leading(which);
        replicas.get(leading).kill();
        awaitWrites(writers, 1, seed);
        replicas.set(leading, ready(leading));
      }
      case 1 -> {
        replicas.get(which).signal("STOP");
        awaitWrites(writers, 1, seed);
        replicas.get(which).signal("CONT");
      }
      case 2 -> {
        members.get(which).kill();
        awaitLeader(which, began);
        awaitWrites(writers, 1, seed);
        members.get(which).restart();
      }
      case 3 -> {
        members.get(which).signal("STOP");
        awaitLeader(which, began);
        awaitWrites(writers, 1, seed);
        members.get(which).signal("CONT");
      }
      default -> {
        MemberNetwork cut = Objects.requireNonNull(network);
        cut.cut(which);
        awaitLeader(which, began);
        awaitWrites(writers, 1, seed);
        cut.heal(which);
        await().atMost(PATIENCE).until(members.get(which)::hasLeader);
      }
    }
  }

  /// The server that the controllers work in, which they lose now; `otherwise` when they work in
  /// none.
  private int leading(int otherwise) throws Exception {
    for (int i = 0; i < COUNT; i++) {
      if (replicas.get(i).leads()) {
        leaders.lose();
        return i;
      }
    }
    return otherwise;
  }

  /// Of the members that are left.
  private void awaitLeader(int without, long began) {
    for (int i = 0; i < COUNT; i++) {
      if (i != without) {
        await()
            .atMost(PATIENCE)
            .pollInterval(Duration.ofMillis(50))
            .until(members.get(i)::hasLeader);
      }
    }
    Duration took = Duration.ofNanos(System.nanoTime() - began);
    toLeader = toLeader.compareTo(took) > 0 ? toLeader : took;
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
    assertEquals(List.of(), history.violations(), "seed " + seed);
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
    await("seed " + seed).atMost(PATIENCE).until(leaders::isSettled);
    await("seed " + seed)
        .atMost(PATIENCE)
        .until(() ->
            informer.all().stream()
                .map(each -> each.at("/metadata/name").asString())
                .collect(Collectors.toSet())
                .containsAll(acknowledged));
    assertEquals(List.of(), disorder, "seed " + seed);
    appearances.values().removeIf(each -> each == 1);
    assertEquals(Map.of(), appearances, "seed " + seed + ": appeared more than once");
    System.out.printf(
        "chaos: seed %d, %d faults, %d acknowledged creates, 0 lost, %d increments, %d operations"
            + " in order; longest unavailability to a writer %d ms; etcd's new leader after at most"
            + " %d ms; %s%n",
        seed,
        FAULTS,
        acknowledged.size(),
        increments,
        history.size(),
        gap.toMillis(),
        toLeader.toMillis(),
        leaders);
  }
}
