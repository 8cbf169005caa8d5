package dev.otherix.apimachinery.schema;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.apimachinery.status.ApiException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.node.ObjectNode;

final class JsonPathTest {
  private final ObjectNode object =
      TestKinds.json(
          "{'a': {'b': [{'c': 1, 't': 'x'}, {'c': 2, 't': 'y'}, {'c': 3, 't': 'x'}]},"
              + " 'k.x/y': 'z', 'n': null}");

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          .a.b[0].c | [1]
          .a.b[-1].c | [3]
          .a.b[7].c | []
          .a.b[*].c | [1, 2, 3]
          .a.b[?(@.t=="x")].c | [1, 3]
          .a.b[?(@.t == 'y')].c | [2]
          .a.b[?(@.t!="x")].c | [2]
          .a.b[?(@.c==3)].t | ["x"]
          .a['b'][1].t | ["y"]
          ['k.x/y'] | ["z"]
          .k\\.x/y | ["z"]
          .a.z | []
          .a.b.c | []
          .n | [null]
          """)
  void all_path_findsValues(String path, String expected) {
    assertEquals(expected, JsonPath.parse(path).all(object).toString());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "a",
        ".",
        "..a",
        ".a[",
        ".a[]",
        ".a[x]",
        ".a['b",
        ".a[?(@.b)]",
        ".a[?(@.b==]",
        ".a]",
        ".a[1",
        ".a[99999999]",
        "$",
        ".a[?(@.b==x)]"
      })
  void parse_notAPath_isRefusedWithExamples(String text) {
    ApiException e = assertThrows(ApiException.class, () -> JsonPath.parse(text));
    assertEquals(400, e.code());
    assertTrue(e.status().message().startsWith("JSONPath "), e.status().message());
  }
}
