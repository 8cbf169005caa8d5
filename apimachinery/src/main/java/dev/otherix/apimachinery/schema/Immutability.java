package dev.otherix.apimachinery.schema;

import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.status.FieldError;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.NullNode;
import tools.jackson.databind.node.ObjectNode;

/// The fields of a kind that an update may not change, as a tree that leads to them only.
/// Immutable. A field that is set or removed has changed. Items of a map list are compared with the
/// item of the same keys; items and map entries may come and go.
final class Immutability {
  private static final Immutability FIXED = new Immutability(Map.of(), null, List.of());

  private final Map<String, Immutability> members;

  /// What holds for every entry of a map, or every item of a list.
  private final @Nullable Immutability each;

  private final List<String> keys;

  private Immutability(
      Map<String, Immutability> members, @Nullable Immutability each, List<String> keys) {
    this.members = members;
    this.each = each;
    this.keys = keys;
  }

  /// Null when nothing below the node is immutable.
  static @Nullable Immutability of(SchemaNode node) {
    if (node.immutable()) {
      return FIXED;
    }
    Map<String, Immutability> members = new LinkedHashMap<>();
    node.properties()
        .forEach((name, below) -> {
          Immutability fixed = of(below);
          if (fixed != null) {
            members.put(name, fixed);
          }
        });
    SchemaNode below =
        node.additionalProperties() == null ? node.items() : node.additionalProperties();
    Immutability each = below == null ? null : of(below);
    return members.isEmpty() && each == null
        ? null
        : new Immutability(members, each, node.listMapKeys());
  }

  /// This tree, or an empty one, with one more immutable field.
  static Immutability with(@Nullable Immutability tree, List<String> names) {
    if (names.isEmpty() || tree == FIXED) {
      return FIXED;
    }
    Map<String, Immutability> members = new LinkedHashMap<>(tree == null ? Map.of() : tree.members);
    String first = names.getFirst();
    members.put(first, with(members.get(first), names.subList(1, names.size())));
    return new Immutability(
        members, tree == null ? null : tree.each, tree == null ? List.of() : tree.keys);
  }

  void check(@Nullable JsonNode old, @Nullable JsonNode changed, Place place, ErrorList errors) {
    if (this == FIXED) {
      if (!Json.equal(present(old), present(changed))) {
        errors.add(
            FieldError.invalid(
                place.path(), changed == null ? NullNode.instance : changed, "field is immutable"));
      }
    } else if (old instanceof ArrayNode before && changed instanceof ArrayNode after) {
      items(before, after, place, errors);
    } else {
      members(object(old), object(changed), place, errors);
    }
  }

  private void members(
      @Nullable ObjectNode old, @Nullable ObjectNode changed, Place place, ErrorList errors) {
    members.forEach((name, fixed) ->
        fixed.check(
            old == null ? null : old.get(name),
            changed == null ? null : changed.get(name),
            place.member(name),
            errors));
    if (each != null && old != null && changed != null) {
      for (Map.Entry<String, JsonNode> entry : changed.properties()) {
        JsonNode before = old.get(entry.getKey());
        if (before != null && !members.containsKey(entry.getKey())) {
          each.check(before, entry.getValue(), place.key(entry.getKey()), errors);
        }
      }
    }
  }

  private void items(ArrayNode old, ArrayNode changed, Place place, ErrorList errors) {
    if (each == null || keys.isEmpty()) {
      return;
    }
    Map<List<JsonNode>, JsonNode> before = new HashMap<>();
    for (JsonNode item : old) {
      before.put(keysOf(item), item);
    }
    for (int i = 0; i < changed.size(); i++) {
      JsonNode same = before.get(keysOf(changed.get(i)));
      if (same != null) {
        each.check(same, changed.get(i), place.item(i), errors);
      }
    }
  }

  private List<JsonNode> keysOf(JsonNode item) {
    List<JsonNode> values = new ArrayList<>(keys.size());
    for (String key : keys) {
      values.add(Uniqueness.comparable(item.path(key)));
    }
    return values;
  }

  private static @Nullable JsonNode present(@Nullable JsonNode value) {
    return value == null || value.isNull() ? null : value;
  }

  private static @Nullable ObjectNode object(@Nullable JsonNode value) {
    return value instanceof ObjectNode object ? object : null;
  }
}
