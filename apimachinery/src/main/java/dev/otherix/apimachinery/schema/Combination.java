package dev.otherix.apimachinery.schema;

import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import dev.otherix.apimachinery.status.FieldPath;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// One `allOf` branch, `anyOf`, `oneOf` or `not` of a schema node, decided by the validator.
final class Combination {
  private static final List<String> KEYWORDS = List.of("anyOf", "oneOf", "not");

  private final String keyword;
  private final ObjectNode source;
  private final Schema schema;

  private Combination(String keyword, ObjectNode source) {
    this.keyword = keyword;
    this.source = source;
    this.schema = JsonSchemas.compile(JsonSchemas.translated(source));
  }

  /// Branches of `allOf` count as if they stood beside it, so that each is reported by itself.
  static List<Combination> of(ObjectNode schema) {
    List<Combination> found = new ArrayList<>();
    collect(schema, found);
    return List.copyOf(found);
  }

  private static void collect(ObjectNode schema, List<Combination> found) {
    for (String keyword : KEYWORDS) {
      JsonNode branches = schema.get(keyword);
      if (branches != null) {
        ObjectNode alone = JsonNodeFactory.instance.objectNode();
        alone.set(keyword, branches);
        found.add(new Combination(keyword, alone));
      }
    }
    for (JsonNode branch : schema.path("allOf")) {
      ObjectNode plain = ((ObjectNode) branch).deepCopy();
      plain.remove(List.of("allOf", "anyOf", "oneOf", "not"));
      if (!plain.isEmpty()) {
        found.add(new Combination("allOf", plain));
      }
      collect((ObjectNode) branch, found);
    }
  }

  void check(JsonNode value, Place place, ErrorList errors) {
    List<Error> found = JsonSchemas.firstError(schema, value);
    if (found.isEmpty()) {
      return;
    }
    if (keyword.equals("allOf")) {
      errors.add(ValueErrors.of(found.getFirst(), source, value, place));
    } else {
      FieldPath path = place.path();
      errors.add(ValueErrors.combination(path, keyword));
    }
  }
}
