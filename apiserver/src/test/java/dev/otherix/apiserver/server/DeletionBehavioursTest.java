package dev.otherix.apiserver.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.apiserver.http.Headers;
import dev.otherix.apiserver.server.InProcessClient.Reply;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/// How deletes behave: finalizers, propagation, preconditions, collections. The rows are those of
/// the tests of Kubernetes' generic registry, as far as they concern kinds without a grace period.
@Tag("slow")
final class DeletionBehavioursTest {
  private static final String MAPS = Scene.CONFIG_MAPS;
  private static final String ONE = MAPS + "/one";

  private final Scene scene = new Scene();

  @AfterEach
  void stop() {
    scene.close();
  }

  private Reply create(String... finalizers) {
    StringBuilder list = new StringBuilder();
    for (String each : finalizers) {
      list.append(list.isEmpty() ? "'" : ",'").append(each).append("'");
    }
    return scene.create(MAPS, "{'metadata':{'name':'one','finalizers':[" + list + "]}}");
  }

  private static List<String> finalizers(JsonNode object) {
    List<String> out = new ArrayList<>();
    object.at("/metadata/finalizers").forEach(each -> out.add(each.asString("")));
    return out;
  }

  /// What stands before, what the client asks for, what stands after or that it is gone.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "-                          | -                            | gone",
        "-                          | orphanDependents:true        | orphan",
        "-                          | orphanDependents:false       | gone",
        "-                          | propagationPolicy:Orphan     | orphan",
        "-                          | propagationPolicy:Background | gone",
        "-                          | propagationPolicy:Foreground | foregroundDeletion",
        "orphan                     | -                            | orphan",
        "orphan                     | orphanDependents:true        | orphan",
        "orphan                     | orphanDependents:false       | gone",
        "orphan                     | propagationPolicy:Orphan     | orphan",
        "orphan                     | propagationPolicy:Background | gone",
        "orphan                     | propagationPolicy:Foreground | foregroundDeletion",
        "foregroundDeletion         | -                            | foregroundDeletion",
        "foregroundDeletion         | orphanDependents:true        | orphan",
        "foregroundDeletion         | orphanDependents:false       | gone",
        "foregroundDeletion         | propagationPolicy:Orphan     | orphan",
        "foregroundDeletion         | propagationPolicy:Background | gone",
        "foregroundDeletion         | propagationPolicy:Foreground | foregroundDeletion",
        "x/y                        | -                            | x/y",
        "x/y                        | orphanDependents:true        | x/y orphan",
        "x/y                        | orphanDependents:false       | x/y",
        "x/y                        | propagationPolicy:Orphan     | x/y orphan",
        "x/y                        | propagationPolicy:Background | x/y",
        "x/y                        | propagationPolicy:Foreground | x/y foregroundDeletion",
        "x/y orphan                 | -                            | x/y orphan",
        "x/y orphan                 | orphanDependents:true        | x/y orphan",
        "x/y orphan                 | orphanDependents:false       | x/y",
        "x/y orphan                 | propagationPolicy:Orphan     | x/y orphan",
        "x/y orphan                 | propagationPolicy:Background | x/y",
        "x/y orphan                 | propagationPolicy:Foreground | x/y foregroundDeletion",
        "x/y foregroundDeletion     | -                            | x/y foregroundDeletion",
        "x/y foregroundDeletion     | orphanDependents:true        | x/y orphan",
        "x/y foregroundDeletion     | orphanDependents:false       | x/y",
        "x/y foregroundDeletion     | propagationPolicy:Orphan     | x/y orphan",
        "x/y foregroundDeletion     | propagationPolicy:Background | x/y",
        "x/y foregroundDeletion     | propagationPolicy:Foreground | x/y foregroundDeletion",
      })
  void delete_withOrphanDependents_leavesTheFinalizersThatHold(
      String before, String option, String after) {
    create(before.equals("-") ? new String[0] : before.split(" ", -1));
    String[] words = option.split(":", -1);
    String value = option.contains("Dependents") ? words[1] : "'" + words[words.length - 1] + "'";
    String body = option.equals("-") ? "" : "{'" + words[0] + "':" + value + "}";
    Reply reply = scene.client.delete(ONE, Scene.json(body));
    assertEquals(200, reply.status(), reply::text);
    Reply read = scene.client.get(ONE);
    if (after.equals("gone")) {
      assertEquals("Success", reply.at("/status"));
      assertEquals(404, read.status());
    } else {
      assertEquals(List.of(after.split(" ", -1)), finalizers(read.json()), read::text);
      assertEquals(reply.text(), read.text());
      assertFalse(read.at("/metadata/deletionTimestamp").isEmpty());
      assertEquals(0, read.json().at("/metadata/deletionGracePeriodSeconds").asInt(-1));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "'{\"propagationPolicy\":\"Sideways\"}', 422",
    "'{\"propagationPolicy\":\"Orphan\",\"orphanDependents\":true}', 422",
    "'{\"dryRun\":[\"Some\"]}', 422",
    "'{\"kind\":\"ConfigMap\",\"apiVersion\":\"v1\"}', 400",
    "'{', 400",
    "'[]', 400",
    "'{\"preconditions\":{\"uid\":\"other\"}}', 409",
    "'{\"preconditions\":{\"resourceVersion\":\"1\"}}', 409",
  })
  void delete_optionsThatAreWrong_changeNothing(String body, int status) {
    Reply created = create();
    Reply reply = scene.client.delete(ONE, body);
    assertEquals(status, reply.status(), reply::text);
    assertEquals(created.text(), scene.client.get(ONE).text());
  }

  @Test
  void delete_preconditionsThatHold_removes() {
    Reply created = create();
    String body =
        "{'preconditions':{'uid':'"
            + created.at("/metadata/uid")
            + "','resourceVersion':'"
            + created.at("/metadata/resourceVersion")
            + "'}}";
    assertEquals(200, scene.client.delete(ONE, Scene.json(body)).status());
    assertEquals(404, scene.client.get(ONE).status());
  }

  @Test
  void delete_status_tellsWhatIsGone() {
    Reply created = create();
    Reply reply = scene.client.delete(ONE, "");
    assertEquals("Success", reply.at("/status"), reply::text);
    assertEquals("one", reply.at("/details/name"));
    assertEquals("configmaps", reply.at("/details/kind"));
    assertEquals(created.at("/metadata/uid"), reply.at("/details/uid"));
  }

  @Test
  void delete_again_keepsTheTimestampAndTakesAnotherPolicy() {
    create("x/y");
    Reply first = scene.client.delete(ONE, "");
    Reply second = scene.client.delete(ONE, Scene.json("{'propagationPolicy':'Foreground'}"));
    assertEquals(List.of("x/y", "foregroundDeletion"), finalizers(second.json()));
    assertEquals(first.at("/metadata/deletionTimestamp"), second.at("/metadata/deletionTimestamp"));
    Reply third = scene.client.delete(ONE, Scene.json("{'gracePeriodSeconds':30}"));
    assertEquals(second.text(), third.text(), "nothing is changed, nothing is written");
  }

  @Test
  void finalizers_emptiedByAnyUpdate_removeTheDeletingObjectOnly() {
    create("x/y", "z/z");
    scene.merge(ONE, "{'metadata':{'finalizers':['x/y']}}");
    scene.merge(ONE, "{'metadata':{'finalizers':[]}}");
    assertEquals(200, scene.client.get(ONE).status(), "it was not being deleted");
    scene.merge(ONE, "{'metadata':{'finalizers':['x/y']}}");
    assertEquals(200, scene.client.delete(ONE, "").status());
    scene.merge(ONE, "{'data':{'a':'b'}}");
    String last = scene.client.get(ONE).text().replace("[\"x/y\"]", "[]");
    assertTrue(last.contains("\"finalizers\":[]"), last);
    Reply removed = scene.client.put(ONE, last);
    assertEquals(200, removed.status(), removed::text);
    assertEquals(404, scene.client.get(ONE).status());
  }

  @Test
  void deletionTimestamp_writtenByAClient_isIgnored() {
    Reply created =
        scene.create(
            MAPS,
            "{'metadata':{'name':'one','deletionTimestamp':'2001-01-01T00:00:00Z',"
                + "'deletionGracePeriodSeconds':3}}");
    assertTrue(created.json().at("/metadata/deletionTimestamp").isMissingNode(), created::text);
    scene.merge(ONE, "{'metadata':{'deletionTimestamp':'2001-01-01T00:00:00Z'}}");
    assertTrue(scene.client.get(ONE).json().at("/metadata/deletionTimestamp").isMissingNode());
  }

  @Test
  void deletion_ofAnObjectWithAGeneration_countsIt() {
    scene.create(Scene.WIDGETS, "{'metadata':{'name':'w','finalizers':['x/y']},'spec':{'size':1}}");
    Reply reply = scene.client.delete(Scene.WIDGETS + "/w", "");
    assertEquals(2, reply.json().at("/metadata/generation").asInt(0), reply::text);
    Reply again = scene.client.delete(Scene.WIDGETS + "/w", "");
    assertEquals(2, again.json().at("/metadata/generation").asInt(0));
  }

  @Test
  void deleteCollection_isWatchedAndReturnsWhatItDeleted() {
    for (String each : List.of("a", "b", "c")) {
      scene.create(MAPS, "{'metadata':{'name':'" + each + "'}}");
    }
    String from = scene.client.get(MAPS).at("/metadata/resourceVersion");
    try (TestWatch watch =
        scene.client.watch(MAPS + "?watch=true&resourceVersion=" + from, Headers.NONE)) {
      Reply reply = scene.client.delete(MAPS, "");
      assertEquals(200, reply.status(), reply::text);
      assertEquals(List.of("a", "b", "c"), Scene.names(reply.json()));
      assertEquals("DELETED a", watch.brief());
      assertEquals("DELETED b", watch.brief());
      assertEquals("DELETED c", watch.brief());
    }
    assertEquals(List.of(), scene.names(MAPS));
  }

  @Test
  void deleteCollection_ofNothing_isAnEmptyList() {
    Reply reply = scene.client.delete(MAPS, "");
    assertEquals(200, reply.status(), reply::text);
    assertEquals(List.of(), Scene.names(reply.json()));
  }

  @Test
  void deleteCollection_withFinalizers_marksThem() {
    create("x/y");
    Reply reply = scene.client.delete(MAPS + "?propagationPolicy=Foreground", "");
    assertEquals(List.of("one"), Scene.names(reply.json()));
    assertEquals(List.of("x/y", "foregroundDeletion"), finalizers(scene.client.get(ONE).json()));
  }

  @Test
  void deleteCollection_byManyAtOnce_neverFailsOverWhatIsGone() throws InterruptedException {
    for (int i = 0; i < 50; i++) {
      scene.create(MAPS, "{'metadata':{'name':'m" + i + "'}}");
    }
    List<Integer> answers = Collections.synchronizedList(new ArrayList<>());
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      threads.add(
          Thread.ofVirtual().start(() -> answers.add(scene.client.delete(MAPS, "").status())));
    }
    for (Thread each : threads) {
      each.join();
    }
    assertEquals(List.of(200, 200, 200, 200, 200, 200, 200, 200), answers);
    assertEquals(List.of(), scene.names(MAPS));
  }
}
