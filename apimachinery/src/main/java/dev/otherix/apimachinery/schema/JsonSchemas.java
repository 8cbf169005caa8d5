package dev.otherix.apimachinery.schema;

import com.google.re2j.Pattern;
import com.networknt.schema.Error;
import com.networknt.schema.ExecutionConfig;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SchemaRegistryConfig;
import com.networknt.schema.dialect.Dialects;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// The JSON Schema validator, which decides what a keyword means. Patterns are RE2, so that none
/// takes more than linear time. Formats are not its business but that of [Formats]. Thread-safe.
final class JsonSchemas {
  private static final SchemaRegistry REGISTRY =
      SchemaRegistry.builder()
          .defaultDialectId(Dialects.getDraft202012().getId())
          .schemaRegistryConfig(
              SchemaRegistryConfig.builder()
                  .formatAssertionsEnabled(false)
                  .regularExpressionFactory(regex -> {
                    Pattern pattern = Pattern.compile(regex);
                    return text -> pattern.matcher(text).find();
                  })
                  .build())
          .build();
  private static final ExecutionConfig FIRST_ERROR =
      ExecutionConfig.builder().failFast(true).formatAssertionsEnabled(false).build();

  private JsonSchemas() {}

  static Schema compile(ObjectNode schema) {
    return REGISTRY.getSchema(schema);
  }

  /// Everything wrong with a value, for schemas that look at one level only.
  static List<Error> validate(Schema schema, JsonNode value) {
    return schema.validate(value);
  }

  /// The first thing wrong with a value and what is below it, or nothing.
  static List<Error> firstError(Schema schema, JsonNode value) {
    return schema.validate(value, context -> context.setExecutionConfig(FIRST_ERROR));
  }

  /// A schema in our dialect (`nullable`, int-or-string) in the words of JSON Schema 2020-12.
  static ObjectNode translated(ObjectNode schema) {
    ObjectNode out = JsonNodeFactory.instance.objectNode();
    for (Map.Entry<String, JsonNode> member : schema.properties()) {
      JsonNode value = member.getValue();
      switch (member.getKey()) {
        case "properties" -> {
          ObjectNode properties = out.putObject("properties");
          value.properties().forEach(each -> properties.set(each.getKey(), below(each.getValue())));
        }
        case "items", "additionalProperties", "not" -> out.set(member.getKey(), below(value));
        case "allOf", "anyOf", "oneOf" -> {
          ArrayNode branches = out.putArray(member.getKey());
          value.forEach(each -> branches.add(below(each)));
        }
        case "type" -> out.set("type", type(schema));
        case "required",
            "enum",
            "minimum",
            "maximum",
            "exclusiveMinimum",
            "exclusiveMaximum",
            "multipleOf",
            "minLength",
            "maxLength",
            "pattern",
            "minItems",
            "maxItems",
            "minProperties",
            "maxProperties" ->
            out.set(member.getKey(), value);
        default -> {
          if (member.getKey().equals("x-kubernetes-int-or-string") && value.asBoolean(false)) {
            out.set("type", type(schema));
          }
        }
      }
    }
    return out;
  }

  private static JsonNode below(JsonNode schema) {
    return schema instanceof ObjectNode object ? translated(object) : schema;
  }

  private static JsonNode type(ObjectNode schema) {
    ArrayNode types = JsonNodeFactory.instance.arrayNode();
    if (SchemaReader.type(schema) == SchemaType.INT_OR_STRING) {
      types.add("integer").add("string");
    } else {
      types.add(schema.required("type"));
    }
    if (schema.path("nullable").asBoolean(false)) {
      types.add("null");
    }
    return types.size() == 1 ? types.get(0) : types;
  }
}
