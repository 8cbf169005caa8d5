package dev.otherix.apiserver.openapi;

import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;

/// The message `Schema` of the package `openapi.v2`.
final class SwaggerSchema {
  private SwaggerSchema() {}

  static ProtoBuffer message(JsonNode schema) {
    ProtoBuffer out = new ProtoBuffer();
    for (Map.Entry<String, JsonNode> each : schema.properties()) {
      member(out, each.getKey(), each.getValue());
    }
    SwaggerMessages.extensions(out, 31, schema);
    return out;
  }

  private static void member(ProtoBuffer out, String name, JsonNode value) {
    switch (name) {
      case "$ref" -> out.string(1, value.asString(""));
      case "format" -> out.string(2, value.asString(""));
      case "title" -> out.string(3, value.asString(""));
      case "description" -> out.string(4, value.asString(""));
      case "default" -> out.message(5, SwaggerMessages.any(value));
      case "multipleOf" -> out.number(6, value.doubleValue());
      case "maximum" -> out.number(7, value.doubleValue());
      case "exclusiveMaximum" -> out.bool(8, value.asBoolean(false));
      case "minimum" -> out.number(9, value.doubleValue());
      case "exclusiveMinimum" -> out.bool(10, value.asBoolean(false));
      case "maxLength" -> out.integer(11, value.longValue());
      case "minLength" -> out.integer(12, value.longValue());
      case "pattern" -> out.string(13, value.asString(""));
      case "maxItems" -> out.integer(14, value.longValue());
      case "minItems" -> out.integer(15, value.longValue());
      case "uniqueItems" -> out.bool(16, value.asBoolean(false));
      case "maxProperties" -> out.integer(17, value.longValue());
      case "minProperties" -> out.integer(18, value.longValue());
      case "required" -> SwaggerMessages.texts(out, 19, value);
      case "enum" -> value.forEach(each -> out.message(20, SwaggerMessages.any(each)));
      case "additionalProperties" -> out.message(21, additional(value));
      case "type" -> out.message(22, type(value));
      case "items" -> out.message(23, items(value));
      case "properties" -> out.message(25, properties(value));
      case "externalDocs" -> out.message(29, externalDocs(value));
      case "example" -> out.message(30, SwaggerMessages.any(value));
      default -> {
        // Extensions follow together; the rest has no field.
      }
    }
  }

  private static ProtoBuffer additional(JsonNode value) {
    ProtoBuffer out = new ProtoBuffer();
    return value.isBoolean() ? out.bool(2, value.booleanValue()) : out.message(1, message(value));
  }

  private static ProtoBuffer type(JsonNode value) {
    ProtoBuffer out = new ProtoBuffer();
    if (value instanceof ArrayNode types) {
      SwaggerMessages.texts(out, 1, types);
    } else {
      out.item(1, value.asString(""));
    }
    return out;
  }

  private static ProtoBuffer items(JsonNode value) {
    return new ProtoBuffer().message(1, message(value));
  }

  private static ProtoBuffer properties(JsonNode value) {
    ProtoBuffer out = new ProtoBuffer();
    for (Map.Entry<String, JsonNode> each : value.properties()) {
      out.message(1, SwaggerMessages.named(each.getKey(), message(each.getValue())));
    }
    return out;
  }

  private static ProtoBuffer externalDocs(JsonNode value) {
    return new ProtoBuffer()
        .string(1, SwaggerMessages.text(value, "description"))
        .string(2, SwaggerMessages.text(value, "url"));
  }
}
