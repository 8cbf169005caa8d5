package dev.otherix.apimachinery.codec;

/// Prints a revision without garbage: one small array serves a whole list. Not thread-safe.
public final class RevisionDigits {
  private final byte[] digits = new byte[20];

  void write(long number, ByteSink sink) {
    if (number < 0) {
      throw new IllegalArgumentException("a revision is never negative: " + number);
    }
    int at = digits.length;
    long rest = number;
    do {
      digits[--at] = (byte) ('0' + rest % 10);
      rest /= 10;
    } while (rest != 0);
    sink.write(digits, at, digits.length - at, false);
  }

  static int length(long number) {
    int length = 1;
    for (long rest = number; rest >= 10; rest /= 10) {
      length++;
    }
    return length;
  }
}
