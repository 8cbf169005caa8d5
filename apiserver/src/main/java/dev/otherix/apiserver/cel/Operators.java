package dev.otherix.apiserver.cel;

import com.google.common.primitives.UnsignedLong;
import dev.otherix.apimachinery.schema.ListType;
import java.math.BigInteger;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/// Arithmetic, comparison, access by index and key.
final class Operators {
  private static final BigInteger UINT_END = BigInteger.ONE.shiftLeft(64);

  private Operators() {}

  static void addTo(Map<String, Function> functions) {
    functions.put("_+_", (a, frame) -> plus(a[0], a[1], frame));
    functions.put("_-_", (a, _) -> minus(a[0], a[1]));
    functions.put("_*_", (a, _) -> number("_*_", a[0], a[1]));
    functions.put("_/_", (a, _) -> number("_/_", a[0], a[1]));
    functions.put("_%_", (a, _) -> number("_%_", a[0], a[1]));
    functions.put("-_", (a, _) -> negative(a[0]));
    functions.put("!_", (a, _) -> !Node.truth(a[0]));
    functions.put("_==_", (a, frame) -> Values.equal(a[0], a[1], frame));
    functions.put("_!=_", (a, frame) -> !Values.equal(a[0], a[1], frame));
    order(functions, "_<_", order -> order < 0);
    order(functions, "_<=_", order -> order <= 0);
    order(functions, "_>_", order -> order > 0);
    order(functions, "_>=_", order -> order >= 0);
    functions.put("@in", (a, frame) -> in(a[0], a[1], frame));
    functions.put("_[_]", (a, _) -> at(a[0], a[1]));
    functions.put("_[?_]", (a, _) -> optionalAt(a[0], a[1]));
    functions.put("size", (a, _) -> size(a[0]));
  }

  private static void order(Map<String, Function> functions, String name, IntPredicate right) {
    functions.put(
        name,
        (a, _) -> {
          Integer order = Values.compare(a[0], a[1], name);
          return order != null && right.test(order);
        });
  }

  private static Object plus(Object left, Object right, Frame frame) {
    if (left instanceof String one && right instanceof String other) {
      return one + other;
    }
    if (left instanceof ListValue one && right instanceof ListValue other) {
      return joined(one, other, frame);
    }
    if (left instanceof Bytes one && right instanceof Bytes other) {
      byte[] sum = new byte[one.bytes().length + other.bytes().length];
      System.arraycopy(one.bytes(), 0, sum, 0, one.bytes().length);
      System.arraycopy(other.bytes(), 0, sum, one.bytes().length, other.bytes().length);
      return new Bytes(sum);
    }
    if (Values.isNumber(left)) {
      return number("_+_", left, right);
    }
    return moved(left, right);
  }

  private static Object moved(Object left, Object right) {
    try {
      return switch (left) {
        case Instant time when right instanceof Duration by -> Times.bounded(time.plus(by));
        case Duration by when right instanceof Instant time -> Times.bounded(time.plus(by));
        case Duration one when right instanceof Duration by -> Times.bounded(one.plus(by));
        default -> throw EvaluationException.noOverload("_+_");
      };
    } catch (ArithmeticException | DateTimeException e) {
      throw new EvaluationException("time overflow");
    }
  }

  private static Object minus(Object left, Object right) {
    try {
      return switch (left) {
        case Instant one when right instanceof Instant other ->
            Times.bounded(Duration.between(other, one));
        case Instant one when right instanceof Duration by -> Times.bounded(one.minus(by));
        case Duration one when right instanceof Duration by -> Times.bounded(one.minus(by));
        default -> number("_-_", left, right);
      };
    } catch (ArithmeticException | DateTimeException e) {
      throw new EvaluationException("time overflow");
    }
  }

  /// Lists follow each other; sets unite; of keyed lists the right one's items replace those of the
  /// left with the same key.
  private static ListValue joined(ListValue left, ListValue right, Frame frame) {
    List<Object> items = new ArrayList<>(left.size() + right.size());
    for (int i = 0; i < left.size(); i++) {
      items.add(left.get(i));
    }
    ListType type =
        left instanceof ListValue.Tree tree && right instanceof ListValue.Tree
            ? tree.listType()
            : ListType.ATOMIC;
    for (int i = 0; i < right.size(); i++) {
      Object item = right.get(i);
      switch (type) {
        case ATOMIC -> items.add(item);
        case SET -> {
          if (!Values.contains(left, item, frame)) {
            items.add(item);
          }
        }
        case MAP -> {
          int same = sameKey(left, item, ((ListValue.Tree) left).shape().listMapKeys(), frame);
          if (same < 0) {
            items.add(item);
          } else {
            items.set(same, item);
          }
        }
      }
    }
    return new ListValue.Items(items);
  }

