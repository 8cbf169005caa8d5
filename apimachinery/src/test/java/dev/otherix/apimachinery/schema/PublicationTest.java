package dev.otherix.apimachinery.schema;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

final class PublicationTest {
  private static final String PREFIX = "io.k8s.apimachinery.pkg.apis.meta.v1.";

  private final List<Kind> kinds =
      List.of(
          TestKinds.machine(), CustomResource.kinds(CustomResourceTest.definition()).getFirst());
  private final ObjectNode v3 = OpenApiV3.document("Otherix", "v1", kinds);
  private final ObjectNode v2 = OpenApiV2.document("Otherix", "v1", kinds);

  /// One line per operation, the surface that clients see.
  @Test
  void v3_paths_areExactlyWhatIsServed() {
    StringBuilder out = new StringBuilder();
    for (Map.Entry<String, JsonNode> path : v3.required("paths").properties()) {
      for (Map.Entry<String, JsonNode> each : path.getValue().properties()) {
        JsonNode operation = each.getValue();
        out.append(each.getKey())
            .append(' ')
            .append(path.getKey())
            .append(' ')
            .append(operation.required("x-kubernetes-action").asString())
            .append(' ')
            .append(operation.required("operationId").asString())
            .append(' ')
            .append(operation.at("/x-kubernetes-group-version-kind/kind").asString())
            .append('\n');
      }
    }
    assertEquals(TestKinds.resource("operations.txt"), out.toString());
  }

  @Test
  void v3_traits_decideOperations() {
    Kind review =
        SchemaFile.read(
            "ask.json",
            TestKinds.json(
                """
                {'x-otherix-kind': {'group': 'example.io', 'version': 'v1', 'kind': 'Ask',
                  'plural': 'asks', 'scope': 'Cluster', 'traits': ['createOnly']},
                 'type': 'object'}
                """));
    ObjectNode asked = OpenApiV3.document("t", "1", List.of(review));
    assertEquals(Set.of("/apis/example.io/v1/asks"), Set.copyOf(names(asked, "paths")));
    assertEquals(
        List.of("post"), names((ObjectNode) asked.required("paths"), "/apis/example.io/v1/asks"));
    assertFalse(asked.at("/components/schemas").has("io.example.v1.AskList"));

    Kind merging =
        SchemaFile.read(
            "room.json",
            TestKinds.json(
                """
                {'x-otherix-kind': {'group': '', 'version': 'v1', 'kind': 'Room',
                  'plural': 'rooms', 'scope': 'Cluster', 'traits': ['strategicMerge'],
                  'subresources': {'updates': ['finalize']}},
                 'type': 'object'}
                """));
    ObjectNode merged = OpenApiV3.document("t", "1", List.of(merging));
    ObjectNode paths = (ObjectNode) merged.required("paths");
    assertEquals(List.of("put"), names(paths, "/api/v1/rooms/{name}/finalize"));
    assertTrue(
        paths
            .required("/api/v1/rooms/{name}")
            .required("patch")
            .required("requestBody")
            .required("content")
            .has("application/strategic-merge-patch+json"));
  }

  private static List<String> names(ObjectNode tree, String member) {
    return List.copyOf(tree.required(member).propertyNames());
  }

  @Test
  void v3_operationIds_areUnique() {
    Set<String> seen = new HashSet<>();
    for (JsonNode path : v3.required("paths")) {
      for (JsonNode operation : path) {
        assertTrue(seen.add(operation.required("operationId").asString()));
      }
    }
    assertTrue(seen.size() > 20);
  }

  /// What kubectl looks for before it sends a write: see the notes on create.
  @Test
  void v3_patch_declaresFieldValidationForTheKind() {
    JsonNode patch =
        v3.at("/paths/~1apis~1example.io~1v1~1namespaces~1{namespace}~1machines~1{name}/patch");
    assertTrue(patch.required("x-kubernetes-group-version-kind").isObject());
    boolean found = false;
    for (JsonNode parameter : patch.required("parameters")) {
      found |=
          parameter.path("name").asString().equals("fieldValidation")
              && parameter.path("in").asString().equals("query");
    }
    assertTrue(found);
  }

  @Test
  void v3_schemas_haveEverythingThatIsReferredTo() {
    assertReferences(v3, v3.at("/components/schemas"), MetaSchemas.REF);
    for (String name :
        List.of(
            "ObjectMeta",
            "ListMeta",
            "OwnerReference",
            "ManagedFieldsEntry",
            "FieldsV1",
            "Time",
            "Status",
            "StatusDetails",
            "StatusCause",
            "DeleteOptions",
            "Preconditions",
            "Patch",
            "WatchEvent")) {
      assertNotNull(v3.at("/components/schemas").get(PREFIX + name), name);
    }
  }

  @Test
  void v3_kindSchema_namesItsGvkAndCommonFields() {
    JsonNode schema = v3.at("/components/schemas/io.example.v1.Machine");
    assertEquals(
        "[{\"group\":\"example.io\",\"version\":\"v1\",\"kind\":\"Machine\"}]",
        schema.required("x-kubernetes-group-version-kind").toString());
    assertEquals(
        List.of("apiVersion", "kind", "metadata", "spec", "status"),
        List.copyOf(schema.required("properties").propertyNames()));
    assertEquals(
        "[{\"fieldPath\":\"spec.nodeName\"}]",
        schema.required("x-kubernetes-selectable-fields").toString());
    assertEquals(
        "MachineList",
        v3.at("/components/schemas/io.example.v1.MachineList")
            .at("/x-kubernetes-group-version-kind/0/kind")
            .asString());
    JsonNode percent = v3.at("/components/schemas/io.example.v1.Widget/properties/percent");
    assertTrue(percent.required("exclusiveMinimum").booleanValue());
    assertEquals(0, percent.required("minimum").intValue());
    assertEquals(
        true,
        v3.at("/components/schemas/io.example.v1.Machine/properties/spec/properties/description")
            .required("nullable")
            .booleanValue());
  }

