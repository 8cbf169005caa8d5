package dev.otherix.apimachinery.schema;

import dev.otherix.apimachinery.status.FieldError;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.DecimalNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Items of a set differ; items of a map list have different keys.
final class Uniqueness {
  private Uniqueness() {}

  static void checkSet(ArrayNode items, Place place, ErrorList errors) {
    if (items.size() < 2) {
      return;
    }
    Set<JsonNode> seen = new HashSet<>();
    for (int i = 0; i < items.size() && !errors.full(); i++) {
      if (!seen.add(comparable(items.get(i)))) {
        errors.add(FieldError.duplicate(place.item(i).path(), items.get(i)));
      }
    }
  }

  /// @param required what the items must have anyway, and is reported as missing elsewhere
  static void checkMap(
      ArrayNode items, List<String> keys, Set<String> required, Place place, ErrorList errors) {
    Set<JsonNode> seen = new HashSet<>();
    for (int i = 0; i < items.size() && !errors.full(); i++) {
      if (!(items.get(i) instanceof ObjectNode item)) {
        continue;
      }
      ObjectNode key = JsonNodeFactory.instance.objectNode();
      for (String name : keys) {
        JsonNode value = item.get(name);
        if (value != null) {
          key.set(name, comparable(value));
        } else if (!required.contains(name)) {
          errors.add(
              FieldError.required(
                  place.item(i).member(name).path(), "it tells the items of this list apart"));
        }
      }
      if (key.size() == keys.size() && !seen.add(key)) {
        errors.add(FieldError.duplicate(place.item(i).path(), key));
      }
    }
  }

  /// The value in a form for which `equals` means the same value, whatever node class holds it.
  static JsonNode comparable(JsonNode value) {
    if (value.isNumber()) {
      if (value.isIntegralNumber() && value.canConvertToLong()) {
        return JsonNodeFactory.instance.numberNode(value.longValue());
      }
      return DecimalNode.valueOf(value.decimalValue().stripTrailingZeros());
    }
    if (value instanceof ArrayNode array) {
      ArrayNode out = JsonNodeFactory.instance.arrayNode(array.size());
      array.forEach(each -> out.add(comparable(each)));
      return out;
    }
    if (value instanceof ObjectNode object) {
      ObjectNode out = JsonNodeFactory.instance.objectNode();
      for (Map.Entry<String, JsonNode> each : object.properties()) {
        out.set(each.getKey(), comparable(each.getValue()));
      }
      return out;
    }
    return value;
  }
}
