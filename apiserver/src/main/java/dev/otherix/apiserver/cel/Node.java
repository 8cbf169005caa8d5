package dev.otherix.apiserver.cel;

import com.google.common.primitives.UnsignedLong;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One operation of a compiled expression. Immutable; all that changes is in the [Frame].
sealed interface Node {
  /// @throws EvaluationException where there is no value
  /// @throws BudgetException when the frame's limit is reached
  Object eval(Frame frame);

  record Constant(Object value) implements Node {
    @Override
    public Object eval(Frame frame) {
      return value;
    }
  }

  record Variable(int slot) implements Node {
    @Override
    public Object eval(Frame frame) {
      frame.charge(1);
      return frame.get(slot);
    }
  }

  record Select(Node operand, String field) implements Node {
    @Override
    public Object eval(Frame frame) {
      frame.charge(1);
      return member(operand.eval(frame), field);
    }

    private static Object member(Object operand, String field) {
      if (operand instanceof Maybe maybe) {
        Object value = maybe.value();
        return value == null ? maybe : optionalMember(value, field);
      }
      if (operand instanceof MapValue map) {
        Object value = map.get(field);
        if (value == null) {
          throw new EvaluationException("no such key: " + field);
        }
        return value;
      }
      throw EvaluationException.noOverload("." + field);
    }

    static Maybe optionalMember(Object operand, String field) {
      if (operand instanceof MapValue map) {
        Object value = map.get(field);
        return value == null ? Maybe.NONE : new Maybe(value);
      }
      throw EvaluationException.noOverload(".?" + field);
    }
  }

  record OptionalSelect(Node operand, String field) implements Node {
    @Override
    public Object eval(Frame frame) {
      frame.charge(1);
      Object value = operand.eval(frame);
      if (value instanceof Maybe maybe) {
        Object inner = maybe.value();
        return inner == null ? maybe : Select.optionalMember(inner, field);
      }
      return Select.optionalMember(value, field);
    }
  }

  /// The macro `has`.
  record Has(Node operand, String field) implements Node {
    @Override
    public Object eval(Frame frame) {
      frame.charge(1);
      Object value = operand.eval(frame);
      if (value instanceof Maybe maybe) {
        value = maybe.value() == null ? Null.NULL : maybe.value();
        return value instanceof MapValue map && map.get(field) != null;
      }
      if (value instanceof MapValue map) {
        return map.get(field) != null;
      }
      throw EvaluationException.noOverload("has");
    }
  }

  /// `&&` (decided by false) and `||` (decided by true). An error on one side does not matter when
  /// the other side decides.
  record Logic(Node left, Node right, boolean decisive) implements Node {
    @Override
    public Object eval(Frame frame) {
      EvaluationException failure = null;
      try {
        if (truth(left.eval(frame)) == decisive) {
          return decisive;
        }
      } catch (EvaluationException e) {
        failure = e;
      }
      boolean second = truth(right.eval(frame));
      if (failure != null && second != decisive) {
        throw failure;
      }
      return second;
    }
  }

  static boolean truth(Object value) {
    if (value instanceof Boolean truth) {
      return truth;
    }
    throw EvaluationException.noOverload("a condition must be a bool");
  }

  record Choice(Node condition, Node yes, Node no) implements Node {
    @Override
    public Object eval(Frame frame) {
      return truth(condition.eval(frame)) ? yes.eval(frame) : no.eval(frame);
    }
  }

  /// What loops go on by: an error is as good as true.
  record NotStrictlyFalse(Node operand) implements Node {
    @Override
    public Object eval(Frame frame) {
      try {
        return !Boolean.FALSE.equals(operand.eval(frame));
      } catch (EvaluationException e) {
        return true;
      }
    }
  }

  /// `a.or(b)` and `a.orValue(b)`: b counts only without a.
  record Otherwise(Node first, Node second, boolean unwrap) implements Node {
    @Override
    public Object eval(Frame frame) {
      frame.charge(1);
      if (!(first.eval(frame) instanceof Maybe maybe)) {
        throw EvaluationException.noOverload("or");
      }
      Object value = maybe.value();
      if (value == null) {
        return second.eval(frame);
      }
      return unwrap ? value : maybe;
    }
  }