  @Test
  void documents_sameKinds_sameBytes() {
    assertEquals(v3.toString(), OpenApiV3.document("Otherix", "v1", kinds).toString());
    assertEquals(v2.toString(), OpenApiV2.document("Otherix", "v1", kinds).toString());
  }

  @Test
  void v2_definitions_haveNoWordsThatSwaggerLacks() {
    assertEquals("2.0", v2.required("swagger").asString());
    assertReferences(v2, v2.required("definitions"), "#/definitions/");
    Set<String> keywords = new TreeSet<>();
    v2.required("definitions").forEach(each -> keywords(each, keywords));
    for (String word : List.of("oneOf", "anyOf", "allOf", "not", "nullable")) {
      assertFalse(keywords.contains(word), word);
    }
    assertFalse(
        v2.at("/definitions/io.example.v1.Machine/properties/spec/properties/description")
            .has("type"));
    JsonNode body =
        v2.at("/paths/~1apis~1example.io~1v1~1namespaces~1{namespace}~1machines/post/parameters");
    assertEquals(
        "#/definitions/io.example.v1.Machine",
        body.get(body.size() - 1).at("/schema/$ref").asString());
  }

  @Test
  void v2_projection_leavesOpenWhatItCannotSay() {
    assertEquals(
        TestKinds.json("{'x-kubernetes-int-or-string': true, 'format': 'int-or-string'}"),
        OpenApiV2.projected(
            TestKinds.json(
                "{'x-kubernetes-int-or-string': true, 'anyOf': [{'type': 'integer'}, {'type':"
                    + " 'string'}]}")));
    assertEquals(
        TestKinds.json("{'type': 'object', 'x-kubernetes-preserve-unknown-fields': true}"),
        OpenApiV2.projected(
            TestKinds.json(
                "{'type': 'object', 'x-kubernetes-preserve-unknown-fields': true, 'properties':"
                    + " {'a': {'type': 'string'}}, 'required': ['a']}")));
    assertEquals(
        TestKinds.json("{'description': 'x'}"),
        OpenApiV2.projected(
            TestKinds.json(
                "{'type': 'array', 'nullable': true, 'description': 'x', 'items': {'type':"
                    + " 'string'}}")));
  }

  private static void keywords(JsonNode schema, Set<String> out) {
    schema.propertyNames().forEach(out::add);
    schema.path("properties").forEach(each -> keywords(each, out));
    for (String word : List.of("items", "additionalProperties")) {
      if (schema.path(word).isObject()) {
        keywords(schema.path(word), out);
      }
    }
  }

  private static void assertReferences(JsonNode node, JsonNode known, String prefix) {
    if (node.path("$ref").isString()) {
      String name = node.path("$ref").asString();
      assertTrue(name.startsWith(prefix), name);
      assertTrue(known.has(name.substring(prefix.length())), name);
    }
    node.forEach(each -> assertReferences(each, known, prefix));
  }

  /// The file holds what kubectl 1.32 printed from our OpenAPI v3 document.
  @Test
  void explain_kindAndFields_readLikeKubectl() {
    Kind kind = kinds.getFirst();
    String text =
        Explain.explain(kind, List.of(), false)
            + "----\n"
            + Explain.explain(kind, List.of("spec", "powerState"), false)
            + "----\n"
            + Explain.explain(kind, List.of("spec", "disks", "name"), false)
            + "----\n"
            + Explain.explain(kind, List.of("status", "conditions"), true);
    assertEquals(TestKinds.resource("explain.txt"), text);
  }

  @Test
  void editorSchema_manifests_areJudgedLikeTheServerDoes() {
    EditorSchemaCheck check = new EditorSchemaCheck(kinds);
    ObjectNode good =
        TestKinds.json(
            "{'apiVersion': 'example.io/v1', 'kind': 'Machine', 'metadata': {'name': 'a'}, 'spec':"
                + " {'vcpus': 1, 'memory': '1Gi', 'snapshot': 's'}}");
    check.valid(good);
    check.valid(TestKinds.json("{'apiVersion': 'example.io/v1', 'kind': 'Widget', 'color': 'x'}"));
    check.invalid(TestKinds.json("{'apiVersion': 'example.io/v1', 'kind': 'Nothing'}"));
    check.invalid(TestKinds.json("{'kind': 'Widget'}"));
    check.invalid(TestKinds.json("{'apiVersion': 'example.io/v1', 'kind': 'Widget', 'colr': 1}"));
    check.invalid(good, "{'vcpus': 1, 'memory': '1Gi'}");
    check.invalid(
        good, "{'vcpus': 1, 'memory': '1Gi', 'snapshot': 's', 'image': {'url': 'https://x'}}");
    check.invalid(good, "{'vcpus': 0, 'memory': '1Gi', 'snapshot': 's'}");
    check.invalid(good, "{'vcpus': 1, 'memory': '1Gi', 'snapshot': 's', 'extra': 1}");
    check.invalid(
        good,
        "{'vcpus': 1, 'memory': '1Gi', 'snapshot': 's', 'restart': {'policy': 'Never', 'max':"
            + " 11}}");
    check.valid(
        good,
        "{'vcpus': 1, 'memory': '1Gi', 'snapshot': 's', 'description': null, 'restart': {'max':"
            + " 11}}");
  }
}
