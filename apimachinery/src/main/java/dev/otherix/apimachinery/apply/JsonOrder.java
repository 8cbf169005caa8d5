package dev.otherix.apimachinery.apply;

import dev.otherix.apimachinery.codec.Json;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// A total order of JSON values, and a hash that agrees with it: numbers (by value), strings,
/// booleans, lists, objects, null. Path elements are told apart and sorted by it.
final class JsonOrder {
  private JsonOrder() {}

  static int compare(JsonNode left, JsonNode right) {
    int byRank = Integer.compare(rank(left), rank(right));
    if (byRank != 0) {
      return byRank;
    }
    if (left.isString()) {
      return left.stringValue().compareTo(right.stringValue());
    }
    if (left.isNumber()) {
      return Json.compareNumbers(left, right);
    }
    if (left.isBoolean()) {
      return Boolean.compare(left.booleanValue(), right.booleanValue());
    }
    if (left instanceof ArrayNode items) {
      return compareItems(items, (ArrayNode) right);
    }
    return left instanceof ObjectNode members ? compareMembers(members, (ObjectNode) right) : 0;
  }

  /// Equal values have equal hashes, whatever node type holds a number.
  static int hash(JsonNode value) {
    if (value.isString()) {
      return value.stringValue().hashCode();
    }
    if (value.isNumber()) {
      return Double.hashCode(value.decimalValue().doubleValue());
    }
    if (value instanceof ArrayNode items) {
      int hash = 1;
      for (int i = 0; i < items.size(); i++) {
        hash = 31 * hash + hash(items.get(i));
      }
      return hash;
    }
    if (value instanceof ObjectNode members) {
      int hash = 7;
      for (Map.Entry<String, JsonNode> member : members.properties()) {
        hash += member.getKey().hashCode() ^ hash(member.getValue());
      }
      return hash;
    }
    return value.isBoolean() && value.booleanValue() ? 2 : 3;
  }

  private static int rank(JsonNode value) {
    return switch (value.getNodeType()) {
      case NUMBER -> 0;
      case STRING, BINARY -> 1;
      case BOOLEAN -> 2;
      case ARRAY -> 3;
      case OBJECT, POJO -> 4;
      case NULL, MISSING -> 5;
    };
  }

  private static int compareItems(ArrayNode left, ArrayNode right) {
    int shared = Math.min(left.size(), right.size());
    for (int i = 0; i < shared; i++) {
      int byItem = compare(left.get(i), right.get(i));
      if (byItem != 0) {
        return byItem;
      }
    }
    return Integer.compare(left.size(), right.size());
  }

  private static int compareMembers(ObjectNode left, ObjectNode right) {
    List<String> leftNames = new ArrayList<>(left.propertyNames());
    List<String> rightNames = new ArrayList<>(right.propertyNames());
    Collections.sort(leftNames);
    Collections.sort(rightNames);
    int shared = Math.min(leftNames.size(), rightNames.size());
    for (int i = 0; i < shared; i++) {
      String name = leftNames.get(i);
      int byName = name.compareTo(rightNames.get(i));
      int order = byName != 0 ? byName : compare(left.get(name), right.get(name));
      if (order != 0) {
        return order;
      }
    }
    return Integer.compare(leftNames.size(), rightNames.size());
  }
}
