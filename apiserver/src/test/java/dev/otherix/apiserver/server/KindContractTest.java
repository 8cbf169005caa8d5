package dev.otherix.apiserver.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apiserver.http.Headers;
import dev.otherix.apiserver.registry.Resource;
import dev.otherix.apiserver.server.InProcessClient.Reply;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.node.ObjectNode;

/// What every kind does alike: one contract, run for each kind that is stored.
@Tag("slow")
final class KindContractTest {
  /// A kind: where it is, an object of it, a change to the object.
  enum Sample {
    NAMESPACES("/api/v1/namespaces", "v1", "Namespace", "{}"),
    CONFIG_MAPS(Scene.CONFIG_MAPS, "v1", "ConfigMap", "{'data':{'k':'v'}}"),
    SECRETS(
        "/api/v1/namespaces/default/secrets", "v1", "Secret", "{'type':'t','data':{'k':'dg=='}}"),
    EVENTS(
        "/api/v1/namespaces/default/events",
        "v1",
        "Event",
        "{'involvedObject':{'kind':'Pod','namespace':'default'},'reason':'R'}"),
    SERVICE_ACCOUNTS(
        "/api/v1/namespaces/default/serviceaccounts",
        "v1",
        "ServiceAccount",
        "{'secrets':[{'name':'s'}]}"),
    LEASES(
        "/apis/coordination.k8s.io/v1/namespaces/default/leases",
        "coordination.k8s.io/v1",
        "Lease",
        "{'spec':{'holderIdentity':'h'}}"),
    VALIDATING_WEBHOOKS(
        "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations",
        "admissionregistration.k8s.io/v1",
        "ValidatingWebhookConfiguration",
        "{'webhooks':[]}"),
    MUTATING_WEBHOOKS(
        "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations",
        "admissionregistration.k8s.io/v1",
        "MutatingWebhookConfiguration",
        "{'webhooks':[]}"),
    WIDGETS(Scene.WIDGETS, "example.io/v1", "Widget", "{'spec':{'size':1}}"),
    DEFINITIONS(
        Scene.DEFINITIONS,
        "apiextensions.k8s.io/v1",
        "CustomResourceDefinition",
        "{'spec':{'group':'conform.io','scope':'Namespaced','names':{'plural':'foos',"
            + "'kind':'Foo'},'versions':[{'name':'v1','served':true,'storage':true,"
            + "'schema':{'openAPIV3Schema':{'type':'object'}}}]}}");

    final String collection;
    final String apiVersion;
    final String kind;
    private final String content;

    Sample(String collection, String apiVersion, String kind, String content) {
      this.collection = collection;
      this.apiVersion = apiVersion;
      this.kind = kind;
      this.content = content;
    }

    String path() {
      return collection + "/" + objectName();
    }

    String objectName() {
      return this == DEFINITIONS ? "foos.conform.io" : "one";
    }

    ObjectNode object() {
      ObjectNode object = Json.parseObject(Scene.json(content));
      object.put("apiVersion", apiVersion).put("kind", kind);
      object.putObject("metadata").put("name", objectName()).putObject("labels").put("a", "b");
      return object;
    }

    String plural() {
      return collection.substring(collection.lastIndexOf('/') + 1);
    }
  }

  private final Scene scene = new Scene();

  @AfterEach
  void stop() {
    scene.close();
  }

  private Reply create(Sample sample) {
    Reply reply = scene.client.post(sample.collection, sample.object().toString());
    assertEquals(201, reply.status(), reply::text);
    if (sample == Sample.DEFINITIONS) {
      scene.awaitStatus(Scene.path("foos"), 200);
    }
    return reply;
  }

  @Test
  void samples_coverEveryKindThatIsStored() {
    List<String> covered = new ArrayList<>();
    for (Sample each : Sample.values()) {
      covered.add(each.plural());
    }
    for (Resource resource : scene.server.server().resources().all()) {
      assertTrue(covered.contains(resource.plural()), () -> "no sample of " + resource);
    }
  }

  @ParameterizedTest
  @EnumSource
  void create_thenGet_giveTheSameBytes(Sample sample) {
    Reply created = scene.client.post(sample.collection, sample.object().toString());
    assertEquals(201, created.status(), created::text);
    assertEquals(sample.kind, created.at("/kind"));
    assertEquals(sample.apiVersion, created.at("/apiVersion"));
    assertTrue(created.at("/metadata/uid").matches("[0-9a-f-]{14}4[0-9a-f-]{21}"), created::text);
    assertTrue(created.at("/metadata/creationTimestamp").endsWith("Z"), created::text);
    assertTrue(created.at("/metadata/resourceVersion").matches("[1-9][0-9]*"));
    assertEquals(409, scene.client.post(sample.collection, sample.object().toString()).status());
    if (sample != Sample.DEFINITIONS) {
      assertEquals(created.text(), scene.client.get(sample.path()).text());
      String exact = sample.path() + "?resourceVersion=" + created.at("/metadata/resourceVersion");
      assertEquals(created.text(), scene.client.get(exact).text());
    }
  }

