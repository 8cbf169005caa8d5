package dev.otherix.apimachinery.schema;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Compiles a JSON Schema document into [SchemaNode]s.
public final class SchemaReader {
  private SchemaReader() {}

  /// Reads a schema whose structure is known to be sound, such as one in a test.
  public static SchemaNode read(ObjectNode schema) {
    Map<String, SchemaNode> properties = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> property : schema.path("properties").properties()) {
      properties.put(property.getKey(), read((ObjectNode) property.getValue()));
    }
    Set<String> required = new LinkedHashSet<>();
    schema.path("required").forEach(name -> required.add(name.asString()));
    List<String> listMapKeys = new ArrayList<>();
    schema.path("x-kubernetes-list-map-keys").forEach(name -> listMapKeys.add(name.asString()));
    return new SchemaNode(
        type(schema),
        schema.path("nullable").asBoolean(false),
        schema.path("description").asString(""),
        schema.path("format").asString(""),
        properties,
        required,
        child(schema.get("additionalProperties")),
        child(schema.get("items")),
        schema.path("x-kubernetes-preserve-unknown-fields").asBoolean(false),
        schema.path("x-kubernetes-embedded-resource").asBoolean(false),
        listType(schema),
        listMapKeys,
        schema.path("x-kubernetes-map-type").asString("").equals("atomic"),
        schema.get("default"),
        schema.path("x-otherix-immutable").asBoolean(false),
        schema.path("x-kubernetes-patch-strategy").asString(""),
        schema.path("x-kubernetes-patch-merge-key").asString(""),
        schema);
  }

  private static @Nullable SchemaNode child(@Nullable JsonNode schema) {
    if (schema instanceof ObjectNode object) {
      return read(object);
    }
    return schema != null && schema.asBoolean(false) ? SchemaNode.UNTYPED : null;
  }

  private static SchemaType type(ObjectNode schema) {
    if (schema.path("x-kubernetes-int-or-string").asBoolean(false)) {
      return SchemaType.INT_OR_STRING;
    }
    return switch (schema.path("type").asString("")) {
      case "object" -> SchemaType.OBJECT;
      case "array" -> SchemaType.ARRAY;
      case "string" -> SchemaType.STRING;
      case "integer" -> SchemaType.INTEGER;
      case "number" -> SchemaType.NUMBER;
      case "boolean" -> SchemaType.BOOLEAN;
      default -> SchemaType.ANY;
    };
  }

  private static ListType listType(ObjectNode schema) {
    return switch (schema.path("x-kubernetes-list-type").asString("")) {
      case "set" -> ListType.SET;
      case "map" -> ListType.MAP;
      default -> ListType.ATOMIC;
    };
  }
}
