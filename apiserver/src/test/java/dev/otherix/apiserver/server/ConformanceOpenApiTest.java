package dev.otherix.apiserver.server;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.apiserver.server.InProcessClient.Reply;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/// What Kubernetes' conformance test `crd_publish_openapi` and its test `openapiv3` ask of a
/// server.
final class ConformanceOpenApiTest {
  private static final String VALIDATING =
      """
      {'type':'object','description':'Foo CRD for Testing','properties':{'spec':{'type':'object',
       'description':'Specification of Foo','properties':{'bars':{'type':'array',
       'description':'List of Bars and their specs.','items':{'type':'object','required':['name'],
       'properties':{'name':{'type':'string','description':'Name of Bar.'},
       'age':{'type':'string'}}}}}}}}
      """;

  private final Scene scene = new Scene();

  @AfterEach
  void stop() {
    scene.close();
  }

  /// The published schema of a kind, in the third and in the second version of OpenAPI.
  private List<JsonNode> published(String group, String version, String kind) {
    List<JsonNode> found = new ArrayList<>();
    JsonNode third =
        scene
            .client
            .get("/openapi/v3/apis/" + group + "/" + version)
            .json()
            .at("/components/schemas");
    JsonNode second = scene.client.get("/openapi/v2").json().path("definitions");
    for (JsonNode schemas : List.of(third, second)) {
      for (JsonNode schema : schemas) {
        for (JsonNode each : schema.path("x-kubernetes-group-version-kind")) {
          if (each.path("kind").asString("").equals(kind)
              && each.path("group").asString("").equals(group)
              && each.path("version").asString("").equals(version)) {
            found.add(schema);
          }
        }
      }
    }
    return found;
  }

  @Test
  void validationSchema_isPublished() {
    scene.define(Scene.definition("foos", "Foo", VALIDATING), Scene.path("foos"));
    List<JsonNode> schemas = published("conform.io", "v1", "Foo");
    assertEquals(2, schemas.size());
    for (JsonNode schema : schemas) {
      assertEquals("Foo CRD for Testing", schema.path("description").asString(""));
      JsonNode bars = schema.at("/properties/spec/properties/bars");
      assertEquals("List of Bars and their specs.", bars.path("description").asString(""));
      assertEquals("name", bars.at("/items/required/0").asString(""));
      assertFalse(schema.at("/properties/metadata").isMissingNode());
    }
  }

  @Test
  void preserveUnknownAtTheRoot_isPublishedAsAnOpenObject() {
    scene.define(
        Scene.definition(
            "foos", "Foo", "{'type':'object','x-kubernetes-preserve-unknown-fields':true}"),
        Scene.path("foos"));
    for (JsonNode schema : published("conform.io", "v1", "Foo")) {
      assertTrue(schema.at("/properties/spec").isMissingNode(), schema::toString);
      assertTrue(schema.toString().contains("x-kubernetes-preserve-unknown-fields"));
    }
    Reply created =
        scene.create(Scene.path("foos"), "{'metadata':{'name':'a'},'any':{'thing':[1]}}");
    assertEquals(1, created.json().at("/any/thing/0").asInt(0));
  }

  @Test
  void preserveUnknownInAnEmbeddedObject_isPublished() {
    scene.define(
        Scene.definition(
            "foos",
            "Foo",
            "{'type':'object','properties':{'spec':{'type':'object','properties':{'template':{"
                + "'type':'object','x-kubernetes-embedded-resource':true,"
                + "'x-kubernetes-preserve-unknown-fields':true}}}}}"),
        Scene.path("foos"));
    for (JsonNode schema : published("conform.io", "v1", "Foo")) {
      JsonNode template = schema.at("/properties/spec/properties/template");
      assertTrue(
          template.path("x-kubernetes-preserve-unknown-fields").asBoolean(false), schema::toString);
    }
  }

  @Test
  void kindsOfDifferentGroups_arePublishedSideBySide() {
    scene.define(
        Scene.definition("foos", "Foo", "one.io", Scene.version("v1", true, true, "", VALIDATING)),
        "/apis/one.io/v1/foos");
    scene.define(
        Scene.definition(
            "waldos", "Waldo", "two.io", Scene.version("v1", true, true, "", VALIDATING)),
        "/apis/two.io/v1/waldos");
    assertEquals(2, published("one.io", "v1", "Foo").size());
    assertEquals(2, published("two.io", "v1", "Waldo").size());
  }

