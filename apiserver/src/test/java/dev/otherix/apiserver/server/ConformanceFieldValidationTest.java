package dev.otherix.apiserver.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.apiserver.http.Headers;
import dev.otherix.apiserver.server.InProcessClient.Reply;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What Kubernetes' conformance test `field_validation` asks of a server.
final class ConformanceFieldValidationTest {
  private static final String OPEN =
      "{'type':'object','x-kubernetes-preserve-unknown-fields':true}";
  private static final String CLOSED =
      """
      {'type':'object','properties':{'spec':{'type':'object','properties':{
       'knownField1':{'type':'string'},'ports':{'type':'array','items':{'type':'object',
       'properties':{'hostPort':{'type':'integer'},'name':{'type':'string'}}}},
       'template':{'type':'object','x-kubernetes-embedded-resource':true,
       'x-kubernetes-preserve-unknown-fields':true}}}}}
      """;

  private final Scene scene = new Scene();
  private final String path = Scene.path("foos");

  @AfterEach
  void stop() {
    scene.close();
  }

  private Reply strict(String path, String quoted) {
    return scene.client.post(path + "?fieldValidation=Strict", Scene.json(quoted));
  }

  private Reply strictApply(String path, String quoted) {
    return scene.client.apply(path + "?fieldManager=m&fieldValidation=Strict", Scene.json(quoted));
  }

  @Test
  void customResourceWithoutSchema_unknownFields_arePreservedAndNoError() {
    scene.define(Scene.definition("foos", "Foo", OPEN), path);
    Reply reply = strict(path, "{'metadata':{'name':'a'},'spec':{'unknown':1,'b':{'c':[]}}}");
    assertEquals(201, reply.status(), reply::text);
    assertEquals(1, reply.json().at("/spec/unknown").asInt(0));
    Reply applied =
        strictApply(
            path + "/b",
            "{'apiVersion':'conform.io/v1','kind':'Foo','metadata':{'name':'b'},'spec':{'x':1}}");
    assertEquals(201, applied.status(), applied::text);
  }

  @Test
  void customResourceWithSchema_validObject_isTaken() {
    scene.define(Scene.definition("foos", "Foo", CLOSED), path);
    Reply reply =
        strict(path, "{'metadata':{'name':'a'},'spec':{'knownField1':'v','ports':[{'name':'x'}]}}");
    assertEquals(201, reply.status(), reply::text);
    assertTrue(reply.warnings().isEmpty());
  }

  @Test
  void customResourceWithSchema_extraProperties_areNamed() {
    scene.define(Scene.definition("foos", "Foo", CLOSED), path);
    Reply reply =
        strict(path, "{'metadata':{'name':'a'},'spec':{'extra':1,'ports':[{'hostPorts':1}]}}");
    assertEquals(400, reply.status(), reply::text);
    assertEquals("BadRequest", reply.at("/reason"));
    assertTrue(reply.at("/message").contains("unknown field \"spec.extra\""), reply::text);
    assertTrue(
        reply.at("/message").contains("unknown field \"spec.ports[0].hostPorts\""), reply::text);
    Reply applied =
        strictApply(
            path + "/a",
            "{'apiVersion':'conform.io/v1','kind':'Foo','metadata':{'name':'a'},"
                + "'spec':{'extra':1}}");
    assertTrue(applied.status() >= 400 && applied.status() < 500, applied::text);
    assertEquals(404, scene.client.get(path + "/a").status());
  }

  @Test
  void customResourceThatPreservesUnknown_duplicates_areStillFound() {
    scene.define(Scene.definition("foos", "Foo", OPEN), path);
    String body = "{'metadata':{'name':'a'},'spec':{'unknown':1,'unknown':2}}";
    Reply reply = strict(path, body);
    assertEquals(400, reply.status(), reply::text);
    assertTrue(reply.at("/message").contains("duplicate field \"spec.unknown\""), reply::text);
    Reply warned = scene.create(path, body);
    assertEquals("299 - \"duplicate field \\\"spec.unknown\\\"\"", warned.warnings().getFirst());
    assertEquals(2, warned.json().at("/spec/unknown").asInt(0), "the last one counts");
  }

