package dev.otherix.apimachinery.schema;

import dev.otherix.apimachinery.status.FieldPath;
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

  /// Reads a schema whose structure is known to be sound: one that [StructuralRules] has checked,
  /// or one in a test. Where objects stand that have metadata of their own, apiVersion, kind and
  /// metadata are known even if the schema does not name them.
  public static SchemaNode read(ObjectNode schema) {
    Map<String, SchemaNode> properties = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> property : schema.path("properties").properties()) {
      properties.put(property.getKey(), read((ObjectNode) property.getValue()));
    }
    Set<String> required = new LinkedHashSet<>();
    schema.path("required").forEach(name -> required.add(name.asString()));
    List<String> listMapKeys = new ArrayList<>();
    schema.path("x-kubernetes-list-map-keys").forEach(name -> listMapKeys.add(name.asString()));
    boolean embedded = schema.path("x-kubernetes-embedded-resource").asBoolean(false);
    SchemaNode node =
        new SchemaNode(
            type(schema),
            schema.path("nullable").asBoolean(false),
            schema.path("description").asString(""),
            schema.path("format").asString(""),
            properties,
            required,
            child(schema.get("additionalProperties")),
            child(schema.get("items")),
            schema.path("x-kubernetes-preserve-unknown-fields").asBoolean(false),
            embedded,
            listType(schema),
            listMapKeys,
            schema.path("x-kubernetes-map-type").asString("").equals("atomic"),
            schema.get("default"),
            schema.path("x-otherix-immutable").asBoolean(false),
            schema.path("x-kubernetes-patch-strategy").asString(""),
            schema.path("x-kubernetes-patch-merge-key").asString(""),
            new RuleReader(
                    problem -> {
                      throw new IllegalStateException(problem.toString());
                    })
                .read(schema.get(RuleReader.KEYWORD), FieldPath.ROOT.child(RuleReader.KEYWORD)),
            ExpressionRule.read(schema.path(ExpressionRule.KEYWORD)),
            schema);
    return embedded ? withTypeAndMetadata(node) : node;
  }

  /// [#read] for the root of a kind: apiVersion, kind and metadata are always known.
  static SchemaNode readRoot(ObjectNode schema) {
    SchemaNode node = read(schema);
    return node.embeddedResource() ? node : withTypeAndMetadata(node);
  }

  private static SchemaNode withTypeAndMetadata(SchemaNode node) {
    Map<String, SchemaNode> properties = new LinkedHashMap<>();
    SchemaNode object = MetaSchemas.typedObject();
    properties.putAll(object.properties());
    properties.putAll(node.properties());
    SchemaNode given = node.properties().get("metadata");
    if (given != null) {
      properties.put("metadata", restricted(MetaSchemas.objectMeta(), given));
    }
    Set<String> required = new LinkedHashSet<>(node.required());
    if (node.embeddedResource()) {
      required.add("apiVersion");
      required.add("kind");
    }
    return node.withProperties(properties, required);
  }

  /// Object metadata whose name the author restricts further.
  private static SchemaNode restricted(SchemaNode meta, SchemaNode given) {
    Map<String, SchemaNode> properties = new LinkedHashMap<>(meta.properties());
    for (String name : List.of("name", "generateName")) {
      SchemaNode own = given.properties().get(name);
      if (own != null) {
        properties.put(name, own);
      }
    }
    Set<String> required = new LinkedHashSet<>(meta.required());
    required.addAll(given.required());
    return meta.withProperties(properties, required);
  }

  private static @Nullable SchemaNode child(@Nullable JsonNode schema) {
    if (schema instanceof ObjectNode object) {
      return read(object);
    }
    return schema != null && schema.asBoolean(false) ? SchemaNode.UNTYPED : null;
  }

  static SchemaType type(ObjectNode schema) {
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
