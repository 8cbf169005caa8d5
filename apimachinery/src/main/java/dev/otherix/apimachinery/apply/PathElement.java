package dev.otherix.apimachinery.apply;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.StringNode;

/// One step from a value to a value inside it. Immutable; the order (fields, keys, values, indexes)
/// is the order in which FieldsV1 lists them.
public sealed interface PathElement extends Comparable<PathElement> {

  /// Appends the step as people read it: `.a`, `[name="x"]`, `[="x"]`, `[0]`.
  void print(StringBuilder out);

  /// Appends the member name that FieldsV1 gives the step: `f:a`, `k:{"name":"x"}`, `v:"x"`, `i:0`.
  void encode(StringBuilder out);

  /// `.spec.ports[name="http"]`.
  static String text(List<PathElement> path) {
    StringBuilder out = new StringBuilder();
    for (PathElement element : path) {
      element.print(out);
    }
    return out.toString();
  }

  /// A member of an object, be it a struct or a map.
  record Field(String name) implements PathElement {
    @Override
    public void print(StringBuilder out) {
      out.append('.').append(name);
    }

    @Override
    public void encode(StringBuilder out) {
      out.append("f:").append(name);
    }

    @Override
    public int compareTo(PathElement other) {
      return other instanceof Field(String otherName) ? name.compareTo(otherName) : -1;
    }
  }

  /// One of the members that identify an item of a keyed list.
  record KeyField(String name, JsonNode value) {
    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof KeyField(String otherName, JsonNode otherValue)
          && name.equals(otherName)
          && JsonOrder.compare(value, otherValue) == 0;
    }

    @Override
    public int hashCode() {
      return 31 * name.hashCode() + JsonOrder.hash(value);
    }
  }

  /// An item of a keyed list. The key fields are sorted by name; their values are never changed.
  record Key(List<KeyField> fields) implements PathElement {
    private static final Comparator<KeyField> BY_NAME = Comparator.comparing(KeyField::name);

    public Key {
      if (fields.size() > 1) {
        fields = new ArrayList<>(fields);
        fields.sort(BY_NAME);
      }
      fields = List.copyOf(fields);
    }

    @Override
    public void print(StringBuilder out) {
      char before = '[';
      for (KeyField field : fields) {
        out.append(before).append(field.name).append('=').append(field.value);
        before = ',';
      }
      out.append(']');
    }

    @Override
    public void encode(StringBuilder out) {
      out.append("k:");
      char before = '{';
      for (KeyField field : fields) {
        out.append(before).append(StringNode.valueOf(field.name)).append(':').append(field.value);
        before = ',';
      }
      out.append('}');
    }

    @Override
    public int compareTo(PathElement other) {
      return switch (other) {
        case Field _ -> 1;
        case Key(List<KeyField> otherFields) -> compare(fields, otherFields);
        case Value _, Index _ -> -1;
      };
    }

    private static int compare(List<KeyField> left, List<KeyField> right) {
      int shared = Math.min(left.size(), right.size());
      for (int i = 0; i < shared; i++) {
        int byName = left.get(i).name.compareTo(right.get(i).name);
        int order = byName != 0 ? byName : JsonOrder.compare(left.get(i).value, right.get(i).value);
        if (order != 0) {
          return order;
        }
      }
      return Integer.compare(left.size(), right.size());
    }
  }

  /// An item of a set: the value is its own identity, and is never changed.
  record Value(JsonNode value) implements PathElement {
    @Override
    public void print(StringBuilder out) {
      out.append("[=").append(value).append(']');
    }

    @Override
    public void encode(StringBuilder out) {
      out.append("v:").append(value);
    }

    @Override
    public int compareTo(PathElement other) {
      return switch (other) {
        case Field _, Key _ -> 1;
        case Value(JsonNode otherValue) -> JsonOrder.compare(value, otherValue);
        case Index _ -> -1;
      };
    }

    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Value(JsonNode otherValue)
          && JsonOrder.compare(value, otherValue) == 0;
    }

    @Override
    public int hashCode() {
      return JsonOrder.hash(value);
    }
  }

  /// A position: the step to an item that nothing else identifies.
  record Index(int index) implements PathElement {
    @Override
    public void print(StringBuilder out) {
      out.append('[').append(index).append(']');
    }

    @Override
    public void encode(StringBuilder out) {
      out.append("i:").append(index);
    }

    @Override
    public int compareTo(PathElement other) {
      return other instanceof Index(int otherIndex) ? Integer.compare(index, otherIndex) : 1;
    }
  }
}