  @Test
  void typedObject_unknownAndDuplicateFields_areNamed() {
    Reply reply =
        strict(
            Scene.CONFIG_MAPS,
            "{'metadata':{'name':'a'},'unknown':1,'data':{'k':'1','k':'2'},'immutable':true,"
                + "'immutable':false}");
    assertEquals(400, reply.status(), reply::text);
    for (String problem :
        new String[] {
          "duplicate field \"data.k\"", "duplicate field \"immutable\"", "unknown field \"unknown\""
        }) {
      assertTrue(reply.at("/message").contains(problem), () -> problem + ": " + reply.text());
    }
  }

  @Test
  void typedObject_unknownAndDuplicateFieldsInYaml_areNamed() {
    Reply reply =
        scene.client.send(
            "POST",
            Scene.CONFIG_MAPS + "?fieldValidation=Strict",
            "metadata:\n  name: a\nunknown: 1\ndata:\n  k: '1'\n  k: '2'\n",
            Headers.of("content-type", "application/yaml"));
    assertEquals(400, reply.status(), reply::text);
    assertTrue(reply.at("/message").contains("duplicate field \"data.k\""), reply::text);
    assertTrue(reply.at("/message").contains("unknown field \"unknown\""), reply::text);
  }

  @Test
  void customResource_unknownMetadataInRootAndEmbeddedObject_isFound() {
    scene.define(Scene.definition("foos", "Foo", CLOSED), path);
    Reply reply =
        strict(
            path,
            "{'metadata':{'name':'a','unknownMeta':1},'spec':{'template':{'apiVersion':'v1',"
                + "'kind':'X','metadata':{'name':'b','unknownSubMeta':2}}}}");
    assertEquals(400, reply.status(), reply::text);
    assertTrue(
        reply.at("/message").contains("unknown field \"metadata.unknownMeta\""), reply::text);
    assertTrue(
        reply.at("/message").contains("unknown field \"spec.template.metadata.unknownSubMeta\""),
        reply::text);
  }

  @Test
  void typedObject_unknownMetadata_isFound() {
    Reply reply = strict(Scene.CONFIG_MAPS, "{'metadata':{'name':'a','unknownMeta':1}}");
    assertEquals(400, reply.status(), reply::text);
    assertTrue(
        reply.at("/message").contains("unknown field \"metadata.unknownMeta\""), reply::text);
  }

  @ParameterizedTest
  @CsvSource({"PUT", "merge", "json", "apply"})
  void everyWayToWrite_unknownField_isStrictlyRefused(String way) {
    scene.create(Scene.CONFIG_MAPS, "{'metadata':{'name':'a'}}");
    String one = Scene.CONFIG_MAPS + "/a?fieldManager=m&fieldValidation=Strict";
    String revision = scene.revision(Scene.CONFIG_MAPS + "/a");
    String whole =
        Scene.json(
            "{'apiVersion':'v1','kind':'ConfigMap','metadata':{'name':'a'},'unknown':{'a':1}}");
    Reply reply =
        switch (way) {
          case "PUT" -> scene.client.put(one, whole);
          case "merge" -> scene.client.patch(one, Scene.MERGE, Scene.json("{'unknown':1}"));
          case "json" ->
              scene.client.patch(
                  one, Scene.JSON_PATCH, Scene.json("[{'op':'add','path':'/unknown','value':1}]"));
          default -> scene.client.apply(one, whole);
        };
    assertTrue(reply.status() == 400 || reply.status() == 422, reply::text);
    assertTrue(reply.text().contains("unknown field"), reply::text);
    assertEquals(revision, scene.revision(Scene.CONFIG_MAPS + "/a"));
  }

  @Test
  void fieldValidation_unknownValue_is422() {
    Reply reply =
        scene.client.post(
            Scene.CONFIG_MAPS + "?fieldValidation=Often", "{\"metadata\":{\"name\":\"a\"}}");
    assertEquals(422, reply.status(), reply::text);
  }
}
