package dev.otherix.apimachinery.object;

import dev.otherix.apimachinery.status.ApiException;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;

/// A moment of microsecond precision, as in leases and events. Written in UTC with six digits; read
/// with any offset and any fraction, of which more than six digits are cut off.
public record MicroTime(Instant instant) implements Comparable<MicroTime> {
  public MicroTime {
    instant = instant.truncatedTo(ChronoUnit.MICROS);
  }

  public static MicroTime now(InstantSource clock) {
    return new MicroTime(clock.instant());
  }

  /// @throws ApiException 400 when `text` is not RFC 3339
  public static MicroTime parse(String text) {
    return new MicroTime(Rfc3339.parse(text));
  }

  @Override
  public int compareTo(MicroTime other) {
    return instant.compareTo(other.instant);
  }

  /// `2026-01-02T03:04:05.000006Z`.
  @Override
  public String toString() {
    return Rfc3339.print(instant, 6);
  }
}