  private static int sameKey(ListValue list, Object item, List<String> keys, Frame frame) {
    for (int i = 0; i < list.size(); i++) {
      boolean same = true;
      for (String key : keys) {
        Object one = keyOf(list.get(i), key);
        Object other = keyOf(item, key);
        same &= one != null && other != null && Values.equal(one, other, frame);
      }
      if (same) {
        return i;
      }
    }
    return -1;
  }

  private static @Nullable Object keyOf(Object item, String key) {
    String escaped = FieldNames.escape(key);
    return escaped != null && item instanceof MapValue map ? map.get(escaped) : null;
  }

  private static Object number(String function, Object left, Object right) {
    if (left instanceof Long one && right instanceof Long other) {
      return whole(function, one, other);
    }
    if (left instanceof Double one && right instanceof Double other) {
      return switch (function) {
        case "_+_" -> one + other;
        case "_-_" -> one - other;
        case "_*_" -> one * other;
        case "_/_" -> one / other;
        default -> throw EvaluationException.noOverload(function);
      };
    }
    if (left instanceof UnsignedLong one && right instanceof UnsignedLong other) {
      return unsigned(function, one.bigIntegerValue(), other.bigIntegerValue());
    }
    throw EvaluationException.noOverload(function);
  }

  private static Object whole(String function, long left, long right) {
    try {
      return switch (function) {
        case "_+_" -> Math.addExact(left, right);
        case "_-_" -> Math.subtractExact(left, right);
        case "_*_" -> Math.multiplyExact(left, right);
        case "_/_" -> Math.divideExact(left, nonZero(right, "division by zero"));
        case "_%_" -> left % nonZero(right, "modulus by zero");
        default -> throw new IllegalStateException(function);
      };
    } catch (ArithmeticException e) {
      throw new EvaluationException("integer overflow");
    }
  }

  private static long nonZero(long value, String message) {
    if (value == 0) {
      throw new EvaluationException(message);
    }
    return value;
  }

  private static Object unsigned(String function, BigInteger left, BigInteger right) {
    boolean divides = function.equals("_/_") || function.equals("_%_");
    if (divides && right.signum() == 0) {
      throw new EvaluationException("division by zero");
    }
    BigInteger result =
        switch (function) {
          case "_+_" -> left.add(right);
          case "_-_" -> left.subtract(right);
          case "_*_" -> left.multiply(right);
          case "_/_" -> left.divide(right);
          case "_%_" -> left.mod(right);
          default -> throw new IllegalStateException(function);
        };
    if (result.signum() < 0 || result.compareTo(UINT_END) >= 0) {
      throw new EvaluationException("unsigned integer overflow");
    }
    return UnsignedLong.valueOf(result);
  }

  private static Object negative(Object value) {
    return switch (value) {
      case Long whole -> whole("_-_", 0, whole);
      case Double fraction -> -fraction;
      default -> throw EvaluationException.noOverload("-_");
    };
  }

  private static Object in(Object wanted, Object within, Frame frame) {
    return switch (within) {
      case ListValue list -> Values.contains(list, wanted, frame);
      case MapValue map -> map.get(wanted) != null;
      default -> throw EvaluationException.noOverload("@in");
    };
  }

  private static Object at(Object container, Object key) {
    if (container instanceof Maybe maybe) {
      return maybe.value() == null ? maybe : optionalAt(maybe.value(), key);
    }
    Object value = find(container, key);
    if (value == null) {
      throw new EvaluationException(
          container instanceof ListValue ? "index out of bounds: " + key : "no such key: " + key);
    }
    return value;
  }

  private static Maybe optionalAt(Object container, Object key) {
    if (container instanceof Maybe maybe) {
      return maybe.value() == null ? maybe : optionalAt(maybe.value(), key);
    }
    Object value = find(container, key);
    return value == null ? Maybe.NONE : new Maybe(value);
  }

  private static @Nullable Object find(Object container, Object key) {
    return switch (container) {
      case ListValue list when Values.key(key) instanceof Long index ->
          index >= 0 && index < list.size() ? list.get((int) (long) index) : null;
      case MapValue map -> map.get(key);
      default -> throw EvaluationException.noOverload("_[_]");
    };
  }

  private static Object size(Object value) {
    return switch (value) {
      case String text -> (long) text.codePointCount(0, text.length());
      case Bytes bytes -> (long) bytes.bytes().length;
      case ListValue list -> (long) list.size();
      case MapValue map -> (long) map.size();
      default -> throw EvaluationException.noOverload("size");
    };
  }
}
