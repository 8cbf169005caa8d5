package dev.otherix.apiserver.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.apiserver.http.Headers;
import dev.otherix.apiserver.server.InProcessClient.Reply;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.node.ObjectNode;

/// What Kubernetes' conformance tests `watch`, `crd_watch`, `watchlist` and `request_timeout` ask
/// of a server.
final class ConformanceWatchTest {
  private static final String MAPS = Scene.CONFIG_MAPS;
  private static final String INITIAL =
      "?watch=true&sendInitialEvents=true&allowWatchBookmarks=true"
          + "&resourceVersionMatch=NotOlderThan";

  private final Scene scene = new Scene();

  @AfterEach
  void stop() {
    scene.close();
  }

  private TestWatch watch(String query) {
    return scene.client.watch(MAPS + query, Headers.NONE);
  }

  private Reply create(String name, String label) {
    return scene.create(
        MAPS, "{'metadata':{'name':'" + name + "','labels':{'w':'" + label + "'}}}");
  }

  private void mutate(String name, int value) {
    scene.merge(MAPS + "/" + name, "{'data':{'mutation':'" + value + "'}}");
  }

  private void label(String name, String label) {
    scene.merge(MAPS + "/" + name, "{'metadata':{'labels':{'w':'" + label + "'}}}");
  }

  private void delete(String name) {
    assertEquals(200, scene.client.delete(MAPS + "/" + name, "").status());
  }

  private static String at(ObjectNode event, String pointer) {
    return event.at(pointer).asString("");
  }

  private static ObjectNode next(TestWatch watch) {
    ObjectNode event = watch.next();
    assertNotNull(event, "the watch ended");
    return event;
  }

  @Test
  void watch_observesAddUpdateAndDelete_onConfigMaps() {
    try (TestWatch a = watch("?watch=true&labelSelector=w%3Da");
        TestWatch b = watch("?watch=true&labelSelector=w%3Db");
        TestWatch both = watch("?watch=true&labelSelector=w+in+(a,b)")) {
      create("one", "a");
      mutate("one", 1);
      mutate("one", 2);
      delete("one");
      create("two", "b");
      delete("two");
      List<String> ofA = List.of("ADDED one", "MODIFIED one", "MODIFIED one", "DELETED one");
      List<String> ofB = List.of("ADDED two", "DELETED two");
      ofA.forEach(each -> assertEquals(each, a.brief()));
      ofB.forEach(each -> assertEquals(each, b.brief()));
      ofA.forEach(each -> assertEquals(each, both.brief()));
      ofB.forEach(each -> assertEquals(each, both.brief()));
    }
  }

  @Test
  void watch_canBeRestarted_fromTheLastObservedResourceVersion() {
    String last;
    try (TestWatch first = watch("?watch=true&labelSelector=w")) {
      create("one", "a");
      mutate("one", 1);
      assertEquals("ADDED one", first.brief());
      last = at(next(first), "/object/metadata/resourceVersion");
    }
    mutate("one", 2);
    delete("one");
    try (TestWatch second = watch("?watch=true&labelSelector=w&resourceVersion=" + last)) {
      ObjectNode event = next(second);
      assertEquals("MODIFIED", at(event, "/type"));
      assertEquals("2", at(event, "/object/data/mutation"));
      assertEquals("DELETED one", second.brief());
    }
  }

  @Test
  void watch_canStart_fromASpecificResourceVersion() {
    create("one", "a");
    mutate("one", 1);
    String from = scene.revision(MAPS + "/one");
    mutate("one", 2);
    delete("one");
    try (TestWatch watch = watch("?watch=true&resourceVersion=" + from)) {
      ObjectNode event = next(watch);
      assertEquals("MODIFIED", at(event, "/type"));
      assertEquals("2", at(event, "/object/data/mutation"));
      assertEquals("DELETED one", watch.brief());
    }
  }

