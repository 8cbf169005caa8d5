package dev.otherix.apiserver.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.apiserver.http.Headers;
import dev.otherix.apiserver.server.InProcessClient.Reply;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class WritesTest {
  private static final String WIDGETS = "/apis/example.io/v1/namespaces/default/widgets";

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

  private static String widget(String name, String spec) {
    return "{\"apiVersion\":\"example.io/v1\",\"kind\":\"Widget\",\"metadata\":{\"name\":\""
        + name
        + "\"},\"spec\":"
        + spec
        + "}";
  }

  @Test
  void create_newObject_isCompletedAndReadBack() {
    Reply created = client.post(WIDGETS, widget("a", "{\"size\":3}"));
    assertEquals(201, created.status(), created::text);
    assertFalse(created.at("/metadata/uid").isEmpty());
    assertEquals("default", created.at("/metadata/namespace"));
    assertEquals("1", created.json().at("/metadata/generation").toString());
    assertEquals("red", created.at("/spec/colour"), "the default");
    assertEquals("Update", created.at("/metadata/managedFields/0/operation"));
    Reply read = client.get(WIDGETS + "/a");
    assertEquals(200, read.status());
    assertEquals(created.text(), read.text());
  }

  @Test
  void create_sameName_is409() {
    client.post(WIDGETS, widget("a", "{}"));
    Reply again = client.post(WIDGETS, widget("a", "{}"));
    assertEquals(409, again.status());
    assertEquals("AlreadyExists", again.at("/reason"));
    assertEquals("widgets.example.io \"a\" already exists", again.at("/message"));
  }

  @Test
  void create_withoutTypeMembers_takesThoseOfThePath() {
    Reply created = client.post(WIDGETS, "{\"metadata\":{\"name\":\"a\"},\"spec\":{}}");
    assertEquals(201, created.status(), created::text);
    assertEquals("Widget", created.at("/kind"));
  }

  @Test
  void create_withResourceVersion_is400() {
    Reply reply = client.post(WIDGETS, "{\"metadata\":{\"name\":\"a\",\"resourceVersion\":\"5\"}}");
    assertEquals(400, reply.status());
  }

  @Test
  void create_generateName_makesAName() {
    Reply created = client.post(WIDGETS, "{\"metadata\":{\"generateName\":\"w-\"},\"spec\":{}}");
    assertEquals(201, created.status(), created::text);
    assertTrue(created.at("/metadata/name").matches("w-[a-z0-9]{5}"));
  }

  @Test
  void create_noName_is422() {
    Reply reply = client.post(WIDGETS, "{\"metadata\":{},\"spec\":{}}");
    assertEquals(422, reply.status());
    assertTrue(reply.at("/message").contains("name or generateName is required"), reply::text);
  }

  @Test
  void create_invalidSpec_is422WithField() {
    Reply reply = client.post(WIDGETS, widget("a", "{\"size\":-1}"));
    assertEquals(422, reply.status(), reply::text);
    assertEquals("spec.size", reply.at("/details/causes/0/field"));
    assertEquals("Widget", reply.at("/details/kind"));
  }

  @Test
  void create_unknownField_strictWarnIgnore() {
    String body = widget("a", "{\"sise\":1}");
    Reply strict = client.post(WIDGETS + "?fieldValidation=Strict", body);
    assertEquals(400, strict.status());
    assertEquals(
        "Widget in version \"v1\" cannot be handled as a Widget:"
            + " strict decoding error: unknown field \"spec.sise\"",
        strict.at("/message"));
    Reply warned = client.post(WIDGETS + "?dryRun=All", body);
    assertEquals(201, warned.status());
    assertEquals("299 - \"unknown field \\\"spec.sise\\\"\"", warned.warnings().getFirst());
    Reply ignored = client.post(WIDGETS + "?fieldValidation=Ignore", body);
    assertEquals(201, ignored.status());
    assertTrue(ignored.warnings().isEmpty());
    assertTrue(ignored.json().at("/spec/sise").isMissingNode());
  }

  @Test
  void create_dryRun_storesNothing() {
    Reply reply = client.post(WIDGETS + "?dryRun=All", widget("a", "{}"));
    assertEquals(201, reply.status(), reply::text);
    assertEquals("", reply.at("/metadata/resourceVersion"));
    assertEquals(404, client.get(WIDGETS + "/a").status());
  }

  @Test
  void create_missingNamespace_is404() {
    Reply reply = client.post("/apis/example.io/v1/namespaces/nowhere/widgets", widget("a", "{}"));
    assertEquals(404, reply.status());
    assertEquals("namespaces \"nowhere\" not found", reply.at("/message"));
  }

  @Test
  void update_withStaleRevision_is409() {
    client.post(WIDGETS, widget("a", "{\"size\":1}"));
    String first = client.get(WIDGETS + "/a").text();
    assertEquals(
        200, client.put(WIDGETS + "/a", first.replace("\"size\":1", "\"size\":2")).status());
    Reply stale = client.put(WIDGETS + "/a", first.replace("\"size\":1", "\"size\":3"));
    assertEquals(409, stale.status());
    assertEquals("Conflict", stale.at("/reason"));
  }

  @Test
  void update_customKindWithoutRevision_is422() {
    client.post(WIDGETS, widget("a", "{}"));
    Reply reply = client.put(WIDGETS + "/a", widget("a", "{\"size\":2}"));
    assertEquals(422, reply.status(), reply::text);
    assertTrue(reply.at("/message").contains("must be specified for an update"));
  }

  @Test
  void update_nothingChanged_keepsTheRevision() {
    Reply created = client.post(WIDGETS, widget("a", "{\"size\":1}"));
    Reply same = client.put(WIDGETS + "/a", created.text());
    assertEquals(200, same.status());
    assertEquals(created.text(), same.text());
  }

  @Test
  void update_spec_bumpsGeneration_labelsDoNot() {
    client.post(WIDGETS, widget("a", "{\"size\":1}"));
    Reply spec =
        client.patch(WIDGETS + "/a", "application/merge-patch+json", "{\"spec\":{\"size\":2}}");
    assertEquals(200, spec.status(), spec::text);
    assertEquals("2", spec.json().at("/metadata/generation").toString());
    Reply label =
        client.patch(
            WIDGETS + "/a",
            "application/merge-patch+json",
            "{\"metadata\":{\"labels\":{\"x\":\"y\"}}}");
    assertEquals("2", label.json().at("/metadata/generation").toString());
    assertNotEquals(spec.at("/metadata/resourceVersion"), label.at("/metadata/resourceVersion"));
  }

  @Test
  void status_hasADoorOfItsOwn() {
    client.post(WIDGETS, widget("a", "{\"size\":1}"));
    Reply main =
        client.patch(
            WIDGETS + "/a",
            "application/merge-patch+json",
            "{\"status\":{\"ready\":true},\"spec\":{\"size\":5}}");
    assertTrue(main.json().at("/status/ready").isMissingNode(), main::text);
    Reply status =
        client.patch(
            WIDGETS + "/a/status",
            "application/merge-patch+json",
            "{\"status\":{\"ready\":true},\"spec\":{\"size\":9},\"metadata\":{\"labels\":{\"a\":\"b\"}}}");
    assertEquals(200, status.status(), status::text);
    assertTrue(status.json().at("/status/ready").asBoolean());
    assertEquals(5, status.json().at("/spec/size").asInt());
    assertTrue(status.json().at("/metadata/labels").isMissingNode());
    assertEquals("2", status.json().at("/metadata/generation").toString());
  }

  @Test
  void delete_plainObject_answersSuccess() {
    Reply created = client.post(WIDGETS, widget("a", "{}"));
    Reply deleted = client.delete(WIDGETS + "/a", "");
    assertEquals(200, deleted.status());
    assertEquals("Success", deleted.at("/status"));
    assertEquals("widgets", deleted.at("/details/kind"));
    assertEquals(created.at("/metadata/uid"), deleted.at("/details/uid"));
    assertEquals(404, client.get(WIDGETS + "/a").status());
    assertEquals(404, client.delete(WIDGETS + "/a", "").status());
  }

  @Test
  void delete_withFinalizer_waitsForIt() {
    client.post(
        WIDGETS,
        "{\"metadata\":{\"name\":\"a\",\"finalizers\":[\"example.io/hold\"]},\"spec\":{}}");
    Reply deleting = client.delete(WIDGETS + "/a", "");
    assertEquals(200, deleting.status());
    assertFalse(deleting.at("/metadata/deletionTimestamp").isEmpty());
    assertEquals("2", deleting.json().at("/metadata/generation").toString());
    Reply again = client.delete(WIDGETS + "/a", "");
    assertEquals(deleting.text(), again.text());
    Reply added =
        client.patch(
            WIDGETS + "/a",
            "application/merge-patch+json",
            "{\"metadata\":{\"finalizers\":[\"example.io/hold\",\"example.io/more\"]}}");
    assertEquals(422, added.status());
    Reply last =
        client.patch(
            WIDGETS + "/a", "application/merge-patch+json", "{\"metadata\":{\"finalizers\":null}}");
    assertEquals(200, last.status(), last::text);
    assertEquals(404, client.get(WIDGETS + "/a").status());
  }

  @Test
  void delete_preconditions_mustHold() {
    client.post(WIDGETS, widget("a", "{}"));
    Reply reply = client.delete(WIDGETS + "/a", "{\"preconditions\":{\"uid\":\"other\"}}");
    assertEquals(409, reply.status());
    assertEquals(200, client.get(WIDGETS + "/a").status());
  }

  @Test
  void delete_policies_becomeFinalizers() {
    client.post(WIDGETS, widget("a", "{}"));
    Reply reply = client.delete(WIDGETS + "/a", "{\"propagationPolicy\":\"Foreground\"}");
    assertEquals("foregroundDeletion", reply.at("/metadata/finalizers/0"));
    Reply orphan = client.delete(WIDGETS + "/a", "{\"propagationPolicy\":\"Orphan\"}");
    assertEquals("[\"orphan\"]", orphan.json().at("/metadata/finalizers").toString());
    assertEquals(422, client.delete(WIDGETS + "/a", "{\"propagationPolicy\":\"No\"}").status());
    assertEquals(
        200, client.delete(WIDGETS + "/a", "{\"propagationPolicy\":\"Background\"}").status());
    assertEquals(404, client.get(WIDGETS + "/a").status());
  }

  @Test
  void deleteCollection_withSelector_leavesTheRest() {
    for (String name : new String[] {"a", "b", "c"}) {
      client.post(
          WIDGETS,
          "{\"metadata\":{\"name\":\"" + name + "\",\"labels\":{\"n\":\"" + name + "\"}}}");
    }
    Reply reply = client.delete(WIDGETS + "?labelSelector=n+in+(a,b)", "");
    assertEquals(200, reply.status(), reply::text);
    assertEquals(2, reply.json().path("items").size());
    assertEquals(1, client.get(WIDGETS).json().path("items").size());
  }

  @Test
  void apply_createsThenConflicts() {
    String mine = "apiVersion: example.io/v1\nkind: Widget\nmetadata: {name: a}\nspec: {size: 1}\n";
    Reply created = client.apply(WIDGETS + "/a?fieldManager=one", mine);
    assertEquals(201, created.status(), created::text);
    Reply same = client.apply(WIDGETS + "/a?fieldManager=one", mine);
    assertEquals(200, same.status());
    assertEquals(created.text(), same.text());
    Reply conflict =
        client.apply(WIDGETS + "/a?fieldManager=two", mine.replace("size: 1", "size: 2"));
    assertEquals(409, conflict.status());
    assertEquals("FieldManagerConflict", conflict.at("/details/causes/0/reason"));
    assertEquals(".spec.size", conflict.at("/details/causes/0/field"));
    Reply forced =
        client.apply(
            WIDGETS + "/a?fieldManager=two&force=true", mine.replace("size: 1", "size: 2"));
    assertEquals(200, forced.status());
    assertEquals(2, forced.json().at("/spec/size").asInt());
    assertEquals(422, client.apply(WIDGETS + "/a", mine).status(), "no field manager");
  }

  @Test
  void patch_strategicOnACustomKind_is415() {
    client.post(WIDGETS, widget("a", "{}"));
    Reply reply =
        client.patch(WIDGETS + "/a", "application/strategic-merge-patch+json", "{\"spec\":{}}");
    assertEquals(415, reply.status());
    assertTrue(reply.at("/message").contains("application/merge-patch+json"));
  }

  @Test
  void patch_staleRevisionInIt_is409() {
    client.post(WIDGETS, widget("a", "{}"));
    Reply reply =
        client.patch(
            WIDGETS + "/a",
            "application/json-patch+json",
            "[{\"op\":\"add\",\"path\":\"/metadata/resourceVersion\",\"value\":\"1\"},"
                + "{\"op\":\"add\",\"path\":\"/spec/size\",\"value\":4}]");
    assertEquals(409, reply.status(), reply::text);
  }

  @Test
  void scale_readsAndWritesTheNumber() {
    client.post(WIDGETS, widget("a", "{\"size\":3}"));
    Reply scale = client.get(WIDGETS + "/a/scale");
    assertEquals(3, scale.json().at("/spec/replicas").asInt(), scale::text);
    scale.json();
    Reply put =
        client.send(
            "PUT",
            WIDGETS + "/a/scale",
            scale.text().replace("\"replicas\":3", "\"replicas\":7"),
            Headers.NONE);
    assertEquals(200, put.status(), put::text);
    assertEquals(7, client.get(WIDGETS + "/a").json().at("/spec/size").asInt());
    Reply patched =
        client.patch(
            WIDGETS + "/a/scale", "application/merge-patch+json", "{\"spec\":{\"replicas\":8}}");
    assertEquals(8, patched.json().at("/spec/replicas").asInt(), patched::text);
  }

  @Test
  void namespace_deleted_terminatesUntilFinalized() {
    client.post("/api/v1/namespaces", "{\"metadata\":{\"name\":\"team\"}}");
    String inside = "/apis/example.io/v1/namespaces/team/widgets";
    assertEquals(201, client.post(inside, widget("a", "{}")).status());
    Reply deleting = client.delete("/api/v1/namespaces/team", "");
    assertEquals("Terminating", deleting.at("/status/phase"), deleting::text);
    Reply refused = client.post(inside, widget("b", "{}"));
    assertEquals(403, refused.status());
    assertEquals("NamespaceTerminating", refused.at("/details/causes/0/reason"));
    Reply finalized =
        client.put(
            "/api/v1/namespaces/team/finalize",
            "{\"apiVersion\":\"v1\",\"kind\":\"Namespace\",\"metadata\":{\"name\":\"team\"},\"spec\":{}}");
    assertEquals(200, finalized.status(), finalized::text);
    assertEquals(404, client.get("/api/v1/namespaces/team").status());
  }

  @Test
  void review_ofOneself_tellsWhoAndWhatMay() {
    Reply who = client.post("/apis/authentication.k8s.io/v1/selfsubjectreviews", "{}");
    assertEquals(201, who.status(), who::text);
    assertEquals("admin", who.at("/status/userInfo/username"));
    String ask =
        "{\"spec\":{\"resourceAttributes\":{\"verb\":\"get\",\"group\":\"example.io\","
            + "\"resource\":\"widgets\"}}}";
    String path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
    assertTrue(client.post(path, ask).json().at("/status/allowed").asBoolean());
    assertFalse(server.user().post(path, ask).json().at("/status/allowed").asBoolean());
  }

  @Test
  void anonymous_is401_stranger403() {
    assertEquals(401, server.nobody().get(WIDGETS).status());
    Reply refused = server.user().get(WIDGETS + "/a");
    assertEquals(403, refused.status());
    assertEquals(
        "widgets.example.io \"a\" is forbidden: User \"user\" cannot get resource \"widgets\" in"
            + " API group \"example.io\" in the namespace \"default\"",
        refused.at("/message"));
  }
}
