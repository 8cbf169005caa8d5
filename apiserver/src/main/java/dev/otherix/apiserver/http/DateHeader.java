package dev.otherix.apiserver.http;

import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;

/// The value of the `Date` header, formatted once a second. Thread-safe.
final class DateHeader {
  private record Formatted(long second, String text) {}

  private final InstantSource clock;
  private volatile Formatted last = new Formatted(Long.MIN_VALUE, "");

  DateHeader(InstantSource clock) {
    this.clock = clock;
  }

  String now() {
    long second = clock.instant().getEpochSecond();
    Formatted formatted = last;
    if (formatted.second != second) {
      String text =
          DateTimeFormatter.RFC_1123_DATE_TIME.format(
              Instant.ofEpochSecond(second).atOffset(ZoneOffset.UTC));
      formatted = new Formatted(second, text);
      last = formatted;
    }
    return formatted.text;
  }
}
