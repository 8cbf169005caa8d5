package dev.otherix.apiserver.server;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.apiserver.http.Headers;
import dev.otherix.apiserver.server.InProcessClient.Reply;
import dev.otherix.apiserver.storage.Entry;
import dev.otherix.apiserver.storage.ReadAt;
import dev.otherix.apiserver.storage.Storage;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What Kubernetes' conformance test `custom_resource_definition` and its tests
/// `crd_selectable_fields`, `crd_validation_rules` and `crd_validation_ratcheting` ask of a server.
final class ConformanceCustomKindsTest {
  private static final String RULES =
      """
      {'type':'object','properties':{'spec':{'type':'object',
       'x-kubernetes-validations':[{'rule':'self.x <= self.y','message':'x must not exceed y'},
        {'rule':'self.y >= oldSelf.y','message':'y must not fall'}],
       'properties':{'x':{'type':'integer'},'y':{'type':'integer'},
        'name':{'type':'string','maxLength':5},'labels':{'type':'object',
         'additionalProperties':{'type':'string'}}}}}}
      """;

  private final Scene scene = new Scene();
  private final String path = Scene.path("foos");

  @AfterEach
  void stop() {
    scene.close();
  }

  @Test
  void definition_created_isEstablishedAndDeleted() {
    scene.define(Scene.definition("foos", "Foo", "{'type':'object'}"), path);
    Reply read = scene.client.get(Scene.DEFINITIONS + "/foos.conform.io");
    assertEquals("Foo", read.at("/status/acceptedNames/kind"), read::text);
    assertEquals("v1", read.at("/status/storedVersions/0"));
    scene.create(path, "{'metadata':{'name':'a'}}");
    Reply deleted = scene.client.delete(Scene.DEFINITIONS + "/foos.conform.io", "");
    assertEquals(200, deleted.status(), deleted::text);
    scene.awaitStatus(Scene.DEFINITIONS + "/foos.conform.io", 404);
    scene.awaitStatus(path, 404);
    assertEquals(0, scene.server.store().stats("/registry/conform.io/foos/").entries());
  }

  @Test
  void definitions_manyWithALabel_areListedAndDeletedTogether() {
    for (String each : List.of("ones", "twos", "threes")) {
      String kind = each.substring(0, 1).toUpperCase(Locale.ROOT) + each.substring(1);
      String definition =
          Scene.definition(each, kind, "{'type':'object'}")
              .replace(
                  "'metadata':{", "'metadata':{'labels':{'set':'" + (each.length() > 4) + "'},");
      scene.define(definition, Scene.path(each));
    }
    String selected = Scene.DEFINITIONS + "?labelSelector=set%3Dfalse";
    assertEquals(List.of("ones.conform.io", "twos.conform.io"), scene.names(selected));
    assertEquals(200, scene.client.delete(selected, "").status());
    scene.awaitStatus(Scene.path("ones"), 404);
    scene.awaitStatus(Scene.path("twos"), 404);
    assertEquals(List.of("threes.conform.io"), scene.names(Scene.DEFINITIONS));
    assertEquals(200, scene.client.get(Scene.path("threes")).status());
  }

  @Test
  void definitionStatus_getUpdateAndPatch_changeTheStatusOnly() {
    scene.define(Scene.definition("foos", "Foo", "{'type':'object'}"), path);
    String status = Scene.DEFINITIONS + "/foos.conform.io/status";
    await()
        .atMost(Scene.PATIENCE)
        .until(() -> scene.client.get(status).json().at("/status/conditions").size() >= 2);
    String more =
        "[{'op':'add','path':'/status/conditions/-','value':{'type':'StatusUpdate',"
            + "'status':'True','reason':'E2E','message':'set from here'}},"
            + "{'op':'replace','path':'/spec/scope','value':'Cluster'}]";
    Reply patched = scene.client.patch(status, Scene.JSON_PATCH, Scene.json(more));
    assertEquals(200, patched.status(), patched::text);
    assertEquals("Namespaced", patched.at("/spec/scope"), "the spec has another door");
    Reply updated = scene.client.put(status, patched.text().replace("set from here", "again"));
    assertEquals(200, updated.status(), updated::text);
    Reply read = scene.client.get(status);
    assertTrue(read.json().at("/status/conditions").toString().contains("again"), read::text);
    assertTrue(read.json().at("/status/conditions").toString().contains("Established"));
  }

