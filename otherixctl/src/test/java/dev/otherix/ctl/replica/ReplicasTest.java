package dev.otherix.ctl.replica;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.apimachinery.client.ApiClient;
import dev.otherix.apimachinery.client.ClientOptions;
import dev.otherix.apimachinery.client.Cluster;
import dev.otherix.apimachinery.client.ConnectionException;
import dev.otherix.apimachinery.client.DeleteOptions;
import dev.otherix.apimachinery.client.ListOptions;
import dev.otherix.apimachinery.client.ResourceClient;
import dev.otherix.apimachinery.client.ServerDirectory;
import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.informer.Informer;
import dev.otherix.apimachinery.informer.InformerOptions;
import dev.otherix.apimachinery.object.GroupVersionResource;
import dev.otherix.apimachinery.object.ObjectKey;
import dev.otherix.apimachinery.status.ApiException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.ObjectNode;

/// Two servers as processes on one etcd.
@Tag("slow")
final class ReplicasTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final GroupVersionResource MAPS = new GroupVersionResource("", "v1", "configmaps");
  private static final GroupVersionResource NAMESPACES =
      new GroupVersionResource("", "v1", "namespaces");

  @TempDir private static Path folder;
  private static TestEtcd etcd;
  private static ReplicaProcess one;
  private static ReplicaProcess two;

  @BeforeAll
  static void start() throws Exception {
    etcd = TestEtcd.start(folder.resolve("etcd"));
    one = replica("one").awaitReady();
    Path key = folder.resolve("two/pki/secrets.key");
    Files.createDirectories(key.getParent());
    Files.copy(folder.resolve("one/pki/secrets.key"), key);
    two = replica("two").awaitReady();
  }

  @AfterAll
  static void stop() throws Exception {
    one.close();
    two.close();
    etcd.close();
  }

  private static ReplicaProcess replica(String name) throws Exception {
    return ReplicaProcess.start(
        folder.resolve(name), "--store=etcd", "--etcd-endpoints=" + etcd.endpoint());
  }

  private static ApiClient both() throws Exception {
    Cluster cluster = Cluster.of("", one.kubeconfig()).withServer(one.url() + "," + two.url());
    return new ApiClient(cluster.connect(), ClientOptions.of("test"));
  }

  private static ObjectNode map(String namespace, String name) {
    return Json.parseObject(
        """
        {"apiVersion": "v1", "kind": "ConfigMap",
         "metadata": {"namespace": "%s", "name": "%s"}}
        """
            .formatted(namespace, name));
  }

  private static ObjectNode namespace(String name) {
    return Json.parseObject(
        """
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "%s"}}
        """
            .formatted(name));
  }

  @Test
  void oneWrites_otherSeesItAtOnce_andTellsItsWatchers() throws Exception {
    try (ApiClient first = one.client();
        ApiClient second = two.client();
        Informer informer = new Informer(second.resource(MAPS), InformerOptions.ALL)) {
      informer.start();
      await().atMost(PATIENCE).until(informer::isSynced);
      first.resource(NAMESPACES).create(namespace("space"));
      second.resource(MAPS).create(map("space", "a"));
      for (int i = 0; i < 20; i++) {
        ResourceClient writer = (i % 2 == 0 ? first : second).resource(MAPS);
        ResourceClient reader = (i % 2 == 0 ? second : first).resource(MAPS);
        writer.create(map("space", "m" + i));
        assertEquals(
            i + 2, reader.list(ListOptions.ALL.inNamespace("space")).items().size(), "after " + i);
      }
      await().atMost(PATIENCE).until(() -> informer.stats().objects() >= 21);
      assertEquals(1, (one.leads() ? 1 : 0) + (two.leads() ? 1 : 0), "one leads");
      Set<URI> told = new TreeSet<>(ServerDirectory.of(second));
      assertEquals(new TreeSet<>(Set.of(one.url(), two.url())), told);
      assertEquals(one.kubeconfig().authority(), two.kubeconfig().authority());
    }
  }

  /// The leader is killed while somebody writes.
  @Test
  void leaderDies_otherTakesOver_andNothingIsLost() throws Exception {
    ReplicaProcess leader = one.leads() ? one : two;
    ReplicaProcess other = leader == one ? two : one;
    try (ApiClient client = both();
        ApiClient survivor = other.client();
        Informer informer = new Informer(client.resource(MAPS), InformerOptions.ALL)) {
      informer.start();
      await().atMost(PATIENCE).until(informer::isSynced);
      client.resource(NAMESPACES).create(namespace("doomed"));
      Set<String> acknowledged = new ConcurrentSkipListSet<>();
      AtomicBoolean stop = new AtomicBoolean();
      Thread writer =
          Thread.ofPlatform()
              .start(() -> {
                for (int i = 0; !stop.get(); i++) {
                  write(client, "w" + i, acknowledged);
                }
              });
      await().atMost(PATIENCE).until(() -> acknowledged.size() > 50);
      leader.kill();
      int before = acknowledged.size();
      await().atMost(PATIENCE).until(() -> acknowledged.size() > before + 50);
      stop.set(true);
      writer.join();
      for (String each : acknowledged) {
        survivor.resource(MAPS).get(new ObjectKey("default", each));
        await()
            .atMost(PATIENCE)
            .until(() -> informer.get(new ObjectKey("default", each)).isPresent());
      }
      assertEquals(1, informer.loads(), "the watch went on where it was");
      survivor
          .resource(NAMESPACES)
          .delete(ObjectKey.clusterScoped("doomed"), DeleteOptions.DEFAULT);
      await()
          .atMost(PATIENCE)
          .until(() ->
              survivor.resource(NAMESPACES).find(ObjectKey.clusterScoped("doomed")).isEmpty());
      assertTrue(other.leads());
    }
    ReplicaProcess again = replica(leader == one ? "one" : "two").awaitReady();
    if (leader == one) {
      one = again;
    } else {
      two = again;
    }
  }

  private static void write(ApiClient client, String name, Set<String> acknowledged) {
    try {
      client.resource(MAPS).create(map("default", name));
      acknowledged.add(name);
    } catch (ApiException | ConnectionException e) {
      // Nobody was told that it is there.
      assertNotEquals("", e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /// A server that is silent loses its clients within seconds, although nobody hears of its end.
  @Test
  void serverHangs_watchGoesOnAtTheOther() throws Exception {
    try (ApiClient client = both();
        ApiClient second = two.client();
        Informer informer = new Informer(client.resource(MAPS), InformerOptions.ALL)) {
      informer.start();
      await().atMost(PATIENCE).until(informer::isSynced);
      one.signal("STOP");
      second.resource(MAPS).create(map("default", "late"));
      await()
          .atMost(PATIENCE)
          .until(() -> informer.get(new ObjectKey("default", "late")).isPresent());
      assertEquals(1, informer.loads());
    } finally {
      one.signal("CONT");
    }
  }

  @Test
  void etcdAway_isToldByReadyz_andItsReturn() throws Exception {
    etcd.kill();
    await().atMost(PATIENCE).until(() -> !one.isReady());
    assertTrue(one.lives());
    etcd.restart();
    await().atMost(PATIENCE).until(() -> one.isReady() && two.isReady());
    try (ApiClient client = two.client()) {
      client.resource(MAPS).create(map("default", "after"));
    }
  }

  @Test
  void replicaWithoutTheKey_isRefused_andMakesNone() throws Exception {
    try (ReplicaProcess third = replica("three")) {
      String end = third.awaitEnd();
      assertTrue(end.startsWith("1 ") && end.contains("copy the file from another server"), end);
      assertFalse(Files.exists(folder.resolve("three/pki/secrets.key")));
    }
    for (String wrong : List.of("--etcd-endpoints=", "--etcd-endpoints=ftp://x:1")) {
      try (ReplicaProcess none =
          ReplicaProcess.start(folder.resolve("none"), "--store=etcd", wrong)) {
        String end = none.awaitEnd();
        assertTrue(end.startsWith("1 ") && end.contains("etcd"), end);
      }
    }
  }
}
