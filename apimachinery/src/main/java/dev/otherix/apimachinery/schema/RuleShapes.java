package dev.otherix.apimachinery.schema;

import dev.otherix.apimachinery.status.FieldPath;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Whether every `x-otherix-rules` of a schema can be read.
final class RuleShapes {
  private final RuleReader reader;

  RuleShapes(SchemaProblems problems) {
    reader = new RuleReader(problems::add);
  }

  void check(ObjectNode schema, FieldPath path) {
    reader.read(schema.get(RuleReader.KEYWORD), path.child(RuleReader.KEYWORD));
    for (Map.Entry<String, JsonNode> each : schema.path("properties").properties()) {
      below(each.getValue(), path.child("properties").key(each.getKey()));
    }
    below(schema.path("items"), path.child("items"));
    below(schema.path("additionalProperties"), path.child("additionalProperties"));
  }

  private void below(JsonNode schema, FieldPath path) {
    if (schema instanceof ObjectNode object) {
      check(object, path);
    }
  }
}
