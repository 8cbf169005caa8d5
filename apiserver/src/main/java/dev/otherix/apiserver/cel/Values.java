package dev.otherix.apiserver.cel;

import com.google.common.primitives.UnsignedLong;
import dev.otherix.apimachinery.object.Quantity;
import dev.otherix.apimachinery.schema.ListType;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What all values of CEL have: a type, equality, an order, a size. A value is a `Long`,
/// `UnsignedLong`, `Double`, `Boolean`, `String`, [Bytes], `Instant`, `Duration`, [Null],
/// [ListValue], [MapValue], [TypeName], [Maybe], `Quantity`, [Address], [Network], [Url] or
/// [NamedFormat].
final class Values {
  private Values() {}

  static TypeName type(Object value) {
    return new TypeName(
        switch (value) {
          case Long _ -> "int";
          case UnsignedLong _ -> "uint";
          case Double _ -> "double";
          case Boolean _ -> "bool";
          case String _ -> "string";
          case Bytes _ -> "bytes";
          case Instant _ -> "google.protobuf.Timestamp";
          case Duration _ -> "google.protobuf.Duration";
          case Null _ -> "null_type";
          case ListValue _ -> "list";
          case MapValue.Tree tree when tree.shape().kind() == Shape.Kind.STRUCT -> "object";
          case MapValue _ -> "map";
          case TypeName _ -> "type";
          case Maybe _ -> "optional_type";
          case Quantity _ -> "kubernetes.Quantity";
          case Address _ -> "net.IP";
          case Network _ -> "net.CIDR";
          case Url _ -> "kubernetes.URL";
          case NamedFormat _ -> "kubernetes.NamedFormat";
          default -> throw new IllegalStateException("no type of CEL: " + value.getClass());
        });
  }

  static boolean isNumber(Object value) {
    return value instanceof Long || value instanceof Double || value instanceof UnsignedLong;
  }

  /// The form in which a number is a key of a map: equal numbers are equal keys.
  static Object key(Object value) {
    if (value instanceof Double number && number == Math.rint(number)) {
      return number.longValue();
    }
    if (value instanceof UnsignedLong number && number.bigIntegerValue().bitLength() < 64) {
      return number.longValue();
    }
    return value;
  }

  /// Equality, as `==` has it; costs one for every value looked at.
  static boolean equal(Object left, Object right, Frame frame) {
    frame.charge(1);
    if (isNumber(left) && isNumber(right)) {
      return numbersEqual(left, right);
    }
    if (left instanceof ListValue one && right instanceof ListValue other) {
      return listsEqual(one, other, frame);
    }
    if (left instanceof MapValue one && right instanceof MapValue other) {
      return mapsEqual(one, other, frame);
    }
    if (left instanceof Maybe one && right instanceof Maybe other) {
      if (one.value() == null || other.value() == null) {
        return one.value() == null && other.value() == null;
      }
      return equal(one.value(), other.value(), frame);
    }
    if (left instanceof String one && right instanceof String other) {
      frame.charge(CallCost.tenth(Math.min(one.length(), other.length())));
    }
    return left.equals(right);
  }

  private static boolean numbersEqual(Object left, Object right) {
    if (left instanceof Double one && right instanceof Double other) {
      return one.doubleValue() == other.doubleValue();
    }
    Integer order = compareNumbers(left, right);
    return order != null && order == 0;
  }

  /// Sets and keyed lists of an object are equal in any order.
  private static boolean listsEqual(ListValue left, ListValue right, Frame frame) {
    if (left.size() != right.size()) {
      return false;
    }
    boolean unordered =
        left instanceof ListValue.Tree tree
            && right instanceof ListValue.Tree
            && tree.listType() != ListType.ATOMIC;
    for (int i = 0; i < left.size(); i++) {
      if (!equal(left.get(i), right.get(i), frame)
          && !(unordered && contains(right, left.get(i), frame))) {
        return false;
      }
    }
    return true;
  }

  static boolean contains(ListValue list, Object wanted, Frame frame) {
    for (int i = 0; i < list.size(); i++) {
      if (equal(list.get(i), wanted, frame)) {
        return true;
      }
    }
    return false;
  }

  private static boolean mapsEqual(MapValue left, MapValue right, Frame frame) {
    List<Object> keys = left.keys();
    if (keys.size() != right.size()) {
      return false;
    }
    for (Object key : keys) {
      Object one = left.get(key);
      Object other = right.get(key);
      if (one == null || other == null || !equal(one, other, frame)) {
        return false;
      }
    }
    return true;
  }

  /// Null where one of them is no number at all (NaN).
  static @Nullable Integer compareNumbers(Object left, Object right) {
    if (left instanceof Long one && right instanceof Long other) {
      return Long.compare(one, other);
    }
    double one = ((Number) left).doubleValue();
    double other = ((Number) right).doubleValue();
    if (Double.isNaN(one) || Double.isNaN(other)) {
      return null;
    }
    if (Double.isInfinite(one) || Double.isInfinite(other)) {
      return Double.compare(one, other);
    }
    return exact(left).compareTo(exact(right));
  }

  private static BigDecimal exact(Object number) {
    return switch (number) {
      case Long whole -> BigDecimal.valueOf(whole);
      case UnsignedLong whole -> new BigDecimal(whole.bigIntegerValue());
      case Double fraction -> new BigDecimal(fraction);
      default -> throw new IllegalStateException("no number: " + number);
    };
  }

  /// Order, as `<` has it. Null where a number is NaN.
  static @Nullable Integer compare(Object left, Object right, String function) {
    if (isNumber(left) && isNumber(right)) {
      return compareNumbers(left, right);
    }
    if (left instanceof String one && right instanceof String other) {
      return compareCharacters(one, other);
    }
    if (left instanceof Boolean one && right instanceof Boolean other) {
      return Boolean.compare(one, other);
    }
    if (left instanceof Instant one && right instanceof Instant other) {
      return one.compareTo(other);
    }
    if (left instanceof Duration one && right instanceof Duration other) {
      return one.compareTo(other);
    }
    if (left instanceof Bytes one && right instanceof Bytes other) {
      return Arrays.compareUnsigned(one.bytes(), other.bytes());
    }
    throw EvaluationException.noOverload(function);
  }

  /// By code points, not by UTF-16 units.
  private static int compareCharacters(String left, String right) {
    int length = Math.min(left.length(), right.length());
    for (int i = 0; i < length; i++) {
      if (left.charAt(i) != right.charAt(i)) {
        return Integer.compare(left.codePointAt(i), right.codePointAt(i));
      }
    }
    return Integer.compare(left.length(), right.length());
  }

  /// Characters, bytes, items or members; 1 for all else. For costs only.
  static long size(Object value) {
    return switch (value) {
      case String text -> text.length();
      case Bytes bytes -> bytes.bytes().length;
      case ListValue list -> list.size();
      case MapValue map -> map.size();
      default -> 1;
    };
  }
}
