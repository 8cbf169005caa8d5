package dev.otherix.apiserver.cel;

import java.time.Duration;
import java.util.Map;

/// Optional values. What decides lazily (`or`, `orValue`) is in [Node].
final class Optionals {
  private Optionals() {}

  static void addTo(Map<String, Function> functions) {
    functions.put("optional.of", (a, _) -> new Maybe(a[0]));
    functions.put("optional.none", (_, _) -> Maybe.NONE);
    functions.put("optional.ofNonZeroValue", (a, _) -> zero(a[0]) ? Maybe.NONE : new Maybe(a[0]));
    functions.put("hasValue", (a, _) -> of(a[0], "hasValue").value() != null);
    functions.put("value", (a, _) -> value(of(a[0], "value")));
  }

  private static Maybe of(Object value, String function) {
    if (value instanceof Maybe maybe) {
      return maybe;
    }
    throw EvaluationException.noOverload(function);
  }

  private static Object value(Maybe maybe) {
    if (maybe.value() == null) {
      throw new EvaluationException("optional.none() dereference");
    }
    return maybe.value();
  }

  private static boolean zero(Object value) {
    return switch (value) {
      case Null _ -> true;
      case Boolean truth -> !truth;
      case Number number -> number.doubleValue() == 0;
      case String text -> text.isEmpty();
      case Bytes bytes -> bytes.bytes().length == 0;
      case ListValue list -> list.size() == 0;
      case MapValue map -> map.size() == 0;
      case Duration time -> time.isZero();
      default -> false;
    };
  }
}
