package dev.otherix.apimachinery.informer;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.StringNode;

/// Makes equal trees that take less memory and cannot be changed: objects of a collection have the
/// same names everywhere, and many of the same values, which are shared. What was seen lately is
/// found again, in tables of a fixed size. For one thread at a time.
final class CompactTrees {
  /// Objects with more members stay hash maps.
  private static final int MEMBERS_MAX = 24;

  private static final int SHAPES_MAX = 4096;

  /// A power of two, as the next one.
  private static final int TEXTS = 4096;

  private static final int OBJECTS = 8192;
  private static final int TEXT_CHARACTERS_MAX = 128;

  private final Map<List<String>, String[]> shapes = new HashMap<>();
  private final StringNode[] texts = new StringNode[TEXTS];
  private final ObjectNode[] objects = new ObjectNode[OBJECTS];
  private final CompactMembers[] membersOf = new CompactMembers[OBJECTS];

  /// @param tree not to be used any more
  ObjectNode compact(ObjectNode tree) {
    int size = tree.size();
    if (size > MEMBERS_MAX) {
      tree.properties().forEach(each -> each.setValue(compact(each.getValue())));
      return tree;
    }
    List<String> names = new ArrayList<>(size);
    JsonNode[] values = new JsonNode[size];
    for (Map.Entry<String, JsonNode> each : tree.properties()) {
      values[names.size()] = compact(each.getValue());
      names.add(each.getKey());
    }
    return shared(shape(names), values);
  }

  private JsonNode compact(JsonNode value) {
    return switch (value) {
      case ObjectNode object -> compact(object);
      case ArrayNode array -> compact(array);
      case StringNode text -> shared(text);
      default -> value;
    };
  }

  private ArrayNode compact(ArrayNode array) {
    JsonNode[] values = new JsonNode[array.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = compact(array.get(i));
    }
    return new ArrayNode(JsonNodeFactory.instance, List.of(values));
  }

  private StringNode shared(StringNode text) {
    String value = text.stringValue();
    if (value.length() > TEXT_CHARACTERS_MAX) {
      return text;
    }
    int slot = spread(value.hashCode()) & (TEXTS - 1);
    StringNode known = texts[slot];
    if (known != null && known.stringValue().equals(value)) {
      return known;
    }
    texts[slot] = text;
    return text;
  }

  private String[] shape(List<String> names) {
    String[] known = shapes.get(names);
    if (known == null) {
      known = names.toArray(String[]::new);
      if (shapes.size() < SHAPES_MAX) {
        shapes.put(List.copyOf(names), known);
      }
    }
    return known;
  }

  /// The values are shared already where they can be, so equal objects have the very same ones.
  private ObjectNode shared(String[] names, JsonNode[] values) {
    int hash = System.identityHashCode(names);
    for (JsonNode each : values) {
      hash = 31 * hash + System.identityHashCode(each);
    }
    int slot = spread(hash) & (OBJECTS - 1);
    CompactMembers known = membersOf[slot];
    if (known != null && known.isOf(names, values)) {
      return objects[slot];
    }
    CompactMembers members = new CompactMembers(names, values);
    ObjectNode object = new ObjectNode(JsonNodeFactory.instance, members);
    membersOf[slot] = members;
    objects[slot] = object;
    return object;
  }

  private static int spread(int hash) {
    return hash ^ (hash >>> 16);
  }

  /// Forgets what it knows, for when the collection is read anew.
  void forget() {
    shapes.clear();
    Arrays.fill(texts, null);
    Arrays.fill(objects, null);
    Arrays.fill(membersOf, null);
  }
}
