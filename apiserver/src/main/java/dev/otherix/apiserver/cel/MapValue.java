package dev.otherix.apiserver.cel;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// A map or an object of CEL: one that an expression made, or a view of one in an object.
sealed interface MapValue {
  int size();

  /// Null where there is no such key.
  @Nullable Object get(Object key);

  /// In order.
  List<Object> keys();

  /// One that an expression made; numeric keys as `Long` where they are whole.
  record Entries(LinkedHashMap<Object, Object> entries) implements MapValue {
    @Override
    public int size() {
      return entries.size();
    }

    @Override
    public @Nullable Object get(Object key) {
      return entries.get(Values.key(key));
    }

    @Override
    public List<Object> keys() {
      return new ArrayList<>(entries.keySet());
    }
  }

  /// A view of an object: its declared members under their names in CEL, or, where the schema says
  /// `additionalProperties` or nothing, all members.
  record Tree(ObjectNode object, Shape shape) implements MapValue {
    @Override
    public int size() {
      return shape.kind() == Shape.Kind.STRUCT ? keys().size() : object.size();
    }

    @Override
    public @Nullable Object get(Object key) {
      if (!(key instanceof String name)) {
        return null;
      }
      if (shape.kind() != Shape.Kind.STRUCT) {
        JsonNode value = object.get(name);
        return value == null ? null : TreeValues.of(value, shape.element());
      }
      Shape.Field field = shape.fields().get(name);
      JsonNode value = field == null ? null : object.get(field.name());
      return field == null || value == null ? null : TreeValues.of(value, field.shape());
    }

    @Override
    public List<Object> keys() {
      List<Object> keys = new ArrayList<>();
      if (shape.kind() != Shape.Kind.STRUCT) {
        keys.addAll(object.propertyNames());
        return keys;
      }
      for (Map.Entry<String, Shape.Field> each : shape.fields().entrySet()) {
        if (object.has(each.getValue().name())) {
          keys.add(each.getKey());
        }
      }
      return keys;
    }
  }
}
