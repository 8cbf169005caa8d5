package dev.otherix.apimachinery.apply;

import dev.otherix.apimachinery.schema.ListType;
import dev.otherix.apimachinery.schema.SchemaNode;
import dev.otherix.apimachinery.schema.SchemaType;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.JsonNodeFactory;

/// The schema of a whole object: what a kind describes (mostly `spec` and `status`) plus the
/// members that every object has. Labels and annotations are owned entry by entry, finalizers item
/// by item, owner references by uid and each as a whole.
final class ObjectSchema {
  private static final SchemaNode TEXT = node(SchemaType.STRING, Map.of(), null, null, false);
  private static final SchemaNode NUMBER = node(SchemaType.INTEGER, Map.of(), null, null, false);
  private static final SchemaNode TEXT_MAP = node(SchemaType.OBJECT, Map.of(), TEXT, null, false);
  private static final SchemaNode METADATA = metadata();

  private ObjectSchema() {}

  /// `kind` with apiVersion, kind and metadata described, unless it describes metadata itself.
  static SchemaNode of(SchemaNode kind) {
    Map<String, SchemaNode> properties = new LinkedHashMap<>(kind.properties());
    properties.putIfAbsent("apiVersion", TEXT);
    properties.putIfAbsent("kind", TEXT);
    SchemaNode metadata = properties.get("metadata");
    if (metadata == null || metadata.properties().isEmpty()) {
      properties.put("metadata", METADATA);
    }
    return new SchemaNode(
        SchemaType.OBJECT,
        kind.nullable(),
        kind.description(),
        kind.format(),
        properties,
        kind.required(),
        kind.additionalProperties(),
        kind.items(),
        kind.preserveUnknownFields() || kind.type() == SchemaType.ANY,
        kind.embeddedResource(),
        kind.listType(),
        kind.listMapKeys(),
        false,
        kind.defaultValue(),
        kind.immutable(),
        kind.patchStrategy(),
        kind.patchMergeKey(),
        kind.rules(),
        kind.validations(),
        kind.source());
  }

  private static SchemaNode metadata() {
    Map<String, SchemaNode> properties = new LinkedHashMap<>();
    for (String name :
        List.of(
            "name",
            "generateName",
            "namespace",
            "uid",
            "resourceVersion",
            "creationTimestamp",
            "deletionTimestamp",
            "selfLink")) {
      properties.put(name, TEXT);
    }
    properties.put("generation", NUMBER);
    properties.put("deletionGracePeriodSeconds", NUMBER);
    properties.put("labels", TEXT_MAP);
    properties.put("annotations", TEXT_MAP);
    properties.put("finalizers", list(ListType.SET, List.of(), TEXT));
    properties.put("ownerReferences", list(ListType.MAP, List.of("uid"), ownerReference()));
    return node(SchemaType.OBJECT, properties, null, null, false);
  }

  private static SchemaNode ownerReference() {
    Map<String, SchemaNode> properties = new LinkedHashMap<>();
    for (String name : List.of("apiVersion", "kind", "name", "uid")) {
      properties.put(name, TEXT);
    }
    SchemaNode flag = node(SchemaType.BOOLEAN, Map.of(), null, null, false);
    properties.put("controller", flag);
    properties.put("blockOwnerDeletion", flag);
    return node(SchemaType.OBJECT, properties, null, null, true);
  }

  private static SchemaNode node(
      SchemaType type,
      Map<String, SchemaNode> properties,
      @Nullable SchemaNode additional,
      @Nullable SchemaNode items,
      boolean atomicMap) {
    return node(type, properties, additional, items, atomicMap, ListType.ATOMIC, List.of());
  }

  private static SchemaNode list(ListType type, List<String> keys, SchemaNode items) {
    return node(SchemaType.ARRAY, Map.of(), null, items, false, type, keys);
  }

  private static SchemaNode node(
      SchemaType type,
      Map<String, SchemaNode> properties,
      @Nullable SchemaNode additional,
      @Nullable SchemaNode items,
      boolean atomicMap,
      ListType listType,
      List<String> keys) {
    return new SchemaNode(
        type,
        false,
        "",
        "",
        properties,
        Set.of(),
        additional,
        items,
        false,
        false,
        listType,
        keys,
        atomicMap,
        null,
        false,
        "",
        "",
        List.of(),
        List.of(),
        JsonNodeFactory.instance.objectNode());
  }
}
