package dev.otherix.apimachinery.schema;

import java.util.Locale;

/// Amounts of bytes with two or three significant figures, in the suffixes of quantities: `512`,
/// `1.5Gi`, `136Gi`.
public final class HumanBytes {
  private static final String[] UNITS = {"", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"};
  private static final double STEP = 1024;

  /// From here on the tenths are left out.
  private static final double LARGE = 10;

  private HumanBytes() {}

  public static String print(long bytes) {
    double amount = bytes;
    int unit = 0;
    // What would be rounded to a whole next unit is told in that one.
    while (Math.round(Math.abs(amount)) >= STEP) {
      amount /= STEP;
      unit++;
    }
    String text =
        Math.abs(amount) < LARGE
            ? String.format(Locale.ROOT, "%.1f", amount)
            : "" + Math.round(amount);
    return (text.endsWith(".0") ? text.substring(0, text.length() - 2) : text) + UNITS[unit];
  }
}
