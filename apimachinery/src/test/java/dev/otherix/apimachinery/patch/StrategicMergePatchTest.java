package dev.otherix.apimachinery.patch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.schema.SchemaNode;
import dev.otherix.apimachinery.schema.SchemaReader;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

final class StrategicMergePatchTest {
  private static final SchemaNode SCHEMA =
      SchemaReader.read(
          Json.parseObject(
              """
              {"type": "object", "properties": {
                "plain": {"type": "object", "x-kubernetes-preserve-unknown-fields": true},
                "map": {"type": "object", "additionalProperties": {"type": "object"}},
                "replaced": {"type": "object", "x-kubernetes-patch-strategy": "replace"},
                "atomic": {"type": "array"},
                "set": {"type": "array", "x-kubernetes-patch-strategy": "merge"},
                "ports": {"type": "array", "x-kubernetes-patch-strategy": "merge",
                  "x-kubernetes-patch-merge-key": "port"},
                "both": {"type": "array", "x-kubernetes-patch-strategy": "merge,retainKeys",
                  "x-kubernetes-patch-merge-key": "name"},
                "keyless": {"type": "array", "x-kubernetes-patch-strategy": "merge"},
                "items": {"type": "array", "x-kubernetes-patch-strategy": "merge",
                  "x-kubernetes-patch-merge-key": "name",
                  "items": {"type": "object", "properties": {
                    "ports": {"type": "array", "x-kubernetes-patch-strategy": "merge",
                      "x-kubernetes-patch-merge-key": "port"}}}}}}
              """));

  static List<Arguments> rows() {
    return Rows.of("strategic-merge-patch.json");
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("rows")
  void apply_row_givesItsResult(String what, JsonNode row) {
    Rows.check(
        row,
        (document, patch) ->
            StrategicMergePatch.apply((ObjectNode) document, (ObjectNode) patch, SCHEMA));
  }

  @Test
  void apply_schemaThatMergesObjectsWithoutKey_isABug() {
    ObjectNode document = Json.parseObject("{\"keyless\":[{\"a\":1}]}");
    assertThrows(
        IllegalStateException.class, () -> StrategicMergePatch.apply(document, document, SCHEMA));
  }

  @Test
  void apply_longLists_costNoMoreThanTheirLength() {
    ArrayNode items = JsonNodeFactory.instance.arrayNode();
    for (int i = 0; i < 50_000; i++) {
      items.addObject().put("name", "n" + i);
    }
    ObjectNode document = JsonNodeFactory.instance.objectNode().set("items", items);
    ObjectNode patch = document.deepCopy();
    patch.set("$setElementOrder/items", items.deepCopy());
    ObjectNode result =
        assertTimeoutPreemptively(
            Duration.ofSeconds(20), () -> StrategicMergePatch.apply(document, patch, SCHEMA));
    assertEquals(50_000, result.path("items").size());
  }

  @Test
  void apply_result_sharesNothingWithThePatch() {
    ObjectNode patch = Json.parseObject("{\"atomic\":[{\"a\":1}],\"plain\":{\"b\":{}}}");
    ObjectNode before = patch.deepCopy();
    ObjectNode result =
        StrategicMergePatch.apply(JsonNodeFactory.instance.objectNode(), patch, SCHEMA);
    ((ObjectNode) result.path("atomic").path(0)).put("a", 2);
    ((ObjectNode) result.path("plain").path("b")).put("c", 2);
    assertTrue(Json.equal(before, patch));
  }
}
