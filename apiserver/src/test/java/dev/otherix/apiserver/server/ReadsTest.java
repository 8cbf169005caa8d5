package dev.otherix.apiserver.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.apiserver.http.Headers;
import dev.otherix.apiserver.server.InProcessClient.Reply;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

@Tag("slow")
final class ReadsTest {
  private static final String WIDGETS = "/apis/example.io/v1/namespaces/default/widgets";
  private static final Headers TABLE =
      Headers.of(
          "accept",
          "application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json");

  private TestServer server;
  private InProcessClient client;

  @BeforeEach
  void start() {
    server = TestServer.start();
    client = server.admin();
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private String create(String name, String colour) {
    Reply reply =
        client.post(
            WIDGETS,
            "{\"metadata\":{\"name\":\""
                + name
                + "\",\"labels\":{\"c\":\""
                + colour
                + "\"}},\"spec\":{\"colour\":\""
                + colour
                + "\",\"size\":1}}");
    assertEquals(201, reply.status(), reply::text);
    return reply.at("/metadata/resourceVersion");
  }

  private void paint(String name, String colour) {
    Reply reply =
        client.patch(
            WIDGETS + "/" + name,
            "application/merge-patch+json",
            "{\"metadata\":{\"labels\":{\"c\":\""
                + colour
                + "\"}},\"spec\":{\"colour\":\""
                + colour
                + "\"}}");
    assertEquals(200, reply.status(), reply::text);
  }

  private static String names(JsonNode list) {
    StringBuilder out = new StringBuilder();
    list.path("items").forEach(each -> out.append(each.at("/metadata/name").asString()));
    return out.toString();
  }

  @Test
  void list_pages_areOneState() {
    for (String name : new String[] {"a", "b", "c", "d", "e"}) {
      create(name, "red");
    }
    Reply first = client.get(WIDGETS + "?limit=2");
    assertEquals("ab", names(first.json()));
    assertEquals(3, first.json().at("/metadata/remainingItemCount").asInt());
    client.delete(WIDGETS + "/c", "");
    create("cc", "red");
    Reply second = client.get(WIDGETS + "?limit=2&continue=" + first.at("/metadata/continue"));
    assertEquals("cd", names(second.json()));
    assertEquals(first.at("/metadata/resourceVersion"), second.at("/metadata/resourceVersion"));
    Reply third = client.get(WIDGETS + "?limit=2&continue=" + second.at("/metadata/continue"));
    assertEquals("e", names(third.json()));
    assertEquals("", third.at("/metadata/continue"));
    assertEquals("abccde", names(client.get(WIDGETS).json()));
  }

  @Test
  void list_selectors_filter() {
    create("a", "red");
    create("b", "blue");
    assertEquals("b", names(client.get(WIDGETS + "?labelSelector=c%3Dblue").json()));
    assertEquals("a", names(client.get(WIDGETS + "?fieldSelector=spec.colour!%3Dblue").json()));
    assertEquals("b", names(client.get(WIDGETS + "?fieldSelector=metadata.name%3Db").json()));
    Reply wrong = client.get(WIDGETS + "?fieldSelector=spec.size%3D1");
    assertEquals(400, wrong.status());
    assertEquals("field label not supported: spec.size", wrong.at("/message"));
  }

  @Test
  void list_optionsWithoutSense_are422() {
    for (String query :
        new String[] {
          "resourceVersionMatch=Exact",
          "resourceVersion=0&resourceVersionMatch=Exact",
          "resourceVersion=1&resourceVersionMatch=Sometimes",
          "sendInitialEvents=true"
        }) {
      Reply reply = client.get(WIDGETS + "?" + query);
      assertEquals(422, reply.status(), () -> query + " " + reply.text());
      assertEquals("ListOptions", reply.at("/details/kind"));
    }
    assertEquals(400, client.get(WIDGETS + "?resourceVersion=abc").status());
    assertEquals(400, client.get(WIDGETS + "?continue=xyz").status());
    Reply future = client.get(WIDGETS + "?resourceVersion=999999999");
    assertEquals(504, future.status());
    assertEquals("ResourceVersionTooLarge", future.at("/details/causes/0/reason"));
    assertEquals("1", future.headers().first("retry-after"));
  }

  @Test
  void list_exactRevision_showsThePast() {
    String first = create("a", "red");
    create("b", "red");
    Reply past = client.get(WIDGETS + "?resourceVersionMatch=Exact&resourceVersion=" + first);
    assertEquals("a", names(past.json()), past::text);
    assertEquals(first, past.at("/metadata/resourceVersion"));
  }

  @Test
  void table_listAndObject_haveColumns() {
    create("a", "red");
    Reply list = client.send("GET", WIDGETS, "", TABLE);
    assertEquals("Table", list.at("/kind"), list::text);
    assertEquals("Name", list.at("/columnDefinitions/0/name"));
    assertEquals("Size", list.at("/columnDefinitions/1/name"));
    assertEquals("a", list.at("/rows/0/cells/0"));
    assertEquals("PartialObjectMetadata", list.at("/rows/0/object/kind"));
    Reply one = client.send("GET", WIDGETS + "/a", "", TABLE);
    assertEquals(1, one.json().at("/rows/0/cells/1").asInt(), one::text);
  }

  @Test
  void accept_nothingServed_is406() {
    create("a", "red");
    Reply reply = client.send("GET", WIDGETS, "", Headers.of("accept", "application/cbor"));
    assertEquals(406, reply.status());
    Reply yaml = client.send("GET", WIDGETS + "/a", "", Headers.of("accept", "application/yaml"));
    assertTrue(yaml.text().contains("colour: red"), yaml::text);
    Reply partial =
        client.send(
            "GET",
            WIDGETS,
            "",
            Headers.of(
                "accept", "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io"));
    assertEquals("PartialObjectMetadataList", partial.at("/kind"));
    assertTrue(partial.json().at("/items/0/spec").isMissingNode());
  }

  @Test
  void watch_fromARevision_showsWhatCameAfter() {
    String from = create("a", "red");
    create("b", "red");
    paint("a", "blue");
    client.delete(WIDGETS + "/b", "");
    try (TestWatch watch =
        client.watch(WIDGETS + "?watch=true&resourceVersion=" + from, Headers.NONE)) {
      assertEquals("ADDED b", watch.brief());
      assertEquals("MODIFIED a", watch.brief());
      assertEquals("DELETED b", watch.brief());
      create("c", "red");
      assertEquals("ADDED c", watch.brief());
      watch.drain();
      assertEquals("END", watch.brief());
    }
  }

  @Test
  void watch_withSelector_followsTheTransitions() {
    create("a", "red");
    try (TestWatch watch =
        client.watch(WIDGETS + "?watch=1&fieldSelector=spec.colour%3Dred", Headers.NONE)) {
      assertEquals("ADDED a", watch.brief());
      paint("a", "blue");
      ObjectNode deleted = watch.next();
      assertNotNull(deleted);
      assertEquals("DELETED", deleted.path("type").asString());
      assertEquals("red", deleted.at("/object/spec/colour").asString(), "the former content");
      String now = client.get(WIDGETS + "/a").at("/metadata/resourceVersion");
      assertEquals(now, deleted.at("/object/metadata/resourceVersion").asString());
      paint("a", "red");
      assertEquals("ADDED a", watch.brief());
    }
  }

  @Test
  void watch_initialEvents_endWithABookmark() {
    create("a", "red");
    create("b", "red");
    String query =
        "?watch=true&sendInitialEvents=true&allowWatchBookmarks=true"
            + "&resourceVersionMatch=NotOlderThan";
    try (TestWatch watch = client.watch(WIDGETS + query, Headers.NONE)) {
      assertEquals("ADDED a", watch.brief());
      assertEquals("ADDED b", watch.brief());
      ObjectNode bookmark = watch.next();
      assertNotNull(bookmark);
      assertEquals("BOOKMARK", bookmark.path("type").asString());
      assertEquals(
          "true",
          bookmark
              .path("object")
              .path("metadata")
              .path("annotations")
              .path("k8s.io/initial-events-end")
              .asString());
    }
  }

  @Test
  void watch_ofOneObject_seesNoOther() {
    create("a", "red");
    create("b", "red");
    try (TestWatch watch = client.watch(WIDGETS + "/b?watch=true", Headers.NONE)) {
      assertEquals("ADDED b", watch.brief());
      paint("a", "blue");
      paint("b", "blue");
      assertEquals("MODIFIED b", watch.brief());
    }
  }

  @Test
  void watch_asTable_namesTheColumnsOnce() {
    create("a", "red");
    create("b", "red");
    try (TestWatch watch = client.watch(WIDGETS + "?watch=true", TABLE)) {
      ObjectNode first = watch.next();
      ObjectNode second = watch.next();
      assertNotNull(first);
      assertNotNull(second);
      assertEquals(2, first.at("/object/columnDefinitions").size());
      assertEquals(0, second.at("/object/columnDefinitions").size());
      assertEquals("b", second.at("/object/rows/0/cells/0").asString());
    }
  }

  @Test
  void get_unknownKindOrPath_is404() {
    assertEquals(404, client.get("/apis/example.io/v1/namespaces/default/gadgets").status());
    assertEquals(404, client.get("/apis/example.io/v2/namespaces/default/widgets").status());
    assertEquals(404, client.get("/nothing").status());
    Reply reply = client.get(WIDGETS + "/missing");
    assertEquals("widgets.example.io \"missing\" not found", reply.at("/message"));
    assertFalse(reply.headers().all("audit-id").isEmpty());
    assertEquals(405, client.send("PUT", WIDGETS, "{}", Headers.NONE).status());
  }
}
