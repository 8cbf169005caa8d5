package dev.otherix.apimachinery.codec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.apimachinery.status.ApiException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class JsonTest {
  @ParameterizedTest
  @CsvSource({
    "9223372036854775807, 9223372036854775807",
    "-9223372036854775808, -9223372036854775808",
    "9223372036854775808, 9223372036854775808",
    "0.1, 0.1",
    "1.0, 1",
    "1e3, 1000",
    "-0.0, 0",
    "123456789012345678.125, 123456789012345678.125",
  })
  void parse_number_keepsItsExactValue(String text, String expected) {
    assertEquals(expected, Json.parse(text).toString());
  }

  @Test
  void parse_numberBeyondDouble_isRefusedWithItsPlace() {
    ApiException e = assertThrows(ApiException.class, () -> Json.parse("{\"a\": 1.5e400}"));
    assertEquals("the number 1.5e400 is out of range, at line 1, column 7", e.getMessage());
  }

  @Test
  void decode_repeatedMember_reportsEveryPathAndKeepsTheLast() {
    String text = "{\"a\":1,\"b\":[{\"c\":1,\"c\":2}],\"a\":3}";
    Json.Decoded decoded = Json.decode(text.getBytes(StandardCharsets.UTF_8), Limits.REQUEST);
    assertEquals(
        List.of("b[0].c", "a"), decoded.duplicates().stream().map(Object::toString).toList());
    assertTrue(Json.equal(Json.parse("{\"a\":3,\"b\":[{\"c\":2}]}"), decoded.tree()));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "{", "{\"a\":}", "{} {}", "[1,]", "nul", "'a'", "{a:1}", "\"\\ud800\"", "01"})
  void parse_notJson_isBadRequest(String text) {
    assertEquals(400, assertThrows(ApiException.class, () -> Json.parse(text)).code());
  }

  @Test
  void decode_tooDeep_isBadRequestAndTooLarge_is413() {
    byte[] deep = "[".repeat(300).getBytes(StandardCharsets.UTF_8);
    assertEquals(
        400, assertThrows(ApiException.class, () -> Json.decode(deep, Limits.REQUEST)).code());
    byte[] large = new byte[Limits.REQUEST.bytesMax() + 1];
    assertEquals(
        413, assertThrows(ApiException.class, () -> Json.decode(large, Limits.REQUEST)).code());
  }

  @Test
  void equal_comparesNumbersByValueAndMembersWithoutOrder() {
    assertTrue(Json.equal(Json.parse("{\"a\":1,\"b\":2.50}"), Json.parse("{\"b\":2.5,\"a\":1.0}")));
    assertFalse(Json.equal(Json.parse("[1,2]"), Json.parse("[2,1]")));
    assertFalse(Json.equal(Json.parse("\"1\""), Json.parse("1")));
    assertFalse(Json.equal(Json.parse("{\"a\":null}"), Json.parse("{}")));
  }
}
