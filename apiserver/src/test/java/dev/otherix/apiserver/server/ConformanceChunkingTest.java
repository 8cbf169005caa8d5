package dev.otherix.apiserver.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.apiserver.http.Headers;
import dev.otherix.apiserver.registry.Resource;
import dev.otherix.apiserver.server.InProcessClient.Reply;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/// What Kubernetes' conformance tests `chunking` and `table_conversion` ask of a server.
final class ConformanceChunkingTest {
  private static final int OBJECTS = 40;
  private static final Headers TABLE =
      Headers.of("accept", "application/json;as=Table;v=v1;g=meta.k8s.io");

  private final Scene scene = new Scene();
  private final List<String> expected = new ArrayList<>();

  @BeforeEach
  void fill() {
    for (int i = 0; i < OBJECTS; i++) {
      String name = String.format(Locale.ROOT, "template-%04d", i);
      scene.create(Scene.CONFIG_MAPS, "{'metadata':{'name':'" + name + "'}}");
      expected.add(name);
    }
  }

  @AfterEach
  void stop() {
    scene.close();
  }

  @Test
  void chunking_pagesOfEverySize_returnEachObjectOnceAtOneRevision() {
    for (int limit : new int[] {1, 7, 17, 39, 40, 41}) {
      List<String> seen = new ArrayList<>();
      String token = "";
      String revision = "";
      do {
        Reply page = scene.client.get(Scene.CONFIG_MAPS + "?limit=" + limit + "&continue=" + token);
        assertEquals(200, page.status(), page::text);
        List<String> names = Scene.names(page.json());
        assertTrue(names.size() <= limit, page::text);
        seen.addAll(names);
        assertTrue(revision.isEmpty() || revision.equals(page.at("/metadata/resourceVersion")));
        revision = page.at("/metadata/resourceVersion");
        token = page.at("/metadata/continue");
        JsonNode left = page.json().at("/metadata/remainingItemCount");
        assertEquals(token.isEmpty(), left.isMissingNode(), page::text);
        assertEquals(OBJECTS - seen.size(), left.asInt(0));
      } while (!token.isEmpty());
      assertEquals(expected, seen, "limit " + limit);
    }
  }

  @Test
  void chunking_withSelector_doesNotTellHowManyRemain() {
    scene.merge(Scene.CONFIG_MAPS + "/template-0003", "{'metadata':{'labels':{'a':'b'}}}");
    scene.merge(Scene.CONFIG_MAPS + "/template-0009", "{'metadata':{'labels':{'a':'b'}}}");
    Reply page = scene.client.get(Scene.CONFIG_MAPS + "?limit=1&labelSelector=a");
    assertEquals(List.of("template-0003"), Scene.names(page.json()));
    assertFalse(page.at("/metadata/continue").isEmpty());
    assertTrue(page.json().at("/metadata/remainingItemCount").isMissingNode(), page::text);
    Reply rare = scene.client.get(Scene.CONFIG_MAPS + "?limit=2&labelSelector=a");
    assertEquals(2, rare.json().path("items").size());
    assertEquals("", rare.at("/metadata/continue"), "there is no third");
  }

  @Test
  void chunking_afterCompaction_continuesFromTheLastKey() {
    Reply first = scene.client.get(Scene.CONFIG_MAPS + "?limit=10");
    scene.create(Scene.CONFIG_MAPS, "{'metadata':{'name':'template-0020-new'}}");
    scene.create(Scene.CONFIG_MAPS, "{'metadata':{'name':'last'}}");
    compact();
    Reply gone =
        scene.client.get(
            Scene.CONFIG_MAPS + "?limit=10&continue=" + first.at("/metadata/continue"));
    assertEquals(410, gone.status(), gone::text);
    assertEquals("Expired", gone.at("/reason"));
    String token = gone.at("/metadata/continue");
    assertFalse(token.isEmpty(), "a token to go on with, inconsistently");
    Reply second = scene.client.get(Scene.CONFIG_MAPS + "?limit=15&continue=" + token);
    assertEquals(200, second.status(), second::text);
    List<String> names = Scene.names(second.json());
    assertEquals("template-0010", names.getFirst());
    assertTrue(names.contains("template-0020-new"), "the present state");
    assertTrue(
        Long.parseLong(second.at("/metadata/resourceVersion"))
            > Long.parseLong(first.at("/metadata/resourceVersion")));
    Reply third =
        scene.client.get(Scene.CONFIG_MAPS + "?continue=" + second.at("/metadata/continue"));
    assertEquals(OBJECTS + 1 - 10 - 15, third.json().path("items").size(), third::text);
    assertEquals("", third.at("/metadata/continue"));
  }

