package dev.otherix.apimachinery.patch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.status.ApiException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.function.BinaryOperator;
import org.junit.jupiter.params.provider.Arguments;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.StringNode;

/// The tables of patch examples: a JSON list of rows `{"c": what it shows, "doc", "patch"}`, with
/// either `result` or `code` and a part of the message, `says`. Where a document that repeats a
/// member matters, it stands as text in `patchText`.
final class Rows {
  private Rows() {}

  static List<Arguments> of(String resource) {
    try (InputStream in =
        Objects.requireNonNull(Rows.class.getResourceAsStream("/patch/" + resource), resource)) {
      return Json.parse(new String(in.readAllBytes(), StandardCharsets.UTF_8))
          .valueStream()
          .map(row -> Arguments.of(row.path("c").asString(), row))
          .toList();
    } catch (IOException e) {
      throw new IllegalStateException("cannot read " + resource, e);
    }
  }

  static void check(JsonNode row, BinaryOperator<JsonNode> apply) {
    JsonNode document = Objects.requireNonNull(row.get("doc"), "doc");
    JsonNode before = document.deepCopy();
    if (row.get("result") == null) {
      ApiException e = assertThrows(ApiException.class, () -> apply.apply(document, patch(row)));
      assertEquals(row.path("code").asInt(), e.code(), e.getMessage());
      String says = row.path("says").asString();
      String message = String.valueOf(e.getMessage());
      assertTrue(!says.isEmpty() && message.contains(says), message);
    } else {
      JsonNode result = apply.apply(document, patch(row));
      assertTrue(
          Json.equal(row.get("result"), result), () -> row.get("result") + " but was " + result);
    }
    assertTrue(Json.equal(before, document), "the document was changed");
  }

  private static JsonNode patch(JsonNode row) {
    return row.get("patchText") instanceof StringNode text
        ? Json.parse(text.stringValue())
        : Objects.requireNonNull(row.get("patch"), "patch");
  }
}
