package dev.otherix.apiserver.cel;

import com.google.common.collect.ImmutableMap;
import dev.cel.common.types.CelType;
import dev.cel.common.types.SimpleType;
import dev.cel.common.types.StructType;
import dev.otherix.apimachinery.schema.ListType;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What CEL may know of the values at one level of a schema: their type, the members it may name,
/// and how large they can get. Immutable.
///
/// @param fields of a struct, by their name in CEL
/// @param elementShape of the items of a list, or the values of a map
/// @param maxSize characters, items or members at most; a guess from the size of a request where
///   the schema does not say
/// @param bounded whether the schema says
/// @param path where in the schema, for people
record Shape(
    Kind kind,
    CelType type,
    Map<String, Field> fields,
    @Nullable Shape elementShape,
    ListType listType,
    List<String> listMapKeys,
    long maxSize,
    boolean bounded,
    String path) {
  enum Kind {
    STRUCT,
    MAP,
    LIST,
    STRING,
    BYTES,
    TIMESTAMP,
    DATE,
    DURATION,
    INT,
    DOUBLE,
    BOOL,
    DYN
  }

  /// @param name as the object has it
  record Field(String name, Shape shape) {}

  static final Shape DYN = scalar(Kind.DYN, SimpleType.DYN, Limits.REQUEST_BYTES, false, "");
  static final Shape DYN_MAP =
      of(Kind.MAP, DYN, SimpleType.DYN, ListType.ATOMIC, List.of(), Limits.REQUEST_BYTES, "");
  static final Shape DYN_LIST =
      of(Kind.LIST, DYN, SimpleType.DYN, ListType.ATOMIC, List.of(), Limits.REQUEST_BYTES, "");

  /// The sizes that hold where a schema has none.
  static final class Limits {
    static final long REQUEST_BYTES = 3L << 20;

    private Limits() {}
  }

  Shape {
    listMapKeys = List.copyOf(listMapKeys);
  }

  static Shape scalar(Kind kind, CelType type, long maxSize, boolean bounded, String path) {
    return new Shape(
        kind, type, Map.of(), null, ListType.ATOMIC, List.of(), maxSize, bounded, path);
  }

  private static Shape of(
      Kind kind,
      Shape element,
      CelType type,
      ListType listType,
      List<String> keys,
      long maxSize,
      String path) {
    return new Shape(kind, type, Map.of(), element, listType, keys, maxSize, false, path);
  }

  /// Keeps names of types from being what an expression says: `self.spec` is a value.
  private static final String TYPE_PREFIX = "@";

  static Shape struct(String path, Map<String, Field> fields) {
    ImmutableMap.Builder<String, CelType> types = ImmutableMap.builder();
    fields.forEach((name, field) -> types.put(name, field.shape().type()));
    ImmutableMap<String, CelType> byName = types.buildOrThrow();
    StructType type =
        StructType.create(
            TYPE_PREFIX + path, byName.keySet(), name -> Optional.ofNullable(byName.get(name)));
    return new Shape(
        Kind.STRUCT, type, fields, null, ListType.ATOMIC, List.of(), fields.size(), true, path);
  }

  /// Of a list's items or a map's values.
  Shape element() {
    return elementShape == null ? DYN : elementShape;
  }
}
