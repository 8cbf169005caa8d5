package dev.otherix.apimachinery.schema;

import dev.otherix.apimachinery.status.FieldPath;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Removes members that a schema does not know. Confined to one call. Recursion is as deep as the
/// document, which the parser bounds.
final class Pruning {
  private List<FieldPath> removed = List.of();

  private Pruning() {}

  /// Removes unknown members in place and tells which.
  static List<FieldPath> prune(SchemaNode schema, JsonNode value) {
    Pruning pruning = new Pruning();
    pruning.value(schema, value, Place.ROOT);
    return pruning.removed;
  }

  private void value(@Nullable SchemaNode schema, JsonNode value, Place place) {
    if (value instanceof ObjectNode object) {
      if (schema == null || !opaque(schema)) {
        members(schema, object, place);
      }
    } else if (value instanceof ArrayNode array) {
      SchemaNode item = item(schema);
      if (item == null || !opaque(item)) {
        for (int i = 0; i < array.size(); i++) {
          JsonNode each = array.get(i);
          if (each.isContainer()) {
            value(item, each, place.item(i));
          }
        }
      }
    }
  }

  /// What items of a list are held against; null prunes every member of theirs.
  private static @Nullable SchemaNode item(@Nullable SchemaNode schema) {
    if (schema == null) {
      return null;
    }
    return schema.items() == null && !schema.preserveUnknownFields() ? null : schema.item();
  }

  private static boolean opaque(SchemaNode schema) {
    return schema.untyped();
  }

  private void members(@Nullable SchemaNode schema, ObjectNode object, Place place) {
    Iterator<Map.Entry<String, JsonNode>> members = object.properties().iterator();
    while (members.hasNext()) {
      Map.Entry<String, JsonNode> member = members.next();
      SchemaNode known = schema == null ? null : schema.properties().get(member.getKey());
      if (known == null && schema != null) {
        known = schema.member(member.getKey());
        if (known != null && member.getValue().isContainer()) {
          value(known, member.getValue(), place.key(member.getKey()));
          continue;
        }
      }
      if (known == null) {
        members.remove();
        if (removed.isEmpty()) {
          removed = new ArrayList<>();
        }
        removed.add(place.member(member.getKey()).path());
      } else if (member.getValue().isContainer()) {
        value(known, member.getValue(), place.member(member.getKey()));
      }
    }
  }
}
