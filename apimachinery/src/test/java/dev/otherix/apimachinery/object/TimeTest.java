package dev.otherix.apimachinery.object;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.apimachinery.status.ApiException;
import java.time.Instant;
import java.time.InstantSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class TimeTest {
  /// Columns: as read, as a time prints, as a micro time prints.
  @ParameterizedTest
  @CsvSource({
    "2026-01-02T03:04:05Z, 2026-01-02T03:04:05Z, 2026-01-02T03:04:05.000000Z",
    "2026-01-02T03:04:05.9Z, 2026-01-02T03:04:05Z, 2026-01-02T03:04:05.900000Z",
    "2026-01-02T03:04:05.123456Z, 2026-01-02T03:04:05Z, 2026-01-02T03:04:05.123456Z",
    "2026-01-02T03:04:05.1234567Z, 2026-01-02T03:04:05Z, 2026-01-02T03:04:05.123456Z",
    "2026-01-02T03:04:05.000001Z, 2026-01-02T03:04:05Z, 2026-01-02T03:04:05.000001Z",
    "2026-01-02T03:04:05.99999999999999Z, 2026-01-02T03:04:05Z, 2026-01-02T03:04:05.999999Z",
    "2026-01-02T03:04:05+00:00, 2026-01-02T03:04:05Z, 2026-01-02T03:04:05.000000Z",
    "2026-01-02T03:04:05+02:30, 2026-01-02T00:34:05Z, 2026-01-02T00:34:05.000000Z",
    "2026-01-01T00:00:00+01:00, 2025-12-31T23:00:00Z, 2025-12-31T23:00:00.000000Z",
    "2026-01-02T23:04:05.5-02:00, 2026-01-03T01:04:05Z, 2026-01-03T01:04:05.500000Z",
    "2024-02-29T00:00:00Z, 2024-02-29T00:00:00Z, 2024-02-29T00:00:00.000000Z",
    "1969-12-31T23:59:59.5Z, 1969-12-31T23:59:59Z, 1969-12-31T23:59:59.500000Z",
    "0001-01-01T00:00:00Z, 0001-01-01T00:00:00Z, 0001-01-01T00:00:00.000000Z",
    "9999-12-31T23:59:59Z, 9999-12-31T23:59:59Z, 9999-12-31T23:59:59.000000Z",
  })
  void parse_timestamp_printsInUtc(String text, String time, String microTime) {
    assertEquals(time, Time.parse(text).toString());
    assertEquals(microTime, MicroTime.parse(text).toString());
    assertEquals(Time.parse(text), Time.parse(time));
    assertEquals(MicroTime.parse(text), MicroTime.parse(microTime));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "2026-01-02",
        "2026-01-02T03:04Z",
        "2026-01-02T03:04:05",
        "2026-01-02 03:04:05Z",
        "2026-01-02t03:04:05Z",
        "2026-01-02T03:04:05z",
        "2026-1-02T03:04:05Z",
        "2026-13-02T03:04:05Z",
        "2026-00-02T03:04:05Z",
        "2026-02-29T03:04:05Z",
        "2026-01-32T03:04:05Z",
        "2026-01-00T03:04:05Z",
        "2026-01-02T24:00:00Z",
        "2026-01-02T03:60:05Z",
        "2026-01-02T03:04:60Z",
        "2026-01-02T03:04:05.Z",
        "2026-01-02T03:04:05,5Z",
        "2026-01-02T03:04:05+0200",
        "2026-01-02T03:04:05+24:00",
        "2026-01-02T03:04:05+02:60",
        "2026-01-02T03:04:05ZZ",
        " 2026-01-02T03:04:05Z",
        "+2026-01-02T03:04:05Z",
        "12026-01-02T03:04:05Z",
        "-026-01-02T03:04:05Z"
      })
  void parse_otherText_isRefused(String text) {
    ApiException e = assertThrows(ApiException.class, () -> Time.parse(text));
    assertEquals(400, e.code());
    assertEquals(
        "\"" + text + "\" is not an RFC 3339 timestamp; write it like 2026-01-02T03:04:05Z",
        e.getMessage());
  }

  @Test
  void now_clock_isCutToThePrecision() {
    InstantSource clock = InstantSource.fixed(Instant.parse("2026-01-02T03:04:05.123456789Z"));
    assertEquals("2026-01-02T03:04:05Z", Time.now(clock).toString());
    assertEquals("2026-01-02T03:04:05.123456Z", MicroTime.now(clock).toString());
    assertTrue(Time.parse("2026-01-02T03:04:04Z").compareTo(Time.now(clock)) < 0);
    assertTrue(MicroTime.parse("2026-01-02T03:04:05Z").compareTo(MicroTime.now(clock)) < 0);
  }
}