  @Test
  void defaulting_holdsForRequestsAndForWhatIsStored() {
    String schema =
        "{'type':'object','properties':{'a':{'type':'string','default':'A'},"
            + "'b':{'type':'string'}}}";
    scene.define(Scene.definition("foos", "Foo", schema), path);
    Reply created = scene.create(path, "{'metadata':{'name':'one'}}");
    assertEquals("A", created.at("/a"));
    assertTrue(created.json().at("/b").isMissingNode());
    Reply changed =
        scene.client.patch(
            Scene.DEFINITIONS + "/foos.conform.io",
            Scene.JSON_PATCH,
            Scene.json(
                "[{'op':'add','path':'/spec/versions/0/schema/openAPIV3Schema/properties/b/default'"
                    + ",'value':'B'}]"));
    assertEquals(200, changed.status(), changed::text);
    await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> scene.client.get(path + "/one").at("/b").equals("B"));
    Reply read = scene.client.get(path + "/one");
    assertEquals(
        created.at("/metadata/resourceVersion"),
        read.at("/metadata/resourceVersion"),
        "a default is no write");
    assertEquals("B", scene.client.get(path).at("/items/0/b"));
  }

  @Test
  void storedObject_withMembersThatNobodyKnows_isPrunedWhenItIsRead() {
    scene.define(
        Scene.definition("foos", "Foo", "{'type':'object','properties':{'a':{'type':'string'}}}"),
        path);
    scene.create(path, "{'metadata':{'name':'sample'},'a':'x'}");
    String key = "/registry/conform.io/foos/default/";
    Storage store = scene.server.store();
    Entry sample = Objects.requireNonNull(store.get(key + "sample", ReadAt.LATEST));
    String body =
        new String(sample.value(), StandardCharsets.UTF_8)
            .replace("\"sample\"", "\"old\"")
            .replace("\"a\":\"x\"", "\"a\":\"x\",\"former\":{\"b\":1}");
    assertTrue(body.contains("former"), body);
    store.create(key + "old", body.getBytes(StandardCharsets.UTF_8), null);
    Reply read = scene.client.get(path + "/old");
    assertEquals(200, read.status(), read::text);
    assertEquals("x", read.at("/a"), read::text);
    assertTrue(read.json().path("former").isMissingNode(), read::text);
  }

  @Test
  void selectableFields_listAndWatch_selectByThem() {
    scene.define(
        Scene.definition(
            "foos",
            "Foo",
            "conform.io",
            Scene.version(
                "v1",
                true,
                true,
                "'selectableFields':[{'jsonPath':'.spec.host'},{'jsonPath':'.spec.port'},"
                    + "{'jsonPath':'.spec.on'}],",
                "{'type':'object','properties':{'spec':{'type':'object','properties':{"
                    + "'host':{'type':'string'},'port':{'type':'integer'},'on':{'type':'boolean'}"
                    + "}}}}")),
        path);
    scene.create(path, "{'metadata':{'name':'a'},'spec':{'host':'h1','port':80,'on':true}}");
    scene.create(path, "{'metadata':{'name':'b'},'spec':{'host':'h1','port':443}}");
    scene.create(path, "{'metadata':{'name':'c'},'spec':{'host':'h2','port':80}}");
    assertEquals(List.of("a", "b"), scene.names(path + "?fieldSelector=spec.host%3Dh1"));
    assertEquals(List.of("a", "c"), scene.names(path + "?fieldSelector=spec.port%3D80"));
    assertEquals(List.of("a"), scene.names(path + "?fieldSelector=spec.on%3Dtrue"));
    assertEquals(List.of("b"), scene.names(path + "?fieldSelector=spec.host%3Dh1,spec.port!%3D80"));
    assertEquals(400, scene.client.get(path + "?fieldSelector=spec.other%3D1").status());
    try (TestWatch watch =
        scene.client.watch(path + "?watch=1&fieldSelector=spec.host%3Dh1", Headers.NONE)) {
      assertEquals("ADDED a", watch.brief());
      assertEquals("ADDED b", watch.brief());
      scene.merge(path + "/c", "{'spec':{'host':'h1'}}");
      assertEquals("ADDED c", watch.brief());
      scene.merge(path + "/a", "{'spec':{'host':'h3'}}");
      assertEquals("DELETED a", watch.brief());
    }
    assertEquals(200, scene.client.delete(path + "?fieldSelector=spec.host%3Dh1", "").status());
    assertEquals(List.of("a"), scene.names(path));
    String document = scene.client.get("/openapi/v3/apis/conform.io/v1").text();
    assertTrue(document.contains("x-kubernetes-selectable-fields"));
  }

  @Test
  void validationRules_onCreateAndUpdate_areEnforced() {
    scene.define(Scene.definition("foos", "Foo", RULES), path);
    Reply refused =
        scene.client.post(path, Scene.json("{'metadata':{'name':'a'},'spec':{'x':2,'y':1}}"));
    assertEquals(422, refused.status(), refused::text);
    assertTrue(refused.text().contains("x must not exceed y"));
    assertEquals("spec", refused.at("/details/causes/0/field"));
    scene.create(path, "{'metadata':{'name':'a'},'spec':{'x':1,'y':2}}");
    Reply fell = scene.client.patch(path + "/a", Scene.MERGE, Scene.json("{'spec':{'y':1}}"));
    assertEquals(422, fell.status(), fell::text);
    assertTrue(fell.text().contains("y must not fall"), fell::text);
    scene.merge(path + "/a", "{'spec':{'y':3}}");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "self.nope == 1 | undefined field",
        "1 + | mismatched input",
        "self.x | must evaluate to a bool",
        "self.list.all(a, self.list.all(b, self.list.all(c, a == b))) | cost",
      })
  void validationRules_thatCannotBe_areRefusedWithTheDefinition(String rule, String expected) {
    String schema =
        "{'type':'object','properties':{'spec':{'type':'object','x-kubernetes-validations':["
            + "{'rule':'RULE'}],'properties':{'x':{'type':'integer'},'list':{'type':'array',"
            + "'items':{'type':'string'}}}}}}";
    Reply reply =
        scene.client.post(
            Scene.DEFINITIONS,
            Scene.json(Scene.definition("foos", "Foo", schema.replace("RULE", rule))));
    assertEquals(422, reply.status(), reply::text);
    assertTrue(
        reply.text().toLowerCase(Locale.ROOT).contains(expected.toLowerCase(Locale.ROOT)),
        reply::text);
  }

  @Test
  void ratcheting_whatWasInvalidBefore_isForgivenWhileUnchanged() {
    String open =
        "{'type':'object','properties':{'spec':{'type':'object','properties':{"
            + "'name':{'type':'string'},'other':{'type':'integer'},'list':{'type':'array',"
            + "'x-kubernetes-list-type':'map','x-kubernetes-list-map-keys':['k'],"
            + "'items':{'type':'object','required':['k'],'properties':{'k':{'type':'string'},"
            + "'v':{'type':'string'}}}}}}}}";
    scene.define(Scene.definition("foos", "Foo", open), path);
    scene.create(
        path,
        "{'metadata':{'name':'a'},'spec':{'name':'much too long','list':["
            + "{'k':'1','v':'much too long'},{'k':'2','v':'ok'}]}}");
    String tighter =
        "[{'op':'add','path':'/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/"
            + "name/maxLength','value':5},"
            + "{'op':'add','path':'/spec/versions/0/schema/openAPIV3Schema/properties/spec/"
            + "properties/list/items/properties/v/maxLength','value':5}]";
    Reply changed =
        scene.client.patch(
            Scene.DEFINITIONS + "/foos.conform.io", Scene.JSON_PATCH, Scene.json(tighter));
    assertEquals(200, changed.status(), changed::text);
    String probe = Scene.json("{'metadata':{'name':'b'},'spec':{'name':'much too long'}}");
    await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> scene.client.post(path + "?dryRun=All", probe).status() == 422);
    scene.merge(path + "/a", "{'spec':{'other':1}}");
    scene.merge(path + "/a", "{'metadata':{'labels':{'a':'b'}}}");
    Reply added =
        scene.client.patch(
            path + "/a",
            Scene.JSON_PATCH,
            Scene.json("[{'op':'add','path':'/spec/list/0','value':{'k':'0','v':'new'}}]"));
    assertEquals(200, added.status(), "the old item is known by its key: " + added.text());
    Reply worse =
        scene.client.patch(
            path + "/a", Scene.MERGE, Scene.json("{'spec':{'name':'another too long'}}"));
    assertEquals(422, worse.status(), worse::text);
    assertFalse(worse.text().contains("spec.list"), "only what changed is judged");
  }
}
