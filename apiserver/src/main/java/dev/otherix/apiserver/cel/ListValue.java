package dev.otherix.apiserver.cel;

import dev.otherix.apimachinery.schema.ListType;
import java.util.List;
import tools.jackson.databind.node.ArrayNode;

/// A list of CEL: one that an expression made, or a view of a list in an object.
sealed interface ListValue {
  int size();

  Object get(int index);

  /// One that an expression made. Only the loop that makes it may still add to it.
  record Items(List<Object> items) implements ListValue {
    @Override
    public int size() {
      return items.size();
    }

    @Override
    public Object get(int index) {
      return items.get(index);
    }
  }

  /// A view: items are adapted when they are looked at.
  record Tree(ArrayNode array, Shape shape) implements ListValue {
    @Override
    public int size() {
      return array.size();
    }

    @Override
    public Object get(int index) {
      return TreeValues.of(array.get(index), shape.element());
    }

    ListType listType() {
      return shape.listType();
    }
  }
}
