package dev.otherix.apiserver.cel;

import dev.cel.common.types.CelType;
import dev.cel.common.types.SimpleType;
import dev.otherix.apimachinery.schema.ListType;
import dev.otherix.apimachinery.schema.SchemaNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// Makes [Shape]s from a schema. What the schema does not declare has no shape, so that no
/// expression can name it.
final class Shapes {
  /// Bytes of UTF-8 for one character, at most.
  private static final int CHARACTER_BYTES = 4;

  private static final long TIMESTAMP_CHARACTERS = 35;
  private static final long DATE_CHARACTERS = 10;

  private Shapes() {}

  /// The shape of a whole object.
  static Shape root(SchemaNode schema) {
    return struct(schema, "self", true);
  }

  /// Null where nothing is declared: a value that expressions cannot see.
  static @Nullable Shape of(SchemaNode schema, String path) {
    return switch (schema.type()) {
      case OBJECT -> {
        if (schema.additionalProperties() != null) {
          Shape values = of(schema.additionalProperties(), path + ".@values");
          yield values == null ? null : map(schema, values, path);
        }
        boolean nothing = schema.properties().isEmpty() && !schema.embeddedResource();
        yield nothing && schema.preserveUnknownFields()
            ? null
            : struct(schema, path, schema.embeddedResource());
      }
      case ARRAY -> {
        Shape items = schema.items() == null ? null : of(schema.items(), path + ".@items");
        yield items == null ? null : list(schema, items, path);
      }
      case STRING -> text(schema, path);
      case INTEGER -> Shape.scalar(Shape.Kind.INT, SimpleType.INT, 1, true, path);
      case NUMBER -> Shape.scalar(Shape.Kind.DOUBLE, SimpleType.DOUBLE, 1, true, path);
      case BOOLEAN -> Shape.scalar(Shape.Kind.BOOL, SimpleType.BOOL, 1, true, path);
      case INT_OR_STRING -> {
        long max = size(schema, "maxLength");
        yield Shape.scalar(
            Shape.Kind.DYN,
            SimpleType.DYN,
            max < 0 ? Shape.Limits.REQUEST_BYTES : max * CHARACTER_BYTES,
            max >= 0,
            path);
      }
      case ANY -> null;
    };
  }

  private static Shape struct(SchemaNode schema, String path, boolean whole) {
    Map<String, Shape.Field> fields = new LinkedHashMap<>();
    schema
        .properties()
        .forEach((name, below) -> {
          String escaped = FieldNames.escape(name);
          Shape shape = escaped == null ? null : of(below, path + "." + name);
          if (escaped != null && shape != null) {
            fields.put(escaped, new Shape.Field(name, shape));
          }
        });
    if (whole) {
      fields.put("metadata", new Shape.Field("metadata", metadata(path + ".metadata")));
    }
    return Shape.struct(path, fields);
  }

  /// Of metadata, expressions see only the names.
  private static Shape metadata(String path) {
    Map<String, Shape.Field> fields = new LinkedHashMap<>();
    for (String name : List.of("name", "generateName")) {
      Shape text = Shape.scalar(Shape.Kind.STRING, SimpleType.STRING, 253, true, path + "." + name);
      fields.put(name, new Shape.Field(name, text));
    }
    return Shape.struct(path, fields);
  }

  private static Shape map(SchemaNode schema, Shape values, String path) {
    long max = size(schema, "maxProperties");
    CelType type = dev.cel.common.types.MapType.create(SimpleType.STRING, values.type());
    return new Shape(
        Shape.Kind.MAP,
        type,
        Map.of(),
        values,
        ListType.ATOMIC,
        List.of(),
        max < 0 ? (Shape.Limits.REQUEST_BYTES - 2) / (smallest(values) + 6) : max,
        max >= 0,
        path);
  }

  private static Shape list(SchemaNode schema, Shape items, String path) {
    long max = size(schema, "maxItems");
    return new Shape(
        Shape.Kind.LIST,
        dev.cel.common.types.ListType.create(items.type()),
        Map.of(),
        items,
        schema.listType(),
        schema.listMapKeys(),
        max < 0 ? (Shape.Limits.REQUEST_BYTES - 2) / (smallest(items) + 1) : max,
        max >= 0,
        path);
  }

  private static Shape text(SchemaNode schema, String path) {
    return switch (schema.format()) {
      case "byte" -> sized(Shape.Kind.BYTES, SimpleType.BYTES, schema, path);
      case "date-time" ->
          Shape.scalar(
              Shape.Kind.TIMESTAMP, SimpleType.TIMESTAMP, TIMESTAMP_CHARACTERS, true, path);
      case "date" ->
          Shape.scalar(Shape.Kind.DATE, SimpleType.TIMESTAMP, DATE_CHARACTERS, true, path);
      case "duration" ->
          Shape.scalar(Shape.Kind.DURATION, SimpleType.DURATION, TIMESTAMP_CHARACTERS, true, path);
      default -> sized(Shape.Kind.STRING, SimpleType.STRING, schema, path);
    };
  }

  private static Shape sized(Shape.Kind kind, CelType type, SchemaNode schema, String path) {
    long max = size(schema, "maxLength");
    if (max >= 0) {
      return Shape.scalar(kind, type, max * CHARACTER_BYTES, true, path);
    }
    if (schema.source().path("enum").isArray()) {
      long longest = 0;
      for (JsonNode each : schema.source().path("enum")) {
        longest = Math.max(longest, each.asString("").length());
      }
      return Shape.scalar(kind, type, longest, true, path);
    }
    return Shape.scalar(kind, type, Shape.Limits.REQUEST_BYTES - 2, false, path);
  }

  /// The fewest bytes that a value can take in a request.
  private static long smallest(Shape shape) {
    return switch (shape.kind()) {
      case STRUCT, MAP, LIST, STRING, BYTES -> 2;
      case TIMESTAMP -> 21;
      case DATE -> 12;
      case DURATION, BOOL -> 4;
      case INT, DOUBLE, DYN -> 1;
    };
  }

  private static long size(SchemaNode schema, String keyword) {
    JsonNode value = schema.source().path(keyword);
    return value.isIntegralNumber() ? value.longValue() : -1;
  }
}