  @ParameterizedTest
  @EnumSource
  void put_ofWhatWasRead_writesNothing(Sample sample) {
    create(sample);
    Reply read = scene.client.get(sample.path());
    Reply put = scene.client.put(sample.path(), read.text());
    assertEquals(200, put.status(), put::text);
    assertEquals(read.text(), put.text());
    assertEquals(read.text(), scene.client.get(sample.path()).text());
  }

  @ParameterizedTest
  @EnumSource
  void put_withALabelMore_isStoredAndKeepsTheRest(Sample sample) {
    create(sample);
    Reply read = scene.client.get(sample.path());
    ObjectNode changed = read.json();
    changed.withObjectProperty("metadata").withObjectProperty("labels").put("c", "d");
    changed.withObjectProperty("metadata").put("creationTimestamp", "2001-01-01T00:00:00Z");
    changed.withObjectProperty("metadata").put("generation", 77);
    Reply put = scene.client.put(sample.path(), changed.toString());
    assertEquals(200, put.status(), put::text);
    assertEquals("d", put.at("/metadata/labels/c"));
    assertEquals(read.at("/metadata/uid"), put.at("/metadata/uid"));
    assertEquals(read.at("/metadata/creationTimestamp"), put.at("/metadata/creationTimestamp"));
    assertEquals(read.json().at("/metadata/generation"), put.json().at("/metadata/generation"));
    assertNotEquals(read.at("/metadata/resourceVersion"), put.at("/metadata/resourceVersion"));
    assertEquals(
        409,
        scene.client.put(sample.path(), read.text().replace("\"b\"", "\"x\"")).status(),
        "the old revision");
    changed.withObjectProperty("metadata").put("uid", "00000000-0000-4000-8000-000000000000");
    changed.withObjectProperty("metadata").remove("resourceVersion");
    assertEquals(409, scene.client.put(sample.path(), changed.toString()).status(), "other uid");
    assertEquals(put.text(), scene.client.get(sample.path()).text());
  }

  @ParameterizedTest
  @EnumSource
  void patch_bothForms_changeOneLabel(Sample sample) {
    create(sample);
    Reply merged = scene.merge(sample.path(), "{'metadata':{'labels':{'a':null,'m':'1'}}}");
    assertEquals("1", merged.at("/metadata/labels/m"));
    assertTrue(merged.json().at("/metadata/labels/a").isMissingNode());
    Reply patched =
        scene.client.patch(
            sample.path(),
            Scene.JSON_PATCH,
            Scene.json(
                "[{'op':'test','path':'/metadata/labels/m','value':'1'},"
                    + "{'op':'replace','path':'/metadata/labels/m','value':'2'}]"));
    assertEquals(200, patched.status(), patched::text);
    assertEquals("2", patched.at("/metadata/labels/m"));
    Reply nothing = scene.merge(sample.path(), "{'metadata':{'labels':{'m':'2'}}}");
    assertEquals(patched.text(), nothing.text(), "nothing to do");
    Reply failed =
        scene.client.patch(
            sample.path(),
            Scene.JSON_PATCH,
            Scene.json("[{'op':'test','path':'/metadata/labels/m','value':'1'}]"));
    assertEquals(422, failed.status(), failed::text);
    assertEquals(404, scene.client.patch(sample.collection + "/none", Scene.MERGE, "{}").status());
  }

  @ParameterizedTest
  @EnumSource
  void apply_createsAndOwns_andTakesBackWhatItNoLongerWants(Sample sample) {
    ObjectNode object = sample.object();
    Reply applied = scene.client.apply(sample.path() + "?fieldManager=m", object.toString());
    assertEquals(201, applied.status(), applied::text);
    assertEquals("Apply", applied.at("/metadata/managedFields/0/operation"));
    if (sample == Sample.DEFINITIONS) {
      scene.awaitStatus(Scene.path("foos"), 200);
    }
    String before = scene.client.get(sample.path()).text();
    Reply again = scene.client.apply(sample.path() + "?fieldManager=m", object.toString());
    assertEquals(200, again.status(), again::text);
    assertEquals(before, again.text(), "nothing to do");
    object.withObjectProperty("metadata").withObjectProperty("labels").remove("a");
    Reply less = scene.client.apply(sample.path() + "?fieldManager=m", object.toString());
    assertEquals(200, less.status(), less::text);
    assertTrue(less.json().at("/metadata/labels/a").isMissingNode(), less::text);
  }

