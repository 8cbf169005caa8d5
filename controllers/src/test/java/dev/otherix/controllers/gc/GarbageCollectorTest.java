package dev.otherix.controllers.gc;

import static dev.otherix.controllers.TestCluster.PATIENCE;
import static dev.otherix.controllers.TestCluster.configMap;
import static dev.otherix.controllers.TestCluster.key;
import static dev.otherix.controllers.TestCluster.reference;
import static dev.otherix.controllers.TestCluster.uid;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.apimachinery.client.DeleteOptions;
import dev.otherix.apimachinery.client.DeleteOptions.Propagation;
import dev.otherix.apimachinery.client.ListOptions;
import dev.otherix.apimachinery.client.ResourceClient;
import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.object.GroupVersionResource;
import dev.otherix.apimachinery.object.ObjectKey;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.controllers.TestCluster;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;

/// The garbage collector's conformance cases, with ConfigMaps for owners and dependents.
@Tag("slow")
final class GarbageCollectorTest {
  private final TestCluster cluster;
  private final ResourceClient maps;
  private int settled;

  GarbageCollectorTest() throws Exception {
    cluster = new TestCluster();
    maps = cluster.configMaps();
  }

  @BeforeEach
  void start() {
    GarbageCollector.startOn(cluster.host());
    cluster.host().start();
  }

  @AfterEach
  void stop() {
    cluster.close();
  }

  private void delete(ObjectNode object, Propagation how) throws InterruptedException {
    maps.delete(ResourceClient.keyOf(object), DeleteOptions.DEFAULT.with(how));
  }

  private void awaitGone(String... names) {
    for (String name : names) {
      await(name + " goes").atMost(PATIENCE).until(() -> !cluster.exists(key(name)));
    }
  }

  /// Something that the collector deletes later than everything that was there before: so what is
  /// there then stays.
  private void awaitSettled() throws InterruptedException {
    String name = "settled" + settled++;
    ObjectNode owner = maps.create(configMap(name + "-owner"));
    maps.create(configMap(name, owner));
    delete(owner, Propagation.BACKGROUND);
    awaitGone(name);
  }

  @Test
  void background_dependentsGoAfterTheOwner() throws InterruptedException {
    ObjectNode owner = maps.create(configMap("owner"));
    for (int i = 0; i < 10; i++) {
      ObjectNode child = maps.create(configMap("child" + i, owner));
      maps.create(configMap("grandchild" + i, child));
    }
    maps.create(configMap("stranger"));
    delete(owner, Propagation.BACKGROUND);
    for (int i = 0; i < 10; i++) {
      awaitGone("child" + i, "grandchild" + i);
    }
    assertTrue(cluster.exists(key("stranger")));
  }

  @Test
  void foreground_ownerStaysUntilDependentsAreGone() throws InterruptedException {
    ObjectNode owner = maps.create(configMap("owner"));
    ObjectNode held = configMap("held", owner);
    held.withObjectProperty("metadata").putArray("finalizers").add("example.io/hold");
    maps.create(held);
    maps.create(configMap("free", owner));
    delete(owner, Propagation.FOREGROUND);
    awaitGone("free");
    await()
        .atMost(PATIENCE)
        .until(() -> maps.get(key("held")).at("/metadata").has("deletionTimestamp"));
    awaitSettled();
    assertTrue(cluster.exists(key("owner")));
    maps.mergePatch(key("held"), "", Json.parseObject("{\"metadata\":{\"finalizers\":null}}"));
    awaitGone("held", "owner");
  }

  @Test
  void foreground_dependentThatDoesNotBlock_isNotWaitedFor() throws InterruptedException {
    ObjectNode owner = maps.create(configMap("owner"));
    ObjectNode held = configMap("held");
    held.withObjectProperty("metadata").putArray("finalizers").add("example.io/hold");
    held.withObjectProperty("metadata").putArray("ownerReferences").add(reference(owner, false));
    maps.create(held);
    delete(owner, Propagation.FOREGROUND);
    awaitGone("owner");
    maps.mergePatch(key("held"), "", Json.parseObject("{\"metadata\":{\"finalizers\":null}}"));
    awaitGone("held");
  }

  @Test
  void orphan_dependentsStayWithoutTheOwner() throws InterruptedException {
    ObjectNode owner = maps.create(configMap("owner"));
    for (int i = 0; i < 10; i++) {
      maps.create(configMap("child" + i, owner));
    }
    awaitSettled();
    delete(owner, Propagation.ORPHAN);
    awaitGone("owner");
    awaitSettled();
    for (int i = 0; i < 10; i++) {
      ObjectNode child = maps.get(key("child" + i));
      assertTrue(child.at("/metadata/ownerReferences").isEmpty(), child.toString());
    }
  }