  @Test
  void watch_observesADeletion_whenTheSelectorStopsMatching() {
    try (TestWatch watch = watch("?watch=true&labelSelector=w%3Da")) {
      create("one", "a");
      mutate("one", 1);
      label("one", "other");
      assertEquals("ADDED one", watch.brief());
      assertEquals("MODIFIED one", watch.brief());
      assertEquals("DELETED one", watch.brief());
      mutate("one", 2);
      label("one", "a");
      ObjectNode again = next(watch);
      assertEquals("ADDED", at(again, "/type"));
      assertEquals("2", at(again, "/object/data/mutation"));
      mutate("one", 3);
      delete("one");
      assertEquals("MODIFIED one", watch.brief());
      ObjectNode deleted = next(watch);
      assertEquals("DELETED", at(deleted, "/type"));
      assertEquals("3", at(deleted, "/object/data/mutation"));
    }
  }

  @Test
  void watch_concurrentWatches_seeAllEventsInTheSameOrder() throws InterruptedException {
    int events = 60;
    String from = scene.client.get(MAPS).at("/metadata/resourceVersion");
    Thread writer = Thread.ofPlatform().start(() -> write(events, 26));
    List<String> expected = new ArrayList<>();
    List<String> starts = new ArrayList<>();
    try (TestWatch first = watch("?watch=true&resourceVersion=" + from)) {
      starts.add(from);
      for (int i = 0; i < events; i++) {
        ObjectNode event = next(first);
        expected.add(at(event, "/type") + " " + at(event, "/object/metadata/resourceVersion"));
        starts.add(at(event, "/object/metadata/resourceVersion"));
      }
    }
    writer.join();
    for (int i = 0; i < events; i++) {
      try (TestWatch watch = watch("?watch=true&resourceVersion=" + starts.get(i))) {
        for (String each : expected.subList(i, events)) {
          ObjectNode event = next(watch);
          assertEquals(
              each, at(event, "/type") + " " + at(event, "/object/metadata/resourceVersion"));
        }
      }
    }
  }

  private void write(int operations, long seed) {
    Random random = new Random(seed);
    List<String> existing = new ArrayList<>();
    for (int i = 0; i < operations; i++) {
      int choice = existing.isEmpty() ? 0 : random.nextInt(3);
      String name = existing.isEmpty() ? "" : existing.get(random.nextInt(existing.size()));
      switch (choice) {
        case 0 -> existing.add(create("m" + i, "a").at("/metadata/name"));
        case 1 -> mutate(name, i);
        default -> {
          delete(name);
          existing.remove(name);
        }
      }
    }
  }

  @Test
  void customResourceWatch_observesAddAndDelete_ofEachObject() {
    scene.define(Scene.definition("noxus", "Noxu", "{'type':'object'}"), Scene.path("noxus"));
    String path = Scene.path("noxus");
    try (TestWatch watch = scene.client.watch(path + "?watch=true", Headers.NONE)) {
      scene.create(path, "{'metadata':{'name':'a'}}");
      assertEquals("ADDED a", watch.brief());
      scene.create(path, "{'metadata':{'name':'b'}}");
      assertEquals("ADDED b", watch.brief());
      assertEquals(200, scene.client.delete(path + "/a", "").status());
      assertEquals("DELETED a", watch.brief());
      assertEquals(200, scene.client.delete(path + "/b", "").status());
      assertEquals("DELETED b", watch.brief());
    }
  }

  @Test
  void definitionWatch_observesHowItBecomesServed() {
    try (TestWatch watch = scene.client.watch(Scene.DEFINITIONS + "?watch=true", Headers.NONE)) {
      scene.create(Scene.DEFINITIONS, Scene.definition("noxus", "Noxu", "{'type':'object'}"));
      assertEquals("ADDED noxus.conform.io", watch.brief());
      ObjectNode accepted = next(watch);
      assertEquals("MODIFIED", at(accepted, "/type"));
      assertTrue(accepted.at("/object/status").toString().contains("Established"));
    }
  }

