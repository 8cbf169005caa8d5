package dev.otherix.apimachinery.object;

import java.time.Duration;

/// A signed duration in nanoseconds, read and written as Go does: `1h30m0s`, `300ms`, `1.5h`.
/// Reaches about 292 years either way.
public record GoDuration(long nanos) implements Comparable<GoDuration> {
  static final long MICRO = 1_000;
  static final long MILLI = 1_000 * MICRO;
  static final long SECOND = 1_000 * MILLI;
  static final long MINUTE = 60 * SECOND;
  static final long HOUR = 60 * MINUTE;

  /// @throws ArithmeticException beyond 292 years
  public static GoDuration of(Duration duration) {
    return new GoDuration(duration.toNanos());
  }

  /// @throws dev.otherix.apimachinery.status.ApiException 400 with Go's message
  public static GoDuration parse(String text) {
    return new GoDuration(new GoDurationParser(text).nanos());
  }

  public Duration toDuration() {
    return Duration.ofNanos(nanos);
  }

  @Override
  public int compareTo(GoDuration other) {
    return Long.compare(nanos, other.nanos);
  }

  /// Whole hours and minutes before the seconds; a duration below one second in its largest unit.
  @Override
  public String toString() {
    if (nanos == 0) {
      return "0s";
    }
    StringBuilder out = new StringBuilder();
    // Unsigned from here on: the magnitude of Long.MIN_VALUE has no positive long.
    long magnitude = nanos;
    if (nanos < 0) {
      out.append('-');
      magnitude = -nanos;
    }
    if (Long.compareUnsigned(magnitude, SECOND) < 0) {
      return belowSecond(out, magnitude).toString();
    }
    long seconds = Long.divideUnsigned(magnitude, SECOND);
    if (seconds >= 3_600) {
      out.append(seconds / 3_600).append('h');
    }
    if (seconds >= 60) {
      out.append(seconds / 60 % 60).append('m');
    }
    out.append(seconds % 60);
    fraction(out, Long.remainderUnsigned(magnitude, SECOND), SECOND);
    return out.append('s').toString();
  }

  private static StringBuilder belowSecond(StringBuilder out, long nanos) {
    if (nanos < MICRO) {
      return out.append(nanos).append("ns");
    }
    long unit = nanos < MILLI ? MICRO : MILLI;
    out.append(nanos / unit);
    fraction(out, nanos % unit, unit);
    return out.append(unit == MICRO ? "µs" : "ms");
  }

  /// Appends `rest/unit` as decimals, without trailing zeros.
  private static void fraction(StringBuilder out, long rest, long unit) {
    if (rest == 0) {
      return;
    }
    out.append('.');
    for (long digit = unit / 10; rest > 0; digit /= 10) {
      out.append(rest / digit);
      rest %= digit;
    }
  }
}