  record Call(String name, Function function, List<Node> arguments) implements Node {
    @Override
    public Object eval(Frame frame) {
      Object[] values = new Object[arguments.size()];
      for (int i = 0; i < values.length; i++) {
        values[i] = arguments.get(i).eval(frame);
      }
      long first = values.length == 0 ? 0 : Values.size(values[0]);
      long second = values.length < 2 ? 0 : Values.size(values[1]);
      frame.charge(CallCost.of(name, first, second));
      return function.apply(values, frame);
    }
  }

  /// @param optional which items are left out when they are `optional.none()`
  record MakeList(List<Node> items, List<Integer> optional) implements Node {
    @Override
    public Object eval(Frame frame) {
      frame.charge(CallCost.LIST);
      List<Object> values = new ArrayList<>(items.size());
      addTo(values, frame);
      return new ListValue.Items(values);
    }

    void addTo(List<Object> values, Frame frame) {
      for (int i = 0; i < items.size(); i++) {
        Object value = items.get(i).eval(frame);
        if (optional.contains(i)) {
          value = optionalItem(value);
        }
        if (value != null) {
          values.add(value);
        }
      }
    }

    static @Nullable Object optionalItem(Object value) {
      if (value instanceof Maybe maybe) {
        return maybe.value();
      }
      throw EvaluationException.noOverload("?");
    }
  }

  record MapEntry(Node key, Node value, boolean optional) {}

  record MakeMap(List<MapEntry> entries) implements Node {
    @Override
    public Object eval(Frame frame) {
      frame.charge(CallCost.MAP);
      LinkedHashMap<Object, Object> map = new LinkedHashMap<>();
      for (MapEntry entry : entries) {
        Object key = Values.key(entry.key.eval(frame));
        Object value = entry.value.eval(frame);
        if (entry.optional) {
          value = MakeList.optionalItem(value);
        }
        if (!(key instanceof String
            || key instanceof Long
            || key instanceof Boolean
            || key instanceof UnsignedLong)) {
          throw new EvaluationException("unsupported key type");
        }
        if (value != null && map.put(key, value) != null) {
          throw new EvaluationException("duplicate key: " + key);
        }
      }
      return new MapValue.Entries(map);
    }
  }

  /// `accumulator + [items]` inside the loop that owns the accumulator: adds in place, where a new
  /// list for each item would cost the square.
  record Append(int accumulator, MakeList items) implements Node {
    @Override
    public Object eval(Frame frame) {
      frame.charge(2);
      if (!(frame.get(accumulator) instanceof ListValue.Items list)) {
        throw new IllegalStateException("the accumulator of a loop is a list that it made");
      }
      items.addTo(list.items(), frame);
      return list;
    }
  }

  /// Every macro with a loop.
  ///
  /// @param second the slot of the second variable, or -1
  record Loop(
      Node range,
      int first,
      int second,
      int accumulator,
      Node start,
      Node condition,
      Node step,
      Node result)
      implements Node {
    @Override
    public Object eval(Frame frame) {
      Object over = range.eval(frame);
      frame.set(accumulator, start.eval(frame));
      switch (over) {
        case ListValue list -> overList(list, frame);
        case MapValue map -> overMap(map, frame);
        default -> throw EvaluationException.noOverload("a loop needs a list or a map");
      }
      frame.set(first, null);
      return result.eval(frame);
    }

    private void overList(ListValue list, Frame frame) {
      int size = list.size();
      for (int i = 0; i < size && truth(condition.eval(frame)); i++) {
        frame.charge(1);
        if (second >= 0) {
          frame.set(first, (long) i);
          frame.set(second, list.get(i));
        } else {
          frame.set(first, list.get(i));
        }
        turn(frame);
      }
    }

    private void overMap(MapValue map, Frame frame) {
      for (Object key : map.keys()) {
        if (!truth(condition.eval(frame))) {
          return;
        }
        frame.charge(1);
        frame.set(first, key);
        if (second >= 0) {
          frame.set(second, map.get(key));
        }
        turn(frame);
      }
    }

    /// An error of one turn is the accumulator until a later turn decides without it.
    private void turn(Frame frame) {
      try {
        frame.set(accumulator, step.eval(frame));
      } catch (EvaluationException e) {
        frame.set(accumulator, e);
      }
    }
  }
}
