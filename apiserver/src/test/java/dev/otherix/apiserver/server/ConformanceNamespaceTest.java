package dev.otherix.apiserver.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.apiserver.server.InProcessClient.Reply;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What Kubernetes' conformance test `namespace` asks of a server, as far as it needs no
/// controller.
final class ConformanceNamespaceTest {
  private static final String NAMESPACES = "/api/v1/namespaces";
  private static final String TEAM = NAMESPACES + "/team";

  private final Scene scene = new Scene();

  @BeforeEach
  void create() {
    scene.create(NAMESPACES, "{'metadata':{'name':'team'}}");
  }

  @AfterEach
  void stop() {
    scene.close();
  }

  @Test
  void namespace_fresh_isActiveAndLabelled() {
    Reply read = scene.client.get(TEAM);
    assertEquals("Active", read.at("/status/phase"));
    assertEquals("kubernetes", read.at("/spec/finalizers/0"));
    assertEquals(
        "team",
        read.json().at("/metadata/labels").path("kubernetes.io/metadata.name").asString(""));
  }

  @Test
  void namespace_patch_setsALabel() {
    Reply patched =
        scene.client.patch(
            TEAM,
            "application/strategic-merge-patch+json",
            Scene.json("{'metadata':{'labels':{'testLabel':'testValue'}}}"));
    assertEquals(200, patched.status(), patched::text);
    assertEquals("testValue", scene.client.get(TEAM).at("/metadata/labels/testLabel"));
  }

  @Test
  void namespace_update_setsALabel() {
    String changed =
        scene.client.get(TEAM).text().replace("\"labels\":{", "\"labels\":{\"updated\":\"yes\",");
    Reply updated = scene.client.put(TEAM, changed);
    assertEquals(200, updated.status(), updated::text);
    assertEquals("yes", scene.client.get(TEAM).at("/metadata/labels/updated"));
  }

  @Test
  void namespace_finalizer_isAppliedAndRemovedThroughFinalize() {
    String add =
        scene
            .client
            .get(TEAM)
            .text()
            .replace("\"finalizers\":[", "\"finalizers\":[\"e2e.example.com/fake\",");
    Reply added = scene.client.put(TEAM + "/finalize", add);
    assertEquals(200, added.status(), added::text);
    assertTrue(added.json().at("/spec/finalizers").toString().contains("e2e.example.com/fake"));
    Reply ignored =
        scene.client.put(
            TEAM, scene.client.get(TEAM).text().replace("\"e2e.example.com/fake\",", ""));
    assertEquals(200, ignored.status(), ignored::text);
    assertEquals(2, scene.client.get(TEAM).json().at("/spec/finalizers").size(), "not this way");
    String remove = scene.client.get(TEAM).text().replace("\"e2e.example.com/fake\",", "");
    assertEquals(200, scene.client.put(TEAM + "/finalize", remove).status());
    assertEquals(
        "[\"kubernetes\"]", scene.client.get(TEAM).json().at("/spec/finalizers").toString());
    assertEquals("Active", scene.client.get(TEAM).at("/status/phase"), "nothing was deleted");
  }

  @Test
  void namespace_status_isReadPatchedAndUpdated() {
    Reply patched =
        scene.client.patch(
            TEAM + "/status",
            Scene.MERGE,
            Scene.json(
                "{'metadata':{'annotations':{'ignored':'perhaps'}},'status':{'conditions':[{"
                    + "'type':'StatusPatch','status':'True','reason':'E2E','message':'m'}]}}"));
    assertEquals(200, patched.status(), patched::text);
    assertEquals("StatusPatch", patched.at("/status/conditions/0/type"));
    String update = patched.text().replace("StatusPatch", "StatusUpdate");
    Reply updated = scene.client.put(TEAM + "/status", update);
    assertEquals(200, updated.status(), updated::text);
    Reply read = scene.client.get(TEAM + "/status");
    assertEquals("StatusUpdate", read.at("/status/conditions/0/type"));
    assertEquals("Active", read.at("/status/phase"));
  }

  @Test
  void namespace_statusInAnUpdateOfTheObject_isIgnored() {
    String changed = scene.client.get(TEAM).text().replace("Active", "Terminating");
    assertEquals(200, scene.client.put(TEAM, changed).status());
    assertEquals("Active", scene.client.get(TEAM).at("/status/phase"));
  }

  @Test
  void namespace_deleted_keepsItsObjectsReadableUntilItIsEmptied() {
    String maps = TEAM + "/configmaps";
    scene.create(maps, "{'metadata':{'name':'a'}}");
    assertEquals(200, scene.client.delete(TEAM, "").status());
    assertEquals("Terminating", scene.client.get(TEAM).at("/status/phase"));
    assertEquals(200, scene.client.get(maps + "/a").status());
    assertEquals(200, scene.client.patch(maps + "/a", Scene.MERGE, "{}").status());
    assertEquals(200, scene.client.delete(maps + "/a", "").status());
    assertEquals(403, scene.client.post(maps, "{\"metadata\":{\"name\":\"b\"}}").status());
    Reply again = scene.client.delete(TEAM, "");
    assertEquals(200, again.status(), again::text);
    String empty = scene.client.get(TEAM).text().replace("\"kubernetes\"", "");
    assertEquals(200, scene.client.put(TEAM + "/finalize", empty).status());
    assertEquals(404, scene.client.get(TEAM).status());
  }

  @ParameterizedTest
  @ValueSource(strings = {"default", "kube-system", "kube-public"})
  void namespace_thatTheServerNeeds_mayNotBeDeleted(String name) {
    Reply reply = scene.client.delete(NAMESPACES + "/" + name, "");
    assertEquals(403, reply.status(), reply::text);
    assertFalse(scene.client.get(NAMESPACES + "/" + name).text().contains("deletionTimestamp"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"'spec':true", "'spec':{'finalizers':'x'}", "'spec':{'finalizers':{}}"})
  void namespace_ofTheWrongShape_isRefused(String member) {
    Reply created =
        scene.client.post(NAMESPACES, Scene.json("{'metadata':{'name':'odd'}," + member + "}"));
    assertTrue(created.status() == 400 || created.status() == 422, created::text);
    Reply updated =
        scene.client.put(TEAM, Scene.json("{'metadata':{'name':'team'}," + member + "}"));
    assertTrue(
        updated.status() == 400 || updated.status() == 422 || member.contains("finalizers"),
        updated::text);
    assertTrue(updated.status() < 500, updated::text);
  }
}
