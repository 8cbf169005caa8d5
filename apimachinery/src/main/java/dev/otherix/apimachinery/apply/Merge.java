package dev.otherix.apimachinery.apply;

import dev.otherix.apimachinery.schema.SchemaNode;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Lays an applied configuration over a live object.
final class Merge {
  private Merge() {}

  /// A new object that shares no container with its arguments. `applied` must have passed
  /// [Extraction#applied].
  static ObjectNode merge(SchemaNode schema, ObjectNode live, ObjectNode applied) {
    return members(schema, live, applied);
  }

  private static JsonNode value(SchemaNode schema, JsonNode live, JsonNode applied) {
    Shape shape = Shape.common(schema, live, applied);
    if (shape == null || shape == Shape.LEAF || (Shape.isEmpty(live) && Shape.isEmpty(applied))) {
      return applied.deepCopy();
    }
    return shape == Shape.MAP
        ? members(schema, live, applied)
        : items(schema, ListItems.of(schema, live), ListItems.of(schema, applied));
  }

  private static ObjectNode members(SchemaNode schema, JsonNode live, JsonNode applied) {
    ObjectNode out = JsonNodeFactory.instance.objectNode();
    for (Map.Entry<String, JsonNode> member : live.properties()) {
      String name = member.getKey();
      out.set(name, either(Shape.member(schema, name), member.getValue(), applied.get(name)));
    }
    for (Map.Entry<String, JsonNode> member : applied.properties()) {
      if (!live.has(member.getKey())) {
        out.set(member.getKey(), member.getValue().deepCopy());
      }
    }
    return out;
  }

  private static JsonNode either(SchemaNode schema, JsonNode live, @Nullable JsonNode applied) {
    return applied == null ? live.deepCopy() : value(schema, live, applied);
  }

  /// Applied items come in applied order; items that only the live list has stay where they were
  /// relative to the applied items around them.
  private static ArrayNode items(SchemaNode schema, ListItems live, ListItems applied) {
    ArrayNode out = JsonNodeFactory.instance.arrayNode(live.size() + applied.size());
    int next = 0;
    int nextShared = shared(live, applied, 0);
    for (int i = 0; i < live.size(); i++) {
      PathElement identity = live.identity(i);
      if (!applied.contains(identity)) {
        out.add(live.item(i).deepCopy());
      } else if (nextShared < applied.size() && identity.equals(applied.identity(nextShared))) {
        for (; next <= nextShared; next++) {
          out.add(item(schema, live, applied, next));
        }
        nextShared = shared(live, applied, next);
      }
    }
    for (; next < applied.size(); next++) {
      out.add(item(schema, live, applied, next));
    }
    return out;
  }

  private static int shared(ListItems live, ListItems applied, int from) {
    int at = from;
    while (at < applied.size() && !live.contains(applied.identity(at))) {
      at++;
    }
    return at;
  }

  /// A live item that shares its identity with others gives way to the applied one.
  private static JsonNode item(SchemaNode schema, ListItems live, ListItems applied, int i) {
    PathElement identity = applied.identity(i);
    JsonNode old = live.isRepeated(identity) ? null : live.find(identity);
    JsonNode item = applied.item(i);
    return old == null ? item.deepCopy() : value(schema.item(), old, item);
  }
}
