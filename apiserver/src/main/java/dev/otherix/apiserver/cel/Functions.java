package dev.otherix.apiserver.cel;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Every function that an expression may call, by its name.
final class Functions {
  private static final Map<String, Function> BY_NAME = new HashMap<>();

  static {
    Operators.addTo(BY_NAME);
    Conversions.addTo(BY_NAME);
    Times.addTo(BY_NAME);
    Strings.addTo(BY_NAME);
    Lists.addTo(BY_NAME);
    Networks.addTo(BY_NAME);
    Quantities.addTo(BY_NAME);
    Optionals.addTo(BY_NAME);
  }

  private Functions() {}

  static @Nullable Function named(String name) {
    return BY_NAME.get(name);
  }

  /// Tries the next meaning of a name that several types share.
  static void share(Map<String, Function> functions, String name, Class<?> type, Function own) {
    Function before = functions.get(name);
    functions.put(
        name,
        (arguments, frame) -> {
          if (arguments.length > 0 && type.isInstance(arguments[0])) {
            return own.apply(arguments, frame);
          }
          if (before == null) {
            throw EvaluationException.noOverload(name);
          }
          return before.apply(arguments, frame);
        });
  }

  static String text(Object value, String function) {
    if (value instanceof String text) {
      return text;
    }
    throw EvaluationException.noOverload(function);
  }

  static int index(Object value, String function) {
    if (value instanceof Long number) {
      return Math.clamp(number, Integer.MIN_VALUE, Integer.MAX_VALUE);
    }
    throw EvaluationException.noOverload(function);
  }

  static ListValue list(Object value, String function) {
    if (value instanceof ListValue list) {
      return list;
    }
    throw EvaluationException.noOverload(function);
  }
}
