package dev.otherix.apimachinery.informer;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.StringNode;

/// Makes of each tree one that holds the same in less memory and cannot be changed. The objects of
/// a collection resemble each other: kinds, labels, managers and their fields, the names of
/// members. What is equal in trees that come soon after each other becomes one. One thread uses it.
///
/// It remembers in tables of a fixed size where the newer displaces the older, so a part that
/// occurs often is mostly found, and memory is bounded whatever passes.
final class SharedTrees {
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  private static final int SLOT_BITS = 12;
  static final int SLOTS = 1 << SLOT_BITS;

  /// A longer text is hardly ever said twice.
  static final int TEXT_MAX = 128;

  /// From here on looking through the names one by one is slower than hashing.
  static final int FROZEN_MEMBERS_MAX = 32;

  private final JsonNode[] values = new JsonNode[SLOTS];
  private final Shape[] shapes = new Shape[SLOTS];
  private final FrozenMembers[] members = new FrozenMembers[SLOTS];
  private final ObjectNode[] objects = new ObjectNode[SLOTS];

  /// The names of an object's members, in order; objects of one shape share the array.
  record Shape(String[] names, int hash) {}

  /// How many values a part has at most that is remembered: what is in the tables outlives the
  /// objects that it came with.
  static final int WEIGHT_MAX = 256;

  /// Of the part that was made last. Equal parts have equal hashes.
  private int hash;

  /// Of the part that was made last: how many values it has; `WEIGHT_MAX` when it is not to be
  /// remembered.
  private int weight;

  /// The same as a tree that throws when somebody changes it. The depth of `tree` is bounded by
  /// what decoded it.
  ObjectNode share(ObjectNode tree) {
    return tree.size() > FROZEN_MEMBERS_MAX ? shareLarge(tree) : shareSmall(tree, false);
  }

  private JsonNode shareAny(JsonNode tree) {
    return switch (tree) {
      case ObjectNode object when object.size() > FROZEN_MEMBERS_MAX -> shareLarge(object);
      case ObjectNode object -> shareSmall(object, true);
      case ArrayNode array -> shareItems(array);
      case StringNode text when text.stringValue().length() > TEXT_MAX -> unshared(tree);
      case JsonNode scalar -> shareScalar(scalar);
    };
  }

  private JsonNode unshared(JsonNode tree) {
    weight = WEIGHT_MAX;
    return tree;
  }

  /// Of the part that was made last.
  int hash() {
    return hash;
  }

  /// Of the part that was made last.
  int weight() {
    return weight;
  }

  JsonNode shareScalar(JsonNode scalar) {
    hash = scalar.hashCode();
    weight = 1;
    if (scalar.isBoolean() || scalar.isNull()) {
      return scalar;
    }
    int slot = slot(hash);
    JsonNode known = values[slot];
    if (known != null && known.getClass() == scalar.getClass() && known.equals(scalar)) {
      return known;
    }
    values[slot] = scalar;
    return scalar;
  }

  private ArrayNode shareItems(ArrayNode array) {
    List<JsonNode> items = new ArrayList<>(array.size());
    for (JsonNode each : array) {
      items.add(shareAny(each));
    }
    return array(List.copyOf(items));
  }

  /// An array of parts that were made before.
  ///
  /// @param items cannot be changed
  ArrayNode array(List<JsonNode> items) {
    weight = WEIGHT_MAX;
    return new ArrayNode(NODES, items);
  }

  private ObjectNode shareSmall(ObjectNode tree, boolean part) {
    String[] names = new String[tree.size()];
    JsonNode[] shared = new JsonNode[names.length];
    int hashes = 1;
    int weights = 1;
    int next = 0;
    for (Map.Entry<String, JsonNode> each : tree.properties()) {
      names[next] = each.getKey();
      shared[next++] = shareAny(each.getValue());
      hashes = 31 * hashes + hash;
      weights = Math.min(WEIGHT_MAX, weights + weight);
    }
    return object(shape(names), shared, hashes, weights, part);
  }

  /// An object of parts that were made before.
  ///
  /// @param shared belongs to the object
  /// @param hashes of the parts
  /// @param weights of the parts
  /// @param part whether another may be the same; the whole of an object hardly ever is
  ObjectNode object(Shape shape, JsonNode[] shared, int hashes, int weights, boolean part) {
    hash = 31 * hashes + shape.hash;
    weight = weights;
    if (!part || weights == WEIGHT_MAX) {
      return new ObjectNode(NODES, new FrozenMembers(shape.names, shared));
    }
    int slot = slot(hash);
    if (members[slot] != null && members[slot].holds(shape.names, shared)) {
      return objects[slot];
    }
    members[slot] = new FrozenMembers(shape.names, shared);
    objects[slot] = new ObjectNode(NODES, members[slot]);
    return objects[slot];
  }

  /// @param names belongs to the objects of this shape
  Shape shape(String[] names) {
    int hash = Arrays.hashCode(names);
    int slot = slot(hash);
    Shape known = shapes[slot];
    if (known == null || known.hash != hash || !Arrays.equals(known.names, names)) {
      known = new Shape(names, hash);
      shapes[slot] = known;
    }
    return known;
  }

  private ObjectNode shareLarge(ObjectNode tree) {
    Map<String, JsonNode> all = LinkedHashMap.newLinkedHashMap(tree.size());
    for (Map.Entry<String, JsonNode> each : tree.properties()) {
      all.put(each.getKey(), shareAny(each.getValue()));
    }
    weight = WEIGHT_MAX;
    return new ObjectNode(NODES, Collections.unmodifiableMap(all));
  }

  /// Hashes of small numbers and of short texts are close to each other: this spreads them.
  static int slot(int hash) {
    return (hash * 0x9E3779B9) >>> (Integer.SIZE - SLOT_BITS);
  }
}
