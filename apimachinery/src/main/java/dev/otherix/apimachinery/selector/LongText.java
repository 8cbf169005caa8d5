package dev.otherix.apimachinery.selector;

/// 64-bit integers in label values, told from other texts without the cost of an exception.
final class LongText {
  private LongText() {}

  static boolean isLong(String text) {
    int start = text.startsWith("-") || text.startsWith("+") ? 1 : 0;
    int end = text.length();
    if (start == end) {
      return false;
    }
    long value = 0;
    for (int i = start; i < end; i++) {
      int digit = text.charAt(i) - '0';
      if (digit < 0 || digit > 9 || value < (Long.MIN_VALUE + digit) / 10) {
        return false;
      }
      // Negative all along: that side reaches one further.
      value = value * 10 - digit;
    }
    return value != Long.MIN_VALUE || text.charAt(0) == '-';
  }
}
