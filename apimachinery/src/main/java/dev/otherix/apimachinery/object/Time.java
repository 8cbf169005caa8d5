package dev.otherix.apimachinery.object;

import dev.otherix.apimachinery.status.ApiException;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;

/// A moment of second precision, the type of most timestamps on the wire. Written in UTC with `Z`;
/// read with any offset and any fraction, which is cut off.
public record Time(Instant instant) implements Comparable<Time> {
  public Time {
    instant = instant.truncatedTo(ChronoUnit.SECONDS);
  }

  public static Time now(InstantSource clock) {
    return new Time(clock.instant());
  }

  /// @throws ApiException 400 when `text` is not RFC 3339
  public static Time parse(String text) {
    return new Time(Rfc3339.parse(text));
  }

  @Override
  public int compareTo(Time other) {
    return instant.compareTo(other.instant);
  }

  /// `2026-01-02T03:04:05Z`.
  @Override
  public String toString() {
    return Rfc3339.print(instant, 0);
  }
}
