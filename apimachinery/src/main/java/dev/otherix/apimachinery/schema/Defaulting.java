package dev.otherix.apimachinery.schema;

import java.util.Iterator;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Fills in what a schema says an absent member means, from the top down, so that a default may
/// itself have members with defaults. A `null` where null is not a value counts as absent.
/// Recursion is as deep as the document, which the parser bounds, and its defaults.
final class Defaulting {
  private Defaulting() {}

  /// Drops nulls and sets defaults, in place.
  static void apply(SchemaNode schema, JsonNode value) {
    if (schema.untyped()) {
      return;
    }
    if (value instanceof ObjectNode object) {
      dropNulls(schema, object);
      setDefaults(schema, object);
      for (Map.Entry<String, JsonNode> member : object.properties()) {
        JsonNode below = member.getValue();
        SchemaNode known = below.isContainer() ? schema.member(member.getKey()) : null;
        if (known != null) {
          apply(known, below);
        }
      }
    } else if (value instanceof ArrayNode array) {
      SchemaNode item = schema.item();
      for (int i = 0; i < array.size(); i++) {
        JsonNode each = array.get(i);
        if (each.isContainer()) {
          apply(item, each);
        }
      }
    }
  }

  private static void dropNulls(SchemaNode schema, ObjectNode object) {
    Iterator<Map.Entry<String, JsonNode>> members = object.properties().iterator();
    while (members.hasNext()) {
      Map.Entry<String, JsonNode> member = members.next();
      SchemaNode known = member.getValue().isNull() ? schema.member(member.getKey()) : null;
      if (known != null && !known.nullable()) {
        members.remove();
      }
    }
  }

  private static void setDefaults(SchemaNode schema, ObjectNode object) {
    for (Map.Entry<String, SchemaNode> known : schema.properties().entrySet()) {
      JsonNode value = known.getValue().defaultValue();
      if (value != null && !object.has(known.getKey())) {
        object.set(known.getKey(), value.deepCopy());
      }
    }
  }
}