  private void compact() {
    long revision = scene.server.store().revision();
    scene.server.store().compact(revision);
    Resource maps =
        Objects.requireNonNull(scene.server.server().resources().find("", "configmaps"));
    maps.cache().forgetBefore(revision);
  }

  @Test
  void tableConversion_chunks_areTablesWithTokens() {
    Reply first = scene.client.send("GET", Scene.CONFIG_MAPS + "?limit=2", "", TABLE);
    assertEquals("Table", first.at("/kind"), first::text);
    assertEquals("meta.k8s.io/v1", first.at("/apiVersion"));
    assertEquals(2, first.json().path("rows").size());
    assertFalse(first.at("/metadata/resourceVersion").isEmpty());
    String token = first.at("/metadata/continue");
    assertFalse(token.isEmpty());
    Reply second = scene.client.send("GET", Scene.CONFIG_MAPS + "?continue=" + token, "", TABLE);
    assertEquals(OBJECTS - 2, second.json().path("rows").size());
    assertEquals("template-0002", second.at("/rows/0/cells/0"));
  }

  @Test
  void tableConversion_resourceWithoutMetadata_is406() {
    String path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
    String body =
        Scene.json("{'spec':{'resourceAttributes':{'verb':'list','resource':'configmaps'}}}");
    Reply reply = scene.client.send("POST", path, body, TABLE);
    assertEquals(406, reply.status(), reply::text);
    assertEquals("NotAcceptable", reply.at("/reason"));
  }

  @Test
  void write_thatCannotBeAnswered_changesNothing() {
    Headers cbor = Headers.of("accept", "application/cbor");
    String one = Scene.CONFIG_MAPS + "/template-0000";
    String revision = scene.revision(one);
    String body = Scene.json("{'metadata':{'name':'fresh'}}");
    assertEquals(406, scene.client.send("POST", Scene.CONFIG_MAPS, body, cbor).status());
    assertEquals(404, scene.client.get(Scene.CONFIG_MAPS + "/fresh").status());
    String changed = Scene.json("{'metadata':{'name':'template-0000'},'data':{'a':'b'}}");
    assertEquals(406, scene.client.send("PUT", one, changed, cbor).status());
    Headers merge = cbor.with("content-type", Scene.MERGE);
    String patch = Scene.json("{'data':{'a':'b'}}");
    assertEquals(406, scene.client.send("PATCH", one, patch, merge).status());
    assertEquals(406, scene.client.send("DELETE", one, "", cbor).status());
    assertEquals(revision, scene.revision(one));
    assertEquals(406, scene.client.send("DELETE", Scene.CONFIG_MAPS, "", cbor).status());
    assertEquals(OBJECTS, scene.names(Scene.CONFIG_MAPS).size());
  }

  @Test
  void delete_asTable_isAStatus() {
    Reply reply = scene.client.send("DELETE", Scene.CONFIG_MAPS + "/template-0000", "", TABLE);
    assertEquals(200, reply.status(), reply::text);
    assertEquals("Success", reply.at("/status"));
    assertEquals(404, scene.client.get(Scene.CONFIG_MAPS + "/template-0000").status());
  }
}