  @Test
  void twoOwners_oneGone_dependentStaysWithTheOther() throws InterruptedException {
    ObjectNode going = maps.create(configMap("going"));
    ObjectNode staying = maps.create(configMap("staying"));
    maps.create(configMap("both", going, staying));
    maps.create(configMap("one", going));
    delete(going, Propagation.FOREGROUND);
    awaitGone("one", "going");
    ObjectNode both = maps.get(key("both"));
    assertEquals(1, both.at("/metadata/ownerReferences").size());
    assertEquals(uid(staying), both.at("/metadata/ownerReferences/0/uid").asString());
  }

  @Test
  void circle_deletedInForeground_goes() throws InterruptedException {
    circle();
    delete(maps.get(key("c1")), Propagation.FOREGROUND);
    awaitGone("c1", "c2", "c3");
  }

  @Test
  void circle_deletedInBackground_goes() throws InterruptedException {
    circle();
    delete(maps.get(key("c1")), Propagation.BACKGROUND);
    awaitGone("c1", "c2", "c3");
  }

  private void circle() throws InterruptedException {
    ObjectNode one = maps.create(configMap("c1"));
    ObjectNode two = maps.create(configMap("c2", one));
    ObjectNode three = maps.create(configMap("c3", two));
    ObjectNode patch = Json.parseObject("{\"metadata\": {}}");
    patch.withObjectProperty("metadata").putArray("ownerReferences").add(reference(three, true));
    maps.mergePatch(key("c1"), "", patch);
  }

  @Test
  void owner_thatNeverWas_isGarbage() throws InterruptedException {
    ObjectNode nobody = configMap("nobody");
    nobody.withObjectProperty("metadata").put("uid", "00000000-0000-0000-0000-000000000001");
    maps.create(configMap("dangling", nobody));
    awaitGone("dangling");
  }

  @Test
  void owner_recreatedWithAnotherUid_isAnother() throws InterruptedException {
    ObjectNode owner = maps.create(configMap("owner"));
    delete(owner, Propagation.ORPHAN);
    awaitGone("owner");
    maps.create(configMap("owner"));
    maps.create(configMap("child", owner));
    awaitGone("child");
    assertTrue(cluster.exists(key("owner")));
  }

  @Test
  void owner_inAnotherNamespace_isAbsentAndTold() throws InterruptedException {
    ObjectNode other = configMap("owner");
    other.withObjectProperty("metadata").put("namespace", "kube-public");
    ObjectNode owner = maps.create(other);
    awaitSettled();
    maps.create(configMap("child", owner));
    awaitGone("child");
    ResourceClient events = cluster.client().resource(new GroupVersionResource("", "v1", "events"));
    List<String> reasons = new ArrayList<>();
    events.forEach(ListOptions.ALL, each -> reasons.add(each.path("reason").asString()));
    assertEquals(List.of("OwnerRefInvalidNamespace"), reasons);
  }

  @Test
  void owner_ofAnUnknownKind_keepsTheDependent() throws InterruptedException {
    ObjectNode strange = configMap("owner");
    strange.put("apiVersion", "no.such/v1").put("kind", "Thing");
    strange.withObjectProperty("metadata").put("uid", "1");
    maps.create(configMap("child", strange));
    awaitSettled();
    assertTrue(cluster.exists(key("child")));
  }

  @Test
  void customKinds_areFollowedWhenTheyCome() throws InterruptedException {
    cluster
        .client()
        .resource(
            new GroupVersionResource("apiextensions.k8s.io", "v1", "customresourcedefinitions"))
        .create(
            Json.parseObject(
                """
                {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
                 "metadata": {"name": "widgets.example.io"},
                 "spec": {"group": "example.io", "scope": "Cluster",
                   "names": {"plural": "widgets", "singular": "widget", "kind": "Widget",
                     "listKind": "WidgetList"},
                   "versions": [{"name": "v1", "served": true, "storage": true,
                     "schema": {"openAPIV3Schema": {"type": "object"}}}]}}
                """));
    ResourceClient widgets =
        cluster.client().resource(new GroupVersionResource("example.io", "v1", "widgets"));
    String widget =
        "{\"apiVersion\":\"example.io/v1\",\"kind\":\"Widget\",\"metadata\":{\"name\":\"%s\"}}";
    await()
        .atMost(PATIENCE)
        .ignoreException(ApiException.class)
        .until(() -> !widgets.create(Json.parseObject(widget.formatted("owner"))).isEmpty());
    ObjectNode owner = widgets.get(ObjectKey.clusterScoped("owner"));
    maps.create(configMap("child", owner));
    ObjectNode part = Json.parseObject(widget.formatted("part"));
    part.withObjectProperty("metadata").putArray("ownerReferences").add(reference(owner, true));
    widgets.create(part);
    widgets.delete(
        ObjectKey.clusterScoped("owner"), DeleteOptions.DEFAULT.with(Propagation.FOREGROUND));
    awaitGone("child");
    await().atMost(PATIENCE).until(() -> widgets.list(ListOptions.ALL).items().isEmpty());
  }
}
