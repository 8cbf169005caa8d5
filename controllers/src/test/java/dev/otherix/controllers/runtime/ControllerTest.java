package dev.otherix.controllers.runtime;

import static dev.otherix.controllers.TestCluster.CONFIG_MAPS;
import static dev.otherix.controllers.TestCluster.PATIENCE;
import static dev.otherix.controllers.TestCluster.configMap;
import static dev.otherix.controllers.TestCluster.key;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.apimachinery.client.DeleteOptions;
import dev.otherix.apimachinery.client.ListOptions;
import dev.otherix.apimachinery.client.ResourceClient;
import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.informer.Informer;
import dev.otherix.apimachinery.object.GroupVersionResource;
import dev.otherix.apimachinery.object.ObjectKey;
import dev.otherix.controllers.TestCluster;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;

final class ControllerTest {
  private static final String HOLD = "example.io/hold";

  private final TestCluster cluster;
  private final ControllerHost host;
  private final Informer informer;
  private final ResourceClient maps;

  ControllerTest() throws Exception {
    cluster = new TestCluster();
    host = cluster.host();
    informer = host.informer(CONFIG_MAPS);
    maps = host.client().resource(CONFIG_MAPS);
  }

  @AfterEach
  void stop() {
    cluster.close();
  }

  private void start(Reconciler<ObjectKey> reconciler) {
    Controller<ObjectKey> controller = host.controller("test", reconciler, 3);
    Controller.watching(controller, informer, (_, _) -> true)
        .maps(informer, Controller.owners("v1", "ConfigMap"));
    host.start();
  }

  private ControllerStats stats() {
    return host.stats().getFirst();
  }

  @Test
  void resync_bringsUnchangedKeysAgain() throws InterruptedException {
    AtomicInteger looks = new AtomicInteger();
    maps.create(configMap("still"));
    Controller<ObjectKey> controller =
        host.<ObjectKey>controller(
                "test",
                key -> {
                  looks.addAndGet(key.equals(key("still")) ? 1 : 0);
                  return Result.DONE;
                },
                1)
            .resyncs(Duration.ofMillis(20));
    Controller.watching(controller, informer, (_, _) -> true);
    host.start();
    await().atMost(PATIENCE).until(() -> looks.get() > 3);
  }

  @Test
  void poisonedKey_stopsNobody() throws InterruptedException {
    Set<String> done = ConcurrentHashMap.newKeySet();
    start(key -> {
      if (key.name().startsWith("poison")) {
        throw new AssertionError("on purpose");
      }
      done.add(key.name());
      return Result.DONE;
    });
    for (int i = 0; i < 10; i++) {
      maps.create(configMap("poison" + i));
      maps.create(configMap("good" + i));
    }
    await().atMost(PATIENCE).until(() -> done.size() == 10 && stats().failures() > 20);
    assertTrue(host.isHealthy());
  }

  /// Creates one child with a name of the server's choice when the informer shows none: with a
  /// stale copy there would be many.
  @Test
  void ownWrites_areSeenBeforeTheNextLook() throws InterruptedException {
    start(key -> {
      if (!key.name().startsWith("parent")) {
        return Result.DONE;
      }
      ObjectNode parent = informer.get(key).orElseThrow();
      String uid = TestCluster.uid(parent);
      boolean none =
          informer.all().stream()
              .noneMatch(
                  each -> each.at("/metadata/ownerReferences/0/uid").asString("").equals(uid));
      if (none) {
        ObjectNode child = configMap("", parent);
        child.withObjectProperty("metadata").remove("name");
        child.withObjectProperty("metadata").put("generateName", "child-");
        maps.create(child);
      }
      return none ? Result.AGAIN : Result.DONE;
    });
    for (int i = 0; i < 30; i++) {
      ObjectNode parent = maps.create(configMap("parent" + i));
      maps.mergePatch(
          ResourceClient.keyOf(parent), "", Json.parseObject("{\"data\":{\"touched\":\"1\"}}"));
    }
    await().atMost(PATIENCE).until(() -> informer.all().size() >= 60);
    await().atMost(PATIENCE).until(() -> stats().reconciles() > 120 || stats().queued() == 0);
    long children =
        maps.list(ListOptions.ALL.inNamespace("default")).items().stream()
            .filter(each -> each.at("/metadata/name").asString().startsWith("child-"))
            .count();
    assertEquals(30, children);
    assertEquals(0, stats().staleLooks());
  }

  @Test
  void finalizer_holdsUntilCleanedUp() throws InterruptedException {
    List<String> cleaned = new CopyOnWriteArrayList<>();
    start(key -> {
      ObjectNode object = maps.find(key).orElse(null);
      if (object == null) {
        return Result.DONE;
      }
      if (Finalizers.deleting(object)) {
        if (Finalizers.has(object, HOLD)) {
          cleaned.add(key.name());
          Finalizers.remove(maps, object, HOLD);
        }
        return Result.DONE;
      }
      Finalizers.add(maps, object, HOLD);
      return Result.DONE;
    });
    maps.create(configMap("a"));
    await().atMost(PATIENCE).until(() -> Finalizers.has(maps.get(key("a")), HOLD));
    maps.delete(key("a"), DeleteOptions.DEFAULT);
    await().atMost(PATIENCE).until(() -> maps.find(key("a")).isEmpty());
    assertEquals(List.of("a"), cleaned);
  }

  @Test
  void child_bringsItsOwner() throws InterruptedException {
    List<String> seen = new CopyOnWriteArrayList<>();
    start(key -> {
      seen.add(key.name());
      return Result.DONE;
    });
    ObjectNode owner = maps.create(configMap("owner"));
    await().atMost(PATIENCE).until(() -> seen.equals(List.of("owner")));
    maps.create(configMap("child", owner));
    await()
        .atMost(PATIENCE)
        .until(() -> seen.size() == 3 && seen.lastIndexOf("owner") > 0 && seen.contains("child"));
  }

  @Test
  void events_toldAgain_areCounted() throws InterruptedException {
    ObjectNode about = maps.create(configMap("a"));
    EventRecorder recorder = new EventRecorder(host.client(), "test", host.clock());
    for (int i = 0; i < 3; i++) {
      recorder.warning(about, "Failed", "it does not work");
    }
    recorder.normal(about, "Mended", "it works");
    ResourceClient events = host.client().resource(new GroupVersionResource("", "v1", "events"));
    List<String> told = new CopyOnWriteArrayList<>();
    events.forEach(
        ListOptions.ALL,
        each -> told.add(each.path("reason").asString() + each.path("count").asLong(0)));
    assertEquals(Set.of("Failed3", "Mended1"), Set.copyOf(told));
  }
}
