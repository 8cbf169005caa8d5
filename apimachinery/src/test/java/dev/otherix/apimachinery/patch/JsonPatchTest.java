package dev.otherix.apimachinery.patch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.status.ApiException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

final class JsonPatchTest {
  static List<Arguments> rows() {
    return Rows.of("json-patch.json");
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("rows")
  void apply_row_givesItsResult(String what, JsonNode row) {
    Rows.check(row, (document, patch) -> JsonPatch.parse(patch).apply(document));
  }

  @Test
  void parse_moreOperationsThanTheLimit_is413() {
    ArrayNode patch = JsonNodeFactory.instance.arrayNode();
    for (int i = 0; i < JsonPatch.OPERATIONS_MAX; i++) {
      patch.addObject().put("op", "test").put("path", "").putObject("value");
    }
    JsonNode empty = JsonNodeFactory.instance.objectNode();
    assertTrue(Json.equal(empty, JsonPatch.parse(patch).apply(empty)));
    patch.add(patch.get(0));
    ApiException e = assertThrows(ApiException.class, () -> JsonPatch.parse(patch));
    assertEquals(413, e.code());
    assertEquals(
        "the JSON patch has 10001 operations; the limit is 10000, send several patches",
        e.getMessage());
  }

  @Test
  void apply_copiesThatDouble_stopAtTheCap() {
    ObjectNode document = JsonNodeFactory.instance.objectNode();
    document.put("a", "x".repeat(1024));
    ArrayNode patch = JsonNodeFactory.instance.arrayNode();
    for (int i = 0; i < 40; i++) {
      patch.addObject().put("op", "copy").put("from", "").put("path", "/m" + i);
    }
    ApiException e = assertThrows(ApiException.class, () -> JsonPatch.parse(patch).apply(document));
    assertEquals(413, e.code());
    assertTrue(String.valueOf(e.getMessage()).contains("exceeding the limit 3145728"));
  }

  @Test
  void apply_copiesBelowTheCap_areDone() {
    ObjectNode document = JsonNodeFactory.instance.objectNode();
    document.put("a", "x".repeat(1024 * 1024));
    ArrayNode patch = JsonNodeFactory.instance.arrayNode();
    patch.addObject().put("op", "copy").put("from", "/a").put("path", "/b");
    patch.addObject().put("op", "copy").put("from", "/a").put("path", "/c");
    assertEquals(3, JsonPatch.parse(patch).apply(document).size());
    patch.addObject().put("op", "copy").put("from", "/a").put("path", "/d");
    assertEquals(
        413, assertThrows(ApiException.class, () -> JsonPatch.parse(patch).apply(document)).code());
  }

  @Test
  void apply_movesThatNestDeeperAndDeeper_areRefused() {
    ArrayNode patch = JsonNodeFactory.instance.arrayNode();
    for (int i = 0; i < 3_000; i++) {
      patch.addObject().put("op", "add").put("path", "/b").putObject("value");
      patch.addObject().put("op", "move").put("from", "/a").put("path", "/b/a");
      patch.addObject().put("op", "move").put("from", "/b").put("path", "/a");
    }
    JsonNode document = Json.parse("{\"a\":{}}");
    ApiException e = assertThrows(ApiException.class, () -> JsonPatch.parse(patch).apply(document));
    assertEquals(422, e.code());
    assertTrue(String.valueOf(e.getMessage()).contains("200 nested levels"));
  }

  @Test
  void apply_samePatchTwice_sharesNothingBetweenTheResults() {
    JsonPatch patch =
        JsonPatch.parse(Json.parse("[{\"op\":\"add\",\"path\":\"/a\",\"value\":{\"b\":1}}]"));
    JsonNode first = patch.apply(Json.parse("{}"));
    ((ObjectNode) first.path("a")).put("b", 2);
    assertTrue(Json.equal(Json.parse("{\"a\":{\"b\":1}}"), patch.apply(Json.parse("{}"))));
  }
}
