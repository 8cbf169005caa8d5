package dev.otherix.apimachinery.object;

import dev.otherix.apimachinery.status.ApiException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.time.temporal.ChronoField;

/// Timestamps of RFC 3339: a date, `T`, a time with seconds, an optional fraction, and `Z` or an
/// offset. `java.time` has no formatter that is exactly this strict.
final class Rfc3339 {
  private static final int FRACTION_START = 19;
  private static final int NANO_DIGITS = 9;

  private final String text;
  private int at;

  private Rfc3339(String text) {
    this.text = text;
  }

  static Instant parse(String text) {
    return new Rfc3339(text).instant();
  }

  /// Years beyond 9999 cannot be written; nothing that the server makes is that far away.
  static String print(Instant instant, int fractionDigits) {
    LocalDateTime utc = LocalDateTime.ofInstant(instant, ZoneOffset.UTC);
    StringBuilder out = new StringBuilder(FRACTION_START + 2 + fractionDigits);
    pad(out, utc.getYear(), 4).append('-');
    pad(out, utc.getMonthValue(), 2).append('-');
    pad(out, utc.getDayOfMonth(), 2).append('T');
    pad(out, utc.getHour(), 2).append(':');
    pad(out, utc.getMinute(), 2).append(':');
    pad(out, utc.getSecond(), 2);
    if (fractionDigits > 0) {
      int value = utc.get(ChronoField.NANO_OF_SECOND);
      for (int i = fractionDigits; i < NANO_DIGITS; i++) {
        value /= 10;
      }
      pad(out.append('.'), value, fractionDigits);
    }
    return out.append('Z').toString();
  }

  private static StringBuilder pad(StringBuilder out, int value, int digits) {
    String text = Integer.toString(value);
    return out.repeat('0', Math.max(0, digits - text.length())).append(text);
  }

  private Instant instant() {
    int year = digits(4, 0, 9999);
    expect('-');
    int month = digits(2, 1, 12);
    expect('-');
    int day = digits(2, 1, YearMonth.of(year, month).lengthOfMonth());
    expect('T');
    int hour = digits(2, 0, 23);
    expect(':');
    int minute = digits(2, 0, 59);
    expect(':');
    int second = digits(2, 0, 59);
    int nanos = fraction();
    int offset = offset();
    if (at != text.length()) {
      throw wrong();
    }
    long seconds =
        LocalDate.of(year, month, day).toEpochDay() * 86_400
            + hour * 3_600L
            + minute * 60L
            + second
            - offset;
    return Instant.ofEpochSecond(seconds, nanos);
  }

  private int fraction() {
    if (at >= text.length() || text.charAt(at) != '.') {
      return 0;
    }
    at++;
    int start = at;
    int nanos = 0;
    for (; at < text.length() && isDigit(text.charAt(at)); at++) {
      if (at - start < NANO_DIGITS) {
        nanos = nanos * 10 + (text.charAt(at) - '0');
      }
    }
    if (at == start) {
      throw wrong();
    }
    for (int i = at - start; i < NANO_DIGITS; i++) {
      nanos *= 10;
    }
    return nanos;
  }

  private int offset() {
    char sign = at < text.length() ? text.charAt(at) : 0;
    at++;
    if (sign == 'Z') {
      return 0;
    }
    if (sign != '+' && sign != '-') {
      throw wrong();
    }
    int hours = digits(2, 0, 23);
    expect(':');
    int seconds = hours * 3_600 + digits(2, 0, 59) * 60;
    return sign == '+' ? seconds : -seconds;
  }

  private int digits(int count, int min, int max) {
    int value = 0;
    for (int i = 0; i < count; i++, at++) {
      if (at >= text.length() || !isDigit(text.charAt(at))) {
        throw wrong();
      }
      value = value * 10 + (text.charAt(at) - '0');
    }
    if (value < min || value > max) {
      throw wrong();
    }
    return value;
  }

  private void expect(char c) {
    if (at >= text.length() || text.charAt(at) != c) {
      throw wrong();
    }
    at++;
  }

  private ApiException wrong() {
    return ApiException.badRequest(
        "\"" + text + "\" is not an RFC 3339 timestamp; write it like 2026-01-02T03:04:05Z");
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }
}