  @ParameterizedTest
  @EnumSource
  void watch_seesTheWholeLife_withTheBytesOfTheAnswers(Sample sample) {
    String from = scene.client.get(sample.collection).at("/metadata/resourceVersion");
    String query = "?watch=true&fieldSelector=metadata.name%3D" + sample.objectName();
    try (TestWatch watch =
        scene.client.watch(sample.collection + query + "&resourceVersion=" + from, Headers.NONE)) {
      Reply created = scene.client.post(sample.collection, sample.object().toString());
      ObjectNode added = watch.next();
      assertNotNull(added);
      assertEquals("ADDED", added.path("type").asString(""));
      assertTrue(Json.equal(created.json(), added.path("object")), added::toString);
      if (sample == Sample.DEFINITIONS) {
        assertEquals("MODIFIED foos.conform.io", watch.brief(), "its status");
      }
      Reply merged = scene.merge(sample.path(), "{'metadata':{'labels':{'m':'1'}}}");
      ObjectNode modified = watch.next();
      assertNotNull(modified);
      assertTrue(Json.equal(merged.json(), modified.path("object")), modified::toString);
      assertEquals(200, scene.client.delete(sample.path(), "").status());
      if (sample == Sample.NAMESPACES) {
        assertEquals("MODIFIED one", watch.brief(), "terminating");
        String empty = scene.client.get(sample.path()).text().replace("\"kubernetes\"", "");
        assertEquals(200, scene.client.put(sample.path() + "/finalize", empty).status());
      }
      String type = "";
      ObjectNode last = null;
      while (!type.equals("DELETED")) {
        last = watch.next();
        assertNotNull(last);
        type = last.path("type").asString("");
      }
      assertNotNull(last);
      assertEquals(created.at("/metadata/uid"), last.at("/object/metadata/uid").asString(""));
      assertTrue(
          last.at("/object/metadata/resourceVersion").asLong(0)
              > Long.parseLong(merged.at("/metadata/resourceVersion")));
    }
    assertEquals(404, scene.client.get(sample.path()).status());
    assertEquals(404, scene.client.delete(sample.path(), "").status());
  }

  @ParameterizedTest
  @EnumSource
  void delete_withFinalizer_waitsForIt(Sample sample) {
    create(sample);
    scene.merge(sample.path(), "{'metadata':{'finalizers':['example.io/hold']}}");
    Reply deleting = scene.client.delete(sample.path(), "");
    assertEquals(200, deleting.status(), deleting::text);
    assertFalse(deleting.at("/metadata/deletionTimestamp").isEmpty(), deleting::text);
    Reply again = scene.client.delete(sample.path(), "");
    assertEquals(
        deleting.at("/metadata/deletionTimestamp"), again.at("/metadata/deletionTimestamp"));
    Reply more =
        scene.client.patch(
            sample.path(),
            Scene.MERGE,
            Scene.json("{'metadata':{'finalizers':['example.io/hold','example.io/more']}}"));
    assertEquals(422, more.status(), "no new finalizer while it goes: " + more.text());
    Reply released =
        scene.client.patch(
            sample.path(), Scene.MERGE, Scene.json("{'metadata':{'finalizers':null}}"));
    if (sample == Sample.NAMESPACES) {
      assertEquals(200, scene.client.get(sample.path()).status(), "spec.finalizers still hold");
    } else if (sample == Sample.DEFINITIONS) {
      scene.awaitStatus(sample.path(), 404);
    } else {
      assertEquals(200, released.status(), released::text);
      assertEquals(404, scene.client.get(sample.path()).status());
    }
  }

  @ParameterizedTest
  @EnumSource
  void dryRun_ofEveryWrite_changesNothing(Sample sample) {
    String object = sample.object().toString();
    assertEquals(201, scene.client.post(sample.collection + "?dryRun=All", object).status());
    assertEquals(404, scene.client.get(sample.path()).status());
    create(sample);
    String before = scene.client.get(sample.path()).text();
    String changed = before.replace("\"a\":\"b\"", "\"a\":\"c\"");
    assertEquals(200, scene.client.put(sample.path() + "?dryRun=All", changed).status());
    Reply merged =
        scene.client.patch(
            sample.path() + "?dryRun=All",
            Scene.MERGE,
            Scene.json("{'metadata':{'labels':{'a':'z'}}}"));
    assertEquals("z", merged.at("/metadata/labels/a"), merged::text);
    assertEquals(200, scene.client.delete(sample.path() + "?dryRun=All", "").status());
    assertEquals(
        200,
        scene.client.delete(sample.collection + "?dryRun=All&labelSelector=a%3Db", "").status());
    assertEquals(before, scene.client.get(sample.path()).text());
  }
}
