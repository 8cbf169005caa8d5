package dev.otherix.apimachinery.object;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.status.ApiException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class IntOrStringTest {
  @ParameterizedTest
  @ValueSource(
      strings = {"0", "80", "-1", "2147483647", "-2147483648", "\"80\"", "\"25%\"", "\"\""})
  void fromJson_intOrString_goesBothWays(String json) {
    assertTrue(Json.equal(Json.parse(json), IntOrString.fromJson(Json.parse(json)).toJson()));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"2147483648", "-2147483649", "1.5", "99999999999999999999", "true", "null", "[]"})
  void fromJson_other_isRefused(String json) {
    ApiException e = assertThrows(ApiException.class, () -> IntOrString.fromJson(Json.parse(json)));
    assertEquals(
        "the value " + json + " must be a string, or an integer from -2147483648 to 2147483647",
        e.getMessage());
  }

  @ParameterizedTest
  @CsvSource({
    "5, 10, 5, 5",
    "25%, 10, 3, 2",
    "25%, 8, 2, 2",
    "0%, 10, 0, 0",
    "100%, 7, 7, 7",
    "150%, 3, 5, 4",
    "1%, 1, 1, 0",
    "-25%, 10, -2, -3",
    "2147483647%, 2147483647, 2147483647, 2147483647",
    "99%, 0, 0, 0",
  })
  void scaled_percentage_roundsAsAsked(String text, int total, int up, int down) {
    IntOrString value = IntOrString.parse(text);
    assertEquals(up, value.scaled(total, true));
    assertEquals(down, value.scaled(total, false));
  }

  @ParameterizedTest
  @ValueSource(strings = {"http", "%", "25", "25 %", "2.5%", "25%%", "99999999999%"})
  void scaled_noPercentage_isRefused(String text) {
    ApiException e =
        assertThrows(ApiException.class, () -> new IntOrString.Text(text).scaled(10, true));
    assertEquals(
        "invalid value for IntOrString: \"" + text + "\" is not a percentage such as \"25%\"",
        e.getMessage());
  }

  @ParameterizedTest
  @CsvSource({
    "1, true",
    "-5, true",
    "+5, true",
    "2147483648, false",
    "1a, false",
    "'', false",
    "-, false",
    "007, true"
  })
  void parse_text_isAnIntegerWhereItCan(String text, boolean integer) {
    assertEquals(integer, IntOrString.parse(text) instanceof IntOrString.Int);
  }
}
