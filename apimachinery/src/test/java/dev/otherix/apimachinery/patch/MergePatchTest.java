package dev.otherix.apimachinery.patch;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.apimachinery.codec.Json;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

final class MergePatchTest {
  static List<Arguments> rows() {
    return Rows.of("merge-patch.json");
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("rows")
  void apply_row_givesItsResult(String what, JsonNode row) {
    Rows.check(row, MergePatch::apply);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"a\":1} | {\"a\":1} | {}",
        "{\"a\":1} | {\"a\":1.0} | {}",
        "{\"a\":1} | {\"a\":2} | {\"a\":2}",
        "{\"a\":1} | {} | {\"a\":null}",
        "{} | {\"a\":{}} | {\"a\":{}}",
        "{\"a\":{\"b\":1,\"c\":2}} | {\"a\":{\"b\":1,\"c\":3}} | {\"a\":{\"c\":3}}",
        "{\"a\":{\"b\":1}} | {\"a\":{}} | {\"a\":{\"b\":null}}",
        "{\"a\":[1,2]} | {\"a\":[1]} | {\"a\":[1]}",
        "{\"a\":{\"b\":1}} | {\"a\":[1]} | {\"a\":[1]}",
        "{\"a\":[1]} | {\"a\":{\"b\":1}} | {\"a\":{\"b\":1}}",
        "{\"a\":null} | {\"a\":null} | {}",
        "{\"a\":null} | {} | {\"a\":null}",
        "{\"a\":1} | [1] | [1]",
        "[1] | {\"a\":1} | {\"a\":1}",
        "1 | 1 | 1",
      })
  void diff_twoTrees_isTheSmallestPatch(String from, String to, String patch) {
    JsonNode difference = MergePatch.diff(Json.parse(from), Json.parse(to));
    assertTrue(Json.equal(Json.parse(patch), difference), difference::toString);
    assertTrue(
        Json.equal(Json.parse(to), MergePatch.apply(Json.parse(from), difference))
            || to.contains("null"));
  }

  @Test
  void apply_result_sharesNothingWithThePatch() {
    JsonNode patch = Json.parse("{\"a\":{\"b\":[{}]}}");
    JsonNode result = MergePatch.apply(null, patch);
    ((ObjectNode) result.path("a").path("b").path(0)).put("c", 1);
    assertTrue(Json.equal(Json.parse("{\"a\":{\"b\":[{}]}}"), patch));
  }
}
