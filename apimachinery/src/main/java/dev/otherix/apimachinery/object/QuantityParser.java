package dev.otherix.apimachinery.object;

import dev.otherix.apimachinery.object.Quantity.Format;
import dev.otherix.apimachinery.status.ApiException;
import java.math.BigDecimal;
import java.math.BigInteger;

/// One reading of a quantity: sign, digits with an optional fraction, suffix.
final class QuantityParser {
  private static final int LENGTH_MAX = 512;
  private static final int EXPONENT_DIGITS_MAX = 9;
  private static final String BINARY_LETTERS = "KMGTPE";
  private static final String DECIMAL_LETTERS = "num kMGTPE";
  private static final int DECIMAL_ONE = DECIMAL_LETTERS.indexOf(' ');
  private static final String SUFFIX_LETTERS = "eEinumkKMGTP";

  private final String text;

  QuantityParser(String text) {
    this.text = text;
  }

  static String binarySuffix(int power) {
    return power == 0 ? "" : BINARY_LETTERS.charAt(power - 1) + "i";
  }

  static String decimalSuffix(int exponent) {
    return exponent == 0 ? "" : String.valueOf(DECIMAL_LETTERS.charAt(DECIMAL_ONE + exponent / 3));
  }

  Quantity quantity() {
    if (text.length() > LENGTH_MAX) {
      throw ApiException.badRequest(
          "a quantity of " + text.length() + " characters; the limit is " + LENGTH_MAX);
    }
    int start = text.startsWith("-") || text.startsWith("+") ? 1 : 0;
    int dot = skipDigits(start);
    boolean fraction = dot < text.length() && text.charAt(dot) == '.';
    int end = fraction ? skipDigits(dot + 1) : dot;
    // Kubernetes' own parser reads "Ki" and "." as zero, against its grammar and its schemas.
    if (end - start - (fraction ? 1 : 0) == 0) {
      throw wrongForm();
    }
    checkSuffixForm(end);
    BigInteger digits = new BigInteger(text.substring(start, dot) + fraction(dot, end));
    BigDecimal number = new BigDecimal(digits, fraction ? end - dot - 1 : 0);
    return scaled(text.startsWith("-") ? number.negate() : number, text.substring(end));
  }

  private String fraction(int dot, int end) {
    return dot < end ? text.substring(dot + 1, end) : "";
  }

  private Quantity scaled(BigDecimal number, String suffix) {
    if (suffix.isEmpty()) {
      return Quantity.bounded(number, Format.DECIMAL);
    }
    if (suffix.length() == 1 && suffix.charAt(0) != ' ') {
      int letter = DECIMAL_LETTERS.indexOf(suffix.charAt(0));
      if (letter >= 0) {
        BigDecimal amount = number.scaleByPowerOfTen((letter - DECIMAL_ONE) * 3);
        return Quantity.bounded(amount, Format.DECIMAL);
      }
    }
    if (suffix.length() == 2 && suffix.charAt(1) == 'i') {
      int letter = BINARY_LETTERS.indexOf(suffix.charAt(0));
      if (letter >= 0) {
        BigDecimal unit = new BigDecimal(BigInteger.ONE.shiftLeft(10 * (letter + 1)));
        return Quantity.bounded(number.multiply(unit), Format.BINARY);
      }
    }
    if (suffix.charAt(0) == 'e' || suffix.charAt(0) == 'E') {
      return Quantity.bounded(number.scaleByPowerOfTen(exponent(suffix)), Format.EXPONENT);
    }
    throw wrongSuffix();
  }

  private int exponent(String suffix) {
    int at = 1;
    boolean negative = at < suffix.length() && suffix.charAt(at) == '-';
    if (at < suffix.length() && (negative || suffix.charAt(at) == '+')) {
      at++;
    }
    if (at == suffix.length()) {
      throw wrongSuffix();
    }
    int value = 0;
    int significant = 0;
    for (; at < suffix.length(); at++) {
      char c = suffix.charAt(at);
      if (c < '0' || c > '9') {
        throw wrongSuffix();
      }
      significant += significant > 0 || c != '0' ? 1 : 0;
      if (significant > EXPONENT_DIGITS_MAX) {
        throw wrongSuffix();
      }
      value = value * 10 + (c - '0');
    }
    return negative ? -value : value;
  }

  /// Letters, then a sign, then digits, and nothing else: what follows that pattern but means
  /// nothing is a wrong suffix, anything else is a wrong form.
  private void checkSuffixForm(int start) {
    int at = start;
    while (at < text.length() && SUFFIX_LETTERS.indexOf(text.charAt(at)) >= 0) {
      at++;
    }
    if (at < text.length() && (text.charAt(at) == '-' || text.charAt(at) == '+')) {
      at++;
    }
    if (skipDigits(at) != text.length()) {
      throw wrongForm();
    }
  }

  private int skipDigits(int from) {
    int at = from;
    while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
      at++;
    }
    return at;
  }

  private ApiException wrongForm() {
    return ApiException.badRequest(
        "\""
            + text
            + "\": quantities must match the regular expression"
            + " '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'");
  }

  private ApiException wrongSuffix() {
    return ApiException.badRequest(
        "\""
            + text
            + "\": unable to parse quantity's suffix; use one of Ki, Mi, Gi, Ti, Pi, Ei, n, u, m,"
            + " k, M, G, T, P, E, or an exponent such as e3");
  }
}
