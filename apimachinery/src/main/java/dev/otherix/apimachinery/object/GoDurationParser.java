package dev.otherix.apimachinery.object;

import dev.otherix.apimachinery.status.ApiException;
import tools.jackson.databind.node.StringNode;

/// One reading of a duration: an optional sign, then one or more of number and unit.
final class GoDurationParser {
  /// 2^63 as an unsigned number: the magnitude of the smallest duration.
  private static final long MAGNITUDE_MAX = Long.MIN_VALUE;

  private final String text;
  private int at;

  GoDurationParser(String text) {
    this.text = text;
  }

  long nanos() {
    boolean negative = text.startsWith("-");
    if (negative || text.startsWith("+")) {
      at++;
    }
    if (text.substring(at).equals("0")) {
      return 0;
    }
    if (at == text.length()) {
      throw invalid();
    }
    long total = 0;
    while (at < text.length()) {
      total += part();
      if (Long.compareUnsigned(total, MAGNITUDE_MAX) > 0) {
        throw invalid();
      }
    }
    if (negative) {
      return -total;
    }
    if (total == MAGNITUDE_MAX) {
      throw invalid();
    }
    return total;
  }

  /// The nanoseconds of one number and unit, unsigned, at most 2^63.
  private long part() {
    int start = at;
    long whole = whole();
    int wholeDigits = at - start;
    long fraction = 0;
    double scale = 1;
    int fractionDigits = 0;
    if (at < text.length() && text.charAt(at) == '.') {
      at++;
      boolean overflow = false;
      for (; at < text.length() && isDigit(text.charAt(at)); at++, fractionDigits++) {
        long next = fraction * 10 + (text.charAt(at) - '0');
        // Further digits cannot matter; Go stops taking them in at the same place.
        overflow = overflow || fraction > Long.MAX_VALUE / 10 || next < 0;
        if (!overflow) {
          fraction = next;
          scale *= 10;
        }
      }
    }
    if (wholeDigits == 0 && fractionDigits == 0) {
      throw invalid();
    }
    long unit = unit();
    if (Long.compareUnsigned(whole, Long.divideUnsigned(MAGNITUDE_MAX, unit)) > 0) {
      throw invalid();
    }
    // Done in floating point because Go does it so, and both must come to the same nanosecond.
    return whole * unit + (long) (fraction * (unit / scale));
  }

  private long whole() {
    long value = 0;
    for (; at < text.length() && isDigit(text.charAt(at)); at++) {
      if (Long.compareUnsigned(value, Long.divideUnsigned(MAGNITUDE_MAX, 10)) > 0) {
        throw invalid();
      }
      value = value * 10 + (text.charAt(at) - '0');
      if (Long.compareUnsigned(value, MAGNITUDE_MAX) > 0) {
        throw invalid();
      }
    }
    return value;
  }

  private long unit() {
    int start = at;
    while (at < text.length() && text.charAt(at) != '.' && !isDigit(text.charAt(at))) {
      at++;
    }
    if (at == start) {
      throw ApiException.badRequest("time: missing unit in duration " + quoted(text));
    }
    String unit = text.substring(start, at);
    return switch (unit) {
      case "ns" -> 1;
      // The micro sign and the Greek letter look the same and are both in use.
      case "us", "\u00b5s", "\u03bcs" -> GoDuration.MICRO;
      case "ms" -> GoDuration.MILLI;
      case "s" -> GoDuration.SECOND;
      case "m" -> GoDuration.MINUTE;
      case "h" -> GoDuration.HOUR;
      default ->
          throw ApiException.badRequest(
              "time: unknown unit " + quoted(unit) + " in duration " + quoted(text));
    };
  }

  private ApiException invalid() {
    return ApiException.badRequest("time: invalid duration " + quoted(text));
  }

  private static String quoted(String text) {
    return StringNode.valueOf(text).toString();
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }
}
