package dev.otherix.apimachinery.schema;

import java.math.BigDecimal;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Amounts such as `512Mi`, `1.5`, `100m` or `2e3`.
final class Quantity {
  private static final int LENGTH_MAX = 64;
  private static final int EXPONENT_MAX = 27;

  private static final Map<String, BigDecimal> SUFFIXES =
      Map.ofEntries(
          Map.entry("", BigDecimal.ONE),
          Map.entry("n", BigDecimal.ONE.movePointLeft(9)),
          Map.entry("u", BigDecimal.ONE.movePointLeft(6)),
          Map.entry("m", BigDecimal.ONE.movePointLeft(3)),
          Map.entry("k", BigDecimal.ONE.movePointRight(3)),
          Map.entry("M", BigDecimal.ONE.movePointRight(6)),
          Map.entry("G", BigDecimal.ONE.movePointRight(9)),
          Map.entry("T", BigDecimal.ONE.movePointRight(12)),
          Map.entry("P", BigDecimal.ONE.movePointRight(15)),
          Map.entry("E", BigDecimal.ONE.movePointRight(18)),
          Map.entry("Ki", binary(1)),
          Map.entry("Mi", binary(2)),
          Map.entry("Gi", binary(3)),
          Map.entry("Ti", binary(4)),
          Map.entry("Pi", binary(5)),
          Map.entry("Ei", binary(6)));

  private Quantity() {}

  /// Null for a text that is no quantity.
  static @Nullable BigDecimal parse(String text) {
    int length = text.length();
    if (length == 0 || length > LENGTH_MAX) {
      return null;
    }
    int at = text.charAt(0) == '+' || text.charAt(0) == '-' ? 1 : 0;
    int start = at;
    int dots = 0;
    while (at < length && (digit(text.charAt(at)) || text.charAt(at) == '.')) {
      dots += text.charAt(at++) == '.' ? 1 : 0;
    }
    if (at - start - dots < 1 || dots > 1) {
      return null;
    }
    String digits = text.substring(0, at);
    String suffix = text.substring(at);
    BigDecimal factor = SUFFIXES.get(suffix);
    if (factor == null) {
      factor = exponent(suffix);
    }
    return factor == null ? null : new BigDecimal(digits).multiply(factor);
  }

  private static @Nullable BigDecimal exponent(String suffix) {
    if (suffix.length() < 2 || (suffix.charAt(0) != 'e' && suffix.charAt(0) != 'E')) {
      return null;
    }
    boolean signed = suffix.charAt(1) == '-' || suffix.charAt(1) == '+';
    int exponent = 0;
    int start = signed ? 2 : 1;
    for (int i = start; i < suffix.length(); i++) {
      if (!digit(suffix.charAt(i))) {
        return null;
      }
      exponent = exponent * 10 + (suffix.charAt(i) - '0');
      if (exponent > EXPONENT_MAX) {
        return null;
      }
    }
    if (start == suffix.length()) {
      return null;
    }
    return BigDecimal.ONE.scaleByPowerOfTen(suffix.charAt(1) == '-' ? -exponent : exponent);
  }

  private static boolean digit(char c) {
    return c >= '0' && c <= '9';
  }

  private static BigDecimal binary(int power) {
    return BigDecimal.valueOf(1024).pow(power);
  }
}
