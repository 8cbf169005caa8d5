package dev.otherix.apimachinery.codec;

import java.math.BigDecimal;
import java.math.BigInteger;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.BooleanNode;
import tools.jackson.databind.node.NullNode;
import tools.jackson.databind.node.StringNode;

/// What a plain YAML scalar means, by the core schema of YAML 1.2. `yes`, `on` and the like are
/// text there, as their look says; what the two YAML versions read as different numbers (`0644`) is
/// refused, because a guess would be silent.
final class YamlScalar {
  private YamlScalar() {}

  /// The node that plain `text` stands for.
  ///
  /// @throws ArithmeticException with a message for the author when the text is a number that JSON
  ///   cannot hold or that is ambiguous
  static JsonNode plain(String text) {
    return switch (text) {
      case "", "~", "null", "Null", "NULL" -> NullNode.instance;
      case "true", "True", "TRUE" -> BooleanNode.TRUE;
      case "false", "False", "FALSE" -> BooleanNode.FALSE;
      default -> {
        JsonNode number = number(text);
        yield number == null ? StringNode.valueOf(text) : number;
      }
    };
  }

  /// Whether `text` written plainly would be read as anything but this text, by YAML 1.1 or 1.2.
  static boolean needsQuotes(String text) {
    return switch (text) {
      case "", "~", "null", "Null", "NULL", "=", "<<" -> true;
      case "true", "True", "TRUE", "false", "False", "FALSE" -> true;
      case "yes", "Yes", "YES", "no", "No", "NO", "on", "On", "ON", "off", "Off", "OFF" -> true;
      case "y", "Y", "n", "N" -> true;
      default -> looksLikeNumberOrDate(text);
    };
  }

  private static boolean looksLikeNumberOrDate(String text) {
    char first = text.charAt(0);
    return first == '+' || first == '-' || first == '.' || (first >= '0' && first <= '9');
  }

  private static @Nullable JsonNode number(String text) {
    if (!looksLikeNumberOrDate(text)) {
      return null;
    }
    switch (text) {
      case ".inf", ".Inf", ".INF", "+.inf", "-.inf", "+.Inf", "-.Inf", "+.INF", "-.INF" ->
          throw new ArithmeticException("infinity is not a JSON number; quote it if it is text");
      case ".nan", ".NaN", ".NAN" ->
          throw new ArithmeticException("NaN is not a JSON number; quote it if it is text");
      default -> {}
    }
    if (text.startsWith("0x") && digits(text, 2, 16) == text.length()) {
      return radix(text, 16);
    }
    if (text.startsWith("0o") && digits(text, 2, 8) == text.length()) {
      return radix(text, 8);
    }
    return decimal(text);
  }

  private static @Nullable JsonNode radix(String text, int radix) {
    if (text.length() == 2) {
      return null;
    }
    checkLength(text);
    return Json.integerNode(new BigInteger(text.substring(2), radix));
  }

  private static @Nullable JsonNode decimal(String text) {
    int start = text.charAt(0) == '-' || text.charAt(0) == '+' ? 1 : 0;
    int at = digits(text, start, 10);
    int whole = at - start;
    int fraction = 0;
    if (at < text.length() && text.charAt(at) == '.') {
      int end = digits(text, at + 1, 10);
      fraction = end - at - 1;
      at = end;
    }
    if (whole == 0 && fraction == 0) {
      return null;
    }
    boolean exponent = at < text.length() && (text.charAt(at) == 'e' || text.charAt(at) == 'E');
    if (exponent) {
      int sign = at + 1;
      if (sign < text.length() && (text.charAt(sign) == '-' || text.charAt(sign) == '+')) {
        sign++;
      }
      int end = digits(text, sign, 10);
      if (end == sign || end - sign > 6) {
        return null;
      }
      at = end;
    }
    if (at != text.length()) {
      return null;
    }
    if (whole > 1 && text.charAt(start) == '0') {
      throw new ArithmeticException(
          "the number "
              + text
              + " is ambiguous: YAML 1.1 reads a leading zero as octal; write 0o"
              + text.substring(start).replaceFirst("^0+", "")
              + " for octal, drop the zero for decimal, or quote it");
    }
    checkLength(text);
    boolean integer = !exponent && text.indexOf('.') < 0;
    return integer
        ? Json.integerNode(new BigInteger(text))
        : Json.exactNumber(new BigDecimal(text));
  }

  /// The index behind the last digit that stands from `at` on.
  private static int digits(String text, int at, int radix) {
    int end = at;
    while (end < text.length() && text.charAt(end) < 128 && digit(text.charAt(end), radix)) {
      end++;
    }
    return end;
  }

  private static boolean digit(char c, int radix) {
    return Character.digit(c, radix) >= 0;
  }

  private static void checkLength(String text) {
    if (text.length() > Limits.NUMBER_DIGITS_MAX) {
      throw new ArithmeticException(
          "a number may have " + Limits.NUMBER_DIGITS_MAX + " digits at most");
    }
  }
}