  @Test
  void watchList_initialEvents_areTheListAndThenABookmark() {
    create("one", "a");
    create("two", "a");
    scene.create("/api/v1/namespaces", "{'metadata':{'name':'elsewhere'}}");
    String now = scene.client.get("/api/v1/namespaces").at("/metadata/resourceVersion");
    try (TestWatch watch = watch(INITIAL)) {
      assertEquals("ADDED one", watch.brief());
      assertEquals("ADDED two", watch.brief());
      ObjectNode bookmark = next(watch);
      assertEquals("BOOKMARK", at(bookmark, "/type"));
      assertEquals("ConfigMap", at(bookmark, "/object/kind"));
      assertTrue(
          Long.parseLong(at(bookmark, "/object/metadata/resourceVersion")) >= Long.parseLong(now),
          "the revision of the whole store, not of the last object");
      assertTrue(bookmark.toString().contains("k8s.io/initial-events-end"));
      mutate("one", 1);
      assertEquals("MODIFIED one", watch.brief());
    }
  }

  @Test
  void watchList_ofMetadata_hasMetadataOnly() {
    create("one", "a");
    mutate("one", 1);
    Headers partial =
        Headers.of("accept", "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1");
    try (TestWatch watch = scene.client.watch(MAPS + INITIAL, partial)) {
      ObjectNode event = next(watch);
      assertEquals("PartialObjectMetadata", at(event, "/object/kind"));
      assertTrue(event.at("/object/data").isMissingNode(), event::toString);
      ObjectNode bookmark = next(watch);
      assertEquals("PartialObjectMetadata", at(bookmark, "/object/kind"));
      assertTrue(bookmark.toString().contains("k8s.io/initial-events-end"));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "watch=true&sendInitialEvents=true",
    "watch=true&sendInitialEvents=true&resourceVersionMatch=Exact",
    "watch=true&resourceVersionMatch=NotOlderThan",
    "sendInitialEvents=true&resourceVersionMatch=NotOlderThan&resourceVersion=0",
  })
  void watchList_optionsThatDoNotFit_are422(String query) {
    Reply reply = scene.client.get(MAPS + "?" + query);
    assertEquals(422, reply.status(), reply::text);
    assertEquals("Invalid", reply.at("/reason"));
  }

  @Test
  void watch_fromACompactedRevision_isAnErrorEventWith410() {
    create("one", "a");
    String old = scene.revision(MAPS + "/one");
    mutate("one", 1);
    mutate("one", 2);
    long now = scene.server.store().revision();
    scene.server.store().compact(now);
    scene.server.server().resources().all().forEach(each -> each.cache().forgetBefore(now));
    try (TestWatch watch = watch("?watch=true&resourceVersion=" + old)) {
      ObjectNode event = next(watch);
      assertEquals("ERROR", at(event, "/type"), event::toString);
      assertEquals(410, event.at("/object/code").asInt(0));
      assertEquals("Expired", at(event, "/object/reason"));
      assertEquals("END", watch.brief());
    }
  }

  @Test
  void requestTimeout_invalid_is400() {
    for (String timeout : new String[] {"invalid", "10", "1y", "-"}) {
      Reply reply = scene.client.get(MAPS + "?timeout=" + timeout);
      assertEquals(400, reply.status(), () -> timeout + " " + reply.text());
    }
  }

  @Test
  void requestTimeout_zeroOrBeyondTheMaximum_isTheDefault() {
    assertEquals(200, scene.client.get(MAPS + "?timeout=0s").status());
    assertEquals(200, scene.client.get(MAPS + "?timeout=9000h").status());
  }

  @Test
  void requestTimeout_over_is504() {
    Reply reply = scene.client.get(MAPS + "?timeout=10ms&resourceVersion=999999999");
    assertEquals(504, reply.status(), reply::text);
    assertEquals("Timeout", reply.at("/reason"));
  }

  @Test
  void timeoutSeconds_over_endsTheWatchCleanly() {
    try (TestWatch watch = watch("?watch=true&timeoutSeconds=1")) {
      assertEquals("END", watch.brief());
    }
  }
}