  @Test
  void kindsOfOneGroupVersion_arePublishedSideBySide() {
    scene.define(Scene.definition("foos", "Foo", VALIDATING), Scene.path("foos"));
    scene.define(Scene.definition("waldos", "Waldo", VALIDATING), Scene.path("waldos"));
    assertEquals(2, published("conform.io", "v1", "Foo").size());
    assertEquals(2, published("conform.io", "v1", "Waldo").size());
  }

  @Test
  void versionsOfOneKind_arePublished_andARenamedOneMoves() {
    scene.define(
        Scene.definition(
            "foos",
            "Foo",
            "conform.io",
            Scene.version("v2", true, false, "", VALIDATING)
                + ","
                + Scene.version("v3", true, true, "", VALIDATING)),
        "/apis/conform.io/v3/foos");
    assertEquals(2, published("conform.io", "v2", "Foo").size());
    JsonNode before = published("conform.io", "v3", "Foo").getFirst();
    rewrite("[{'op':'replace','path':'/spec/versions/0/name','value':'v4'}]");
    scene.awaitStatus("/apis/conform.io/v4/foos", 200);
    assertEquals(2, published("conform.io", "v4", "Foo").size());
    assertEquals(List.of(), published("conform.io", "v2", "Foo"));
    assertEquals(before, published("conform.io", "v3", "Foo").getFirst(), "untouched");
    assertEquals(404, scene.client.get("/apis/conform.io/v2/foos").status());
  }

  @Test
  void versionThatIsNoLongerServed_isRemoved() {
    scene.define(
        Scene.definition(
            "foos",
            "Foo",
            "conform.io",
            Scene.version("v5", true, true, "", VALIDATING)
                + ","
                + Scene.version("v6alpha1", true, false, "", VALIDATING)),
        "/apis/conform.io/v6alpha1/foos");
    rewrite("[{'op':'replace','path':'/spec/versions/1/served','value':false}]");
    scene.awaitStatus("/apis/conform.io/v6alpha1/foos", 404);
    assertEquals(List.of(), published("conform.io", "v6alpha1", "Foo"));
    assertEquals(2, published("conform.io", "v5", "Foo").size());
    assertEquals(404, scene.client.get("/openapi/v3/apis/conform.io/v6alpha1").status());
  }

  private void rewrite(String patch) {
    Reply reply =
        scene.client.patch(
            Scene.DEFINITIONS + "/foos.conform.io", Scene.JSON_PATCH, Scene.json(patch));
    assertEquals(200, reply.status(), reply::text);
  }

  @Test
  void openApiV3_index_hasEveryGroupVersionThatIsServed() {
    JsonNode paths = scene.client.get("/openapi/v3").json().path("paths");
    List<String> expected = new ArrayList<>(List.of("api/v1"));
    for (JsonNode group : scene.client.get("/apis").json().path("groups")) {
      group
          .path("versions")
          .forEach(each -> expected.add("apis/" + each.path("groupVersion").asString("")));
    }
    for (String each : expected) {
      String url = paths.path(each).path("serverRelativeURL").asString("");
      assertTrue(url.startsWith("/openapi/v3/" + each + "?hash="), () -> each + ": " + url);
      Reply document = scene.client.get(url);
      assertEquals(200, document.status(), url);
      assertTrue(document.at("/openapi").startsWith("3.0"), url);
    }
  }

  @Test
  void openApiV3_changedDefinition_changesTheHashOfItsGroupVersionOnly() {
    scene.define(Scene.definition("foos", "Foo", VALIDATING), Scene.path("foos"));
    String mine = url("apis/conform.io/v1");
    String other = url("apis/example.io/v1");
    rewrite(
        "[{'op':'replace','path':'/spec/versions/0/schema/openAPIV3Schema/description',"
            + "'value':'changed'}]");
    await()
        .atMost(Duration.ofSeconds(20))
        .untilAsserted(() -> assertNotEquals(mine, url("apis/conform.io/v1")));
    assertEquals(other, url("apis/example.io/v1"));
    assertEquals(
        "changed",
        published("conform.io", "v1", "Foo").getFirst().path("description").asString(""));
  }

  private String url(String groupVersion) {
    return scene
        .client
        .get("/openapi/v3")
        .json()
        .path("paths")
        .path(groupVersion)
        .path("serverRelativeURL")
        .asString("");
  }
}
