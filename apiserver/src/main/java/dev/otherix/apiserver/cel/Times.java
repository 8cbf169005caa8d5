package dev.otherix.apiserver.cel;

import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.Map;
import java.util.function.ToLongFunction;

/// Moments and durations.
final class Times {
  private static final Instant FIRST = Instant.parse("0001-01-01T00:00:00Z");
  private static final Instant LAST = Instant.parse("9999-12-31T23:59:59.999999999Z");
  private static final Duration LONGEST = Duration.ofDays(3_652_500);

  private Times() {}

  static void addTo(Map<String, Function> functions) {
    functions.put("timestamp", (a, _) -> timestamp(a[0]));
    functions.put("duration", (a, _) -> toDuration(a[0]));
    field(functions, "getFullYear", time -> time.getYear());
    field(functions, "getMonth", time -> time.getMonthValue() - 1);
    field(functions, "getDate", time -> time.getDayOfMonth());
    field(functions, "getDayOfMonth", time -> time.getDayOfMonth() - 1);
    field(functions, "getDayOfWeek", time -> time.getDayOfWeek().getValue() % 7);
    field(functions, "getDayOfYear", time -> time.getDayOfYear() - 1);
    field(functions, "getHours", time -> time.getHour());
    field(functions, "getMinutes", time -> time.getMinute());
    field(functions, "getSeconds", time -> time.getSecond());
    field(functions, "getMilliseconds", time -> time.getNano() / 1_000_000);
    Functions.share(functions, "getHours", Duration.class, (a, _) -> of(a[0]).toHours());
    Functions.share(functions, "getMinutes", Duration.class, (a, _) -> of(a[0]).toMinutes());
    Functions.share(functions, "getSeconds", Duration.class, (a, _) -> of(a[0]).toSeconds());
    Functions.share(
        functions, "getMilliseconds", Duration.class, (a, _) -> (long) of(a[0]).toMillisPart());
  }

  private static void field(
      Map<String, Function> functions, String name, ToLongFunction<ZonedDateTime> field) {
    functions.put(
        name,
        (a, _) -> {
          if (!(a[0] instanceof Instant time)) {
            throw EvaluationException.noOverload(name);
          }
          return field.applyAsLong(time.atZone(a.length > 1 ? zone(a[1]) : ZoneOffset.UTC));
        });
  }

  private static ZoneId zone(Object value) {
    String text = Functions.text(value, "timezone");
    try {
      boolean offset = !text.isEmpty() && Character.isDigit(text.charAt(0));
      return ZoneId.of(offset ? "+" + text : text);
    } catch (DateTimeException e) {
      throw new EvaluationException("unknown time zone " + text);
    }
  }

  private static Duration of(Object value) {
    return (Duration) value;
  }

  private static Object timestamp(Object value) {
    try {
      return switch (value) {
        case Instant time -> time;
        case Long seconds -> bounded(Instant.ofEpochSecond(seconds));
        case String text -> bounded(TreeValues.timestamp(text));
        default -> throw EvaluationException.noOverload("timestamp");
      };
    } catch (DateTimeException e) {
      throw new EvaluationException("time overflow");
    }
  }

  private static Object toDuration(Object value) {
    return switch (value) {
      case Duration time -> time;
      case String text -> TreeValues.duration(text);
      case Long nanoseconds -> Duration.ofNanos(nanoseconds);
      default -> throw EvaluationException.noOverload("duration");
    };
  }

  static Instant bounded(Instant time) {
    if (time.isBefore(FIRST) || time.isAfter(LAST)) {
      throw new EvaluationException("time overflow");
    }
    return time;
  }

  static Duration bounded(Duration time) {
    if (time.abs().compareTo(LONGEST) > 0) {
      throw new EvaluationException("duration overflow");
    }
    return time;
  }

  /// Seconds with a fraction, such as `1.5s`.
  static String printed(Duration time) {
    BigDecimal seconds =
        BigDecimal.valueOf(time.getSeconds()).add(BigDecimal.valueOf(time.getNano(), 9));
    return (seconds.signum() == 0 ? BigDecimal.ZERO : seconds.stripTrailingZeros()).toPlainString()
        + "s";
  }
}
