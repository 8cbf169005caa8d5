package dev.otherix.apimachinery.patch;

import dev.otherix.apimachinery.schema.SchemaNode;
import dev.otherix.apimachinery.status.FieldPath;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Merges one list of a strategic merge patch: objects by their key, scalars as a set. Items are
/// found through a map, so that long lists cost no more than their length.
final class ListMerge {
  /// One item of the result.
  private static final class Slot {
    final @Nullable String key;
    final int originalIndex;
    JsonNode node;

    Slot(@Nullable String key, int originalIndex, JsonNode node) {
      this.key = key;
      this.originalIndex = originalIndex;
      this.node = node;
    }
  }

  private static final int NOT_IN_ORIGINAL = -1;

  private final SchemaNode schema;
  private final String mergeKey;
  private final FieldPath at;
  private final List<Slot> slots = new ArrayList<>();
  private final Map<String, Slot> byKey = new HashMap<>();
  private final Set<String> deleted = new HashSet<>();
  private final Map<String, Integer> patchOrder = new HashMap<>();
  private boolean replaced;

  private ListMerge(SchemaNode schema, FieldPath at) {
    this.schema = schema;
    this.mergeKey = schema.patchMergeKey();
    this.at = at;
  }

  /// @param original owned by the caller, who gives it up
  /// @param order the value of `$setElementOrder`, already known to be a list where it is there
  static ArrayNode merge(
      ArrayNode original,
      ArrayNode patch,
      @Nullable JsonNode order,
      SchemaNode schema,
      FieldPath at) {
    ListMerge merge = new ListMerge(schema, at);
    merge.requireOneKind(original, patch);
    merge.directives(patch);
    if (!merge.replaced) {
      merge.addOriginal(original);
    }
    List<String> patched = merge.addPatch(patch);
    merge.order(patched, order);
    return merge.result();
  }

  private void requireOneKind(ArrayNode original, ArrayNode patch) {
    boolean objects = (patch.isEmpty() ? original : patch).path(0).isObject();
    for (JsonNode item : original.values()) {
      requireKind(item, objects);
    }
    for (JsonNode item : patch.values()) {
      requireKind(item, objects);
    }
  }

  private void requireKind(JsonNode item, boolean objects) {
    if (item.isArray()) {
      throw Directive.unprocessable(at, "lists of lists cannot be merged");
    }
    if (item.isObject() != objects) {
      throw Directive.unprocessable(at, "the items must all be objects, or all be scalars");
    }
    if (objects && mergeKey.isEmpty()) {
      throw new IllegalStateException("the schema of " + at + " merges objects without a key");
    }
  }

  private void directives(ArrayNode patch) {
    for (int i = 0; i < patch.size(); i++) {
      if (patch.get(i) instanceof ObjectNode item) {
        switch (Directive.of(item, at.index(i))) {
          case DELETE -> deleted.add(requiredKey(item, at.index(i)));
          case REPLACE -> replaced = true;
          case MERGE -> {}
        }
      }
    }
  }

  private void addOriginal(ArrayNode original) {
    for (int i = 0; i < original.size(); i++) {
      JsonNode item = original.get(i);
      String key = ItemKey.of(item, mergeKey);
      boolean repeatedScalar = !item.isObject() && key != null && byKey.containsKey(key);
      if (!repeatedScalar && (key == null || !deleted.contains(key))) {
        add(new Slot(key, i, item));
      }
    }
  }

  /// The keys of the patch's items, in their order.
  private List<String> addPatch(ArrayNode patch) {
    List<String> keys = new ArrayList<>();
    for (int i = 0; i < patch.size(); i++) {
      JsonNode item = patch.get(i);
      FieldPath path = at.index(i);
      if (item instanceof ObjectNode object && Directive.of(object, path) != Directive.MERGE) {
        continue;
      }
      String key = requiredKey(item, path);
      keys.add(key);
      Slot slot = byKey.get(key);
      if (slot == null) {
        add(new Slot(key, NOT_IN_ORIGINAL, Directive.clean(item, path)));
      } else if (item instanceof ObjectNode object && slot.node instanceof ObjectNode current) {
        slot.node = ObjectMerge.merge(current, object, schema.item(), path);
      }
    }
    return keys;
  }

  private void add(Slot slot) {
    slots.add(slot);
    if (slot.key != null) {
      byKey.putIfAbsent(slot.key, slot);
    }
  }

  private String requiredKey(JsonNode item, FieldPath path) {
    String key = ItemKey.of(item, mergeKey);
    if (key == null) {
      throw Directive.unprocessable(
          path,
          item.isObject()
              ? "the item does not contain the declared merge key \"" + mergeKey + "\""
              : "null cannot be merged into a list");
    }
    return key;
  }

  private void order(List<String> patched, @Nullable JsonNode order) {
    if (order == null) {
      patched.forEach(key -> patchOrder.putIfAbsent(key, patchOrder.size()));
      return;
    }
    for (JsonNode item : order.values()) {
      String key = ItemKey.of(item, mergeKey);
      if (key == null) {
        throw Directive.malformed(at, "$setElementOrder needs the key of every item, not " + item);
      }
      patchOrder.putIfAbsent(key, patchOrder.size());
    }
    int last = -1;
    for (String key : patched) {
      Integer position = patchOrder.get(key);
      if (position == null || position < last) {
        throw Directive.malformed(
            at, "the order of the list does not match its $setElementOrder, which must name all");
      }
      last = position;
    }
  }

  /// The ordered items stand in their order, the others in that of the original, and where two of
  /// them were both in the original they keep that order too, as far as it goes.
  private ArrayNode result() {
    List<Slot> ordered = new ArrayList<>();
    List<Slot> others = new ArrayList<>();
    for (Slot slot : slots) {
      boolean named = slot.key != null && patchOrder.containsKey(slot.key);
      (named ? ordered : others).add(slot);
    }
    ordered.sort(Comparator.comparingInt(slot -> patchOrder.getOrDefault(slot.key, 0)));
    ArrayNode out = JsonNodeFactory.instance.arrayNode(slots.size());
    int left = 0;
    for (Slot slot : ordered) {
      while (left < others.size()
          && slot.originalIndex != NOT_IN_ORIGINAL
          && others.get(left).originalIndex < slot.originalIndex) {
        out.add(others.get(left++).node);
      }
      out.add(slot.node);
    }
    while (left < others.size()) {
      out.add(others.get(left++).node);
    }
    return out;
  }
}
