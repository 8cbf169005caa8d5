package dev.otherix.ctl.store;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.apiserver.pki.ClusterCa;
import dev.otherix.apiserver.server.DataDirectory;
import dev.otherix.apiserver.storage.EtcdMembers;
import dev.otherix.apiserver.storage.EtcdStorage;
import dev.otherix.apiserver.storage.Outcome;
import dev.otherix.apiserver.storage.ReadAt;
import dev.otherix.apiserver.storage.Storage;
import dev.otherix.apiserver.storage.StorageException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Three members that servers run, most of whose databases is waste.
@Tag("slow")
final class DefragmentationTest {
  private static final Duration PATIENCE = Duration.ofSeconds(90);
  private static final List<String> NAMES = List.of("one", "two", "three");
  private static final long WASTE_MAX = 1 << 20;
  private static final int VALUE_BYTES = 256 << 10;
  private static final int REWRITES = 24;

  @TempDir private Path folder;
  private final List<AutoCloseable> opened = new ArrayList<>();
  private final List<EtcdStorage> stores = new ArrayList<>();
  private final List<MemberCare> cares = new ArrayList<>();

  @BeforeEach
  void start() throws Exception {
    InstantSource clock = InstantSource.system();
    ClusterCa.openOrCreate(
        DataDirectory.pki(Files.createDirectories(folder.resolve("one"))),
        clock,
        new SecureRandom());
    List<String> cluster = new ArrayList<>();
    for (int i = 0; i < NAMES.size(); i++) {
      String name = NAMES.get(i);
      Path data = Files.createDirectories(folder.resolve(name));
      URI peer = peer(i + 1);
      cluster.add(name + "=" + peer);
      if (i > 0) {
        join(data, peer, String.join(",", cluster));
      }
      ManagedEtcd etcd =
          ManagedEtcd.start(
              data,
              new StoreConfig.Managed("etcd", "/otherix", name, peer, 64 << 20),
              clock,
              new SecureRandom());
      opened.addFirst(etcd);
      take(etcd);
    }
  }

  private static URI peer(int host) throws Exception {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return URI.create("https://127.0.0." + (host + 1) + ":" + socket.getLocalPort());
    }
  }

  /// As a server's join does it: the authority is the same, and the others expect it.
  private void join(Path data, URI peer, String cluster) throws Exception {
    Path pki = Files.createDirectories(DataDirectory.pki(data));
    for (String each : new String[] {"ca.crt", "ca.key"}) {
      Files.copy(DataDirectory.pki(folder.resolve("one")).resolve(each), pki.resolve(each));
    }
    EtcdFolder own = EtcdFolder.of(data);
    own.prepare();
    own.join(cluster);
    await()
        .atMost(PATIENCE)
        .ignoreException(EtcdMembers.Refused.class)
        .until(() -> cares.getFirst().members().addLearner(peer) != 0);
  }

  /// Waits until it is a member that answers.
  private void take(ManagedEtcd etcd) {
    await()
        .atMost(PATIENCE)
        .ignoreException(StorageException.class)
        .until(() -> {
          cares.forEach(each -> each.look(false));
          EtcdStorage store = EtcdStorage.open(etcd.options());
          boolean whole = false;
          try {
            store.revision();
            whole = true;
          } finally {
            if (!whole) {
              store.close();
            }
          }
          stores.add(store);
          return true;
        });
    MemberCare care = new MemberCare(etcd, stores.getLast(), WASTE_MAX);
    cares.add(care);
    opened.addFirst(stores.getLast());
    opened.addFirst(care);
  }

  @AfterEach
  void stop() throws Exception {
    for (AutoCloseable each : opened) {
      each.close();
    }
  }

  @Test
  void allAreWaste_oneAfterTheOther_leaderLastAfterItHandedOver() {
    MemberCare leader =
        cares.stream().filter(each -> each.members().self().leads()).findFirst().orElseThrow();
    // The leader is asked first, so that nothing but its patience has it come last.
    List<MemberCare> asked = new ArrayList<>(cares);
    asked.remove(leader);
    asked.addFirst(leader);
    waste();
    List<Long> before = asked.stream().map(each -> each.members().self().sizeBytes()).toList();
    List<Integer> order = new ArrayList<>();
    await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(100))
        .until(() -> {
          // Etcd counts what is free with the next write.
          stores.getFirst().create("/a/small" + System.nanoTime(), new byte[1], null);
          asked.forEach(each -> each.look(false));
          List<Integer> now = new ArrayList<>();
          for (int i = 0; i < asked.size(); i++) {
            boolean small = asked.get(i).members().self().sizeBytes() < before.get(i) / 2;
            if (small && !order.contains(i)) {
              now.add(i);
            }
          }
          assertTrue(now.size() <= 1, "at the same time: " + now);
          order.addAll(now);
          return order.size() == asked.size();
        });
    assertEquals(0, order.getLast(), "the leader was not the last of " + order);
    assertFalse(leader.members().self().leads(), "it handed over");
    assertNotEquals(0, leader.members().self().leader());
    for (Storage each : stores) {
      assertEquals(
          VALUE_BYTES, Objects.requireNonNull(each.get("/a/large", ReadAt.LATEST)).value().length);
    }
  }

  private void waste() {
    Storage store = stores.getFirst();
    byte[] large = new byte[VALUE_BYTES];
    store.create("/a/large", large, null);
    for (int i = 0; i < REWRITES; i++) {
      long present = Objects.requireNonNull(store.get("/a/large", ReadAt.LATEST)).revision();
      assertTrue(store.update("/a/large", large, present, null) instanceof Outcome.Written);
    }
    store.compact(store.revision());
    for (MemberCare each : cares) {
      await()
          .atMost(PATIENCE)
          .until(() -> {
            store.create("/a/small" + System.nanoTime(), new byte[1], null);
            EtcdMembers.Self self = each.members().self();
            return self.sizeBytes() - self.usedBytes() > WASTE_MAX
                && self.usedBytes() < self.sizeBytes() / 2;
          });
    }
  }
}
