package dev.otherix.apimachinery.patch;

import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Measures trees without writing them.
final class TreeSize {
  private TreeSize() {}

  /// Whether `tree` has more than `levels` objects and lists inside each other. Looks no deeper.
  static boolean deeperThan(JsonNode tree, int levels) {
    if (!tree.isContainer()) {
      return false;
    }
    if (levels == 0) {
      return true;
    }
    for (JsonNode child : tree.values()) {
      if (deeperThan(child, levels - 1)) {
        return true;
      }
    }
    return false;
  }

  /// About the length of the tree as JSON, escapes not counted. The caller bounds the depth.
  static long bytes(JsonNode tree) {
    return switch (tree) {
      case ObjectNode object -> {
        long sum = 2;
        for (Map.Entry<String, JsonNode> member : object.properties()) {
          sum += member.getKey().length() + 4 + bytes(member.getValue());
        }
        yield sum;
      }
      case ArrayNode list -> {
        long sum = 2;
        for (JsonNode item : list.values()) {
          sum += 1 + bytes(item);
        }
        yield sum;
      }
      case JsonNode scalar ->
          scalar.isString() ? scalar.stringValue().length() + 2L : scalar.toString().length();
    };
  }
}
