package dev.otherix.apimachinery.object;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.apimachinery.status.ApiException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class GoDurationTest {
  /// Columns: as written, nanoseconds, as printed.
  @ParameterizedTest
  @CsvSource({
    "0, 0, 0s",
    "-0, 0, 0s",
    "+0, 0, 0s",
    "0s, 0, 0s",
    "0h0m, 0, 0s",
    "1ns, 1, 1ns",
    "-1ns, -1, -1ns",
    "999ns, 999, 999ns",
    "1us, 1000, 1µs",
    "1µs, 1000, 1µs",
    "1μs, 1000, 1µs",
    "1100ns, 1100, 1.1µs",
    "2.2ms, 2200000, 2.2ms",
    "300ms, 300000000, 300ms",
    "1000ms, 1000000000, 1s",
    "3.3s, 3300000000, 3.3s",
    "1.5h, 5400000000000, 1h30m0s",
    "1h30m, 5400000000000, 1h30m0s",
    "30m1h, 5400000000000, 1h30m0s",
    "90m, 5400000000000, 1h30m0s",
    "-1.5h, -5400000000000, -1h30m0s",
    "+5s, 5000000000, 5s",
    "60s, 60000000000, 1m0s",
    "4m5s, 245000000000, 4m5s",
    "4m5.001s, 245001000000, 4m5.001s",
    "5h6m7.001s, 18367001000000, 5h6m7.001s",
    "8m0.000000001s, 480000000001, 8m0.000000001s",
    "1h, 3600000000000, 1h0m0s",
    "24h, 86400000000000, 24h0m0s",
    "100h, 360000000000000, 100h0m0s",
    ".5s, 500000000, 500ms",
    "1.s, 1000000000, 1s",
    "-.5s, -500000000, -500ms",
    "1.0000000009s, 1000000000, 1s",
    "0.3333333333333333333h, 1200000000000, 20m0s",
    "0.100000000000000000000h, 360000000000, 6m0s",
    "0.9223372036854775807h, 3320413933267, 55m20.413933267s",
    "39h9m14.425s, 140954425000000, 39h9m14.425s",
    "10.5s4m, 250500000000, 4m10.5s",
    "9007199254740993ns, 9007199254740993, 2501h59m59.254740993s",
    "2562047h47m16.854775807s, 9223372036854775807, 2562047h47m16.854775807s",
    "-2562047h47m16.854775808s, -9223372036854775808, -2562047h47m16.854775808s",
    "-9223372036854775808ns, -9223372036854775808, -2562047h47m16.854775808s",
    "9223372036854775.807us, 9223372036854775807, 2562047h47m16.854775807s",
    "1ns1us1ms1s1m1h, 3661001001001, 1h1m1.001001001s",
  })
  void parse_duration_printsAsGoDoes(String text, long nanos, String printed) {
    GoDuration duration = GoDuration.parse(text);
    assertEquals(nanos, duration.nanos());
    assertEquals(printed, duration.toString());
    assertEquals(duration, GoDuration.parse(printed));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "`` | time: invalid duration \"\"",
        "- | time: invalid duration \"-\"",
        "+ | time: invalid duration \"+\"",
        ". | time: invalid duration \".\"",
        "-. | time: invalid duration \"-.\"",
        ".s | time: invalid duration \".s\"",
        "+.s | time: invalid duration \"+.s\"",
        "s | time: invalid duration \"s\"",
        "` 1s` | time: invalid duration \" 1s\"",
        "--1s | time: invalid duration \"--1s\"",
        "3 | time: missing unit in duration \"3\"",
        "1s2 | time: missing unit in duration \"1s2\"",
        "1.5 | time: missing unit in duration \"1.5\"",
        "1.2.3s | time: missing unit in duration \"1.2.3s\"",
        "1d | time: unknown unit \"d\" in duration \"1d\"",
        "1S | time: unknown unit \"S\" in duration \"1S\"",
        "1 s | time: unknown unit \" s\" in duration \"1 s\"",
        "1h-1m | time: unknown unit \"h-\" in duration \"1h-1m\"",
        "9223372036854775808ns | time: invalid duration \"9223372036854775808ns\"",
        "9223372036854775.808us | time: invalid duration \"9223372036854775.808us\"",
        "2562047h47m16.854775808s | time: invalid duration \"2562047h47m16.854775808s\"",
        "-9223372036854775809ns | time: invalid duration \"-9223372036854775809ns\"",
        "99999999999999999999s | time: invalid duration \"99999999999999999999s\"",
        "3000000h | time: invalid duration \"3000000h\"",
        "2562047h2562047h | time: invalid duration \"2562047h2562047h\"",
      })
  void parse_wrongText_saysWhatGoSays(String text, String message) {
    ApiException e = assertThrows(ApiException.class, () -> GoDuration.parse(text));
    assertEquals(400, e.code());
    assertEquals(message, e.getMessage());
  }

  @Test
  void of_javaDuration_goesBothWays() {
    assertEquals("1m30s", GoDuration.of(Duration.ofSeconds(90)).toString());
    assertEquals(Duration.ofMillis(1500), GoDuration.parse("1.5s").toDuration());
    assertTrue(GoDuration.parse("1s").compareTo(GoDuration.parse("2s")) < 0);
    assertThrows(ArithmeticException.class, () -> GoDuration.of(Duration.ofDays(200_000)));
  }
}
