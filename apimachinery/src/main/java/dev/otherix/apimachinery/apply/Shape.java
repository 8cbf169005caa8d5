package dev.otherix.apimachinery.apply;

import dev.otherix.apimachinery.schema.SchemaNode;
import dev.otherix.apimachinery.schema.SchemaType;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// How a value is owned: as one piece, or piece by piece. Decided by the schema and the value
/// together, so that a value of the wrong type (which validation reports) is one piece.
enum Shape {
  /// One piece: a scalar, null, an atomic list or an atomic object.
  LEAF,
  /// A struct or a map: each member alone.
  MAP,
  /// A list whose items have keys: each item alone, and each by its own schema.
  KEYED_LIST,
  /// A list of unlike scalars: each item alone.
  SET;

  static Shape of(SchemaNode schema, JsonNode value) {
    SchemaType type = schema.type();
    if (value instanceof ObjectNode) {
      boolean object = type == SchemaType.OBJECT || type == SchemaType.ANY;
      return object && !schema.atomicMap() ? MAP : LEAF;
    }
    if (value instanceof ArrayNode && (type == SchemaType.ARRAY || type == SchemaType.ANY)) {
      return ofList(schema);
    }
    return LEAF;
  }

  private static Shape ofList(SchemaNode schema) {
    return switch (schema.listType()) {
      case ATOMIC -> LEAF;
      case SET -> SET;
      case MAP -> KEYED_LIST;
    };
  }

  /// The shape that both values have, or null when they differ. Null takes the shape of the other
  /// value: an object or list that is null counts as an empty one.
  static @Nullable Shape common(SchemaNode schema, JsonNode left, JsonNode right) {
    Shape ofLeft = of(schema, left.isNull() ? right : left);
    Shape ofRight = of(schema, right.isNull() ? left : right);
    return ofLeft == ofRight ? ofLeft : null;
  }

  /// Whether nothing is inside: an empty object or list, or null in the place of one.
  static boolean isEmpty(JsonNode value) {
    return value.isEmpty();
  }

  /// The schema of a member, or null when the schema knows no such member.
  static @Nullable SchemaNode declared(SchemaNode schema, String name) {
    SchemaNode member = schema.member(name);
    if (member != null) {
      return member;
    }
    boolean anything =
        schema.type() == SchemaType.ANY
            || (schema.embeddedResource()
                && (name.equals("apiVersion") || name.equals("kind") || name.equals("metadata")));
    return anything ? SchemaNode.UNTYPED : null;
  }

  /// The schema of a member; one that the schema does not know is untyped.
  static SchemaNode member(SchemaNode schema, String name) {
    SchemaNode member = declared(schema, name);
    return member == null ? SchemaNode.UNTYPED : member;
  }

  /// Whether `name` is a field of a struct and not a key of a map.
  static boolean isNamed(SchemaNode schema, String name) {
    return schema.properties().containsKey(name);
  }
}
