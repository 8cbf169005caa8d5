package dev.otherix.apimachinery.schema;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// One level of a structural schema, compiled: what validation, defaulting, pruning, server-side
/// apply and publication need to know of it. Immutable and shared by all threads.
///
/// @param properties named members, in the order of the schema file
/// @param additionalProperties the schema of every other member; exclusive with `properties`
/// @param items the schema of a list's items
/// @param preserveUnknownFields members that the schema does not name are kept
/// @param embeddedResource the value is an object with apiVersion, kind and metadata of its own
/// @param listMapKeys the members that tell items of a `MAP` list apart
/// @param atomicMap one manager owns the whole object (`x-kubernetes-map-type: atomic`)
/// @param defaultValue what an absent value becomes; never changed, copy it
/// @param immutable may not change after creation (`x-otherix-immutable`)
/// @param patchStrategy `x-kubernetes-patch-strategy` of a built-in kind, or empty
/// @param patchMergeKey `x-kubernetes-patch-merge-key` of a built-in kind, or empty
/// @param rules conditions between fields of an object (`x-otherix-rules`)
/// @param validations conditions in CEL (`x-kubernetes-validations`)
/// @param source the schema as it was written, `$ref` resolved; never changed, copy it
public record SchemaNode(
    SchemaType type,
    boolean nullable,
    String description,
    String format,
    Map<String, SchemaNode> properties,
    Set<String> required,
    @Nullable SchemaNode additionalProperties,
    @Nullable SchemaNode items,
    boolean preserveUnknownFields,
    boolean embeddedResource,
    ListType listType,
    List<String> listMapKeys,
    boolean atomicMap,
    @Nullable JsonNode defaultValue,
    boolean immutable,
    String patchStrategy,
    String patchMergeKey,
    List<Rule> rules,
    List<ExpressionRule> validations,
    ObjectNode source) {

  /// A value of which nothing is known: objects are maps of such values, lists are atomic.
  public static final SchemaNode UNTYPED =
      new SchemaNode(
          SchemaType.ANY,
          true,
          "",
          "",
          Map.of(),
          Set.of(),
          null,
          null,
          true,
          false,
          ListType.ATOMIC,
          List.of(),
          false,
          null,
          false,
          "",
          "",
          List.of(),
          List.of(),
          JsonNodeFactory.instance.objectNode());

  public SchemaNode {
    properties = Collections.unmodifiableMap(new LinkedHashMap<>(properties));
    required = Set.copyOf(required);
    listMapKeys = List.copyOf(listMapKeys);
    rules = List.copyOf(rules);
    validations = List.copyOf(validations);
  }

  /// The schema of member `name`: the named property, else the schema of additional members, else
  /// [#UNTYPED] where unknown members are preserved, else null: the member is unknown.
  public @Nullable SchemaNode member(String name) {
    SchemaNode named = properties.get(name);
    if (named != null) {
      return named;
    }
    if (additionalProperties != null) {
      return additionalProperties;
    }
    return preserveUnknownFields ? UNTYPED : null;
  }

  /// Whether nothing is known of the value, so that there is nothing to prune, default or check.
  boolean untyped() {
    return preserveUnknownFields && nullable && source.isEmpty();
  }

  /// This node with other members; everything else stays.
  SchemaNode withProperties(Map<String, SchemaNode> properties, Set<String> required) {
    return new SchemaNode(
        type,
        nullable,
        description,
        format,
        properties,
        required,
        additionalProperties,
        items,
        preserveUnknownFields,
        embeddedResource,
        listType,
        listMapKeys,
        atomicMap,
        defaultValue,
        immutable,
        patchStrategy,
        patchMergeKey,
        rules,
        validations,
        source);
  }

  /// The schema of a list's items; [#UNTYPED] where the schema does not say.
  public SchemaNode item() {
    return items == null ? UNTYPED : items;
  }
}
