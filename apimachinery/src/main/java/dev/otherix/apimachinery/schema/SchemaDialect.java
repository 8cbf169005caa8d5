package dev.otherix.apimachinery.schema;

import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Brings schemas into the one dialect that this package works with: Kubernetes' structural
/// schemas, but with numbers for `exclusiveMinimum` and `exclusiveMaximum` as JSON Schema 2020-12
/// has them. Each method returns a new tree and leaves what it does not understand alone.
final class SchemaDialect {
  private static final String[][] EXCLUSIVE = {
    {"minimum", "exclusiveMinimum"}, {"maximum", "exclusiveMaximum"}
  };

  private SchemaDialect() {}

  /// `type: [X, "null"]` becomes `nullable`, `const` an `enum` of one, and `additionalProperties:
  /// false` goes: unknown fields are errors anyway.
  static ObjectNode fromJsonSchema(ObjectNode schema) {
    return each(schema, SchemaDialect::jsonSchemaNode);
  }

  /// OpenAPI 3.0, as CustomResourceDefinitions have it: `exclusiveMinimum: true` beside `minimum`.
  static ObjectNode fromOpenApi(ObjectNode schema) {
    return each(schema, SchemaDialect::openApiNode);
  }

  /// The way back, for publication.
  static ObjectNode toOpenApi(ObjectNode schema) {
    return each(schema, SchemaDialect::publishedNode);
  }

  private interface NodeChange {
    void apply(ObjectNode node);
  }

  private static ObjectNode each(ObjectNode schema, NodeChange change) {
    ObjectNode out = JsonNodeFactory.instance.objectNode();
    for (Map.Entry<String, JsonNode> member : schema.properties()) {
      String keyword = member.getKey();
      JsonNode value = member.getValue();
      switch (keyword) {
        case "properties" -> {
          if (value instanceof ObjectNode properties) {
            ObjectNode changed = out.putObject(keyword);
            properties
                .properties()
                .forEach(each -> changed.set(each.getKey(), below(each.getValue(), change)));
          } else {
            out.set(keyword, value);
          }
        }
        case "items", "additionalProperties", "not" -> out.set(keyword, below(value, change));
        case "allOf", "anyOf", "oneOf" -> {
          if (value instanceof ArrayNode branches) {
            ArrayNode changed = out.putArray(keyword);
            branches.forEach(each -> changed.add(below(each, change)));
          } else {
            out.set(keyword, value);
          }
        }
        default -> out.set(keyword, value.deepCopy());
      }
    }
    change.apply(out);
    return out;
  }

  private static JsonNode below(JsonNode value, NodeChange change) {
    return value instanceof ObjectNode object ? each(object, change) : value;
  }

  private static void jsonSchemaNode(ObjectNode node) {
    if (node.get("type") instanceof ArrayNode types && types.size() == 2) {
      int other = types.get(0).asString("").equals("null") ? 1 : 0;
      if (types.get(1 - other).asString("").equals("null")) {
        node.set("type", types.get(other));
        node.put("nullable", true);
      }
    }
    JsonNode constant = node.get("const");
    if (constant != null && !node.has("enum")) {
      node.remove("const");
      node.putArray("enum").add(constant);
    }
    JsonNode additional = node.path("additionalProperties");
    if (additional.isBoolean() && !additional.booleanValue()) {
      node.remove("additionalProperties");
    }
    node.remove("$comment");
  }

  private static void openApiNode(ObjectNode node) {
    for (String[] pair : EXCLUSIVE) {
      JsonNode exclusive = node.path(pair[1]);
      if (!exclusive.isBoolean()) {
        continue;
      }
      node.remove(pair[1]);
      JsonNode bound = node.get(pair[0]);
      if (exclusive.booleanValue() && bound != null) {
        node.remove(pair[0]);
        node.set(pair[1], bound);
      }
    }
  }

  private static void publishedNode(ObjectNode node) {
    for (String[] pair : EXCLUSIVE) {
      JsonNode bound = node.path(pair[1]);
      if (bound.isNumber()) {
        node.set(pair[0], bound);
        node.put(pair[1], true);
      }
    }
  }
}
