package dev.otherix.apimachinery.selector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.apimachinery.status.ApiException;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class FieldSelectorTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "`` | ``",
        ", | ``",
        ",,a=b,, | a=b",
        "a=b | a=b",
        "a==b | a=b",
        "a!=b | a!=b",
        "a= | a=",
        "a!= | a!=",
        "=b | =b",
        "b=1,a=2 | a=2,b=1",
        "a!=1,a=1 | a=1,a!=1",
        "metadata.name=x,spec.nodeName!=y | metadata.name=x,spec.nodeName!=y",
        "a=\\, | a=\\,",
        "a=\\= | a=\\=",
        "a=\\\\ | a=\\\\",
        "a=x\\,b\\=c\\\\d,e=f | a=x\\,b\\=c\\\\d,e=f",
        "a=b! | a=b!",
        "a=b c | a=b c",
        "a\\,b=c | a\\,b=c",
      })
  void parse_text_printsCanonically(String text, String printed) {
    FieldSelector selector = FieldSelector.parse(text);
    assertEquals(printed, selector.toString());
    assertEquals(selector, FieldSelector.parse(printed));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "a | invalid selector: 'a'; can't understand 'a'",
        "a=b,c | invalid selector: 'a=b,c'; can't understand 'c'",
        "a=\\x | invalid field selector: invalid escape sequence: \\x",
        "a=b\\ | invalid field selector: invalid escape sequence: \\",
        "a=b=c | invalid field selector: unescaped character in value: =; write \\= for it",
        "a===b | invalid field selector: unescaped character in value: =; write \\= for it",
        "a!==b | invalid field selector: unescaped character in value: =; write \\= for it",
      })
  void parse_wrongText_saysWhat(String text, String message) {
    ApiException e = assertThrows(ApiException.class, () -> FieldSelector.parse(text));
    assertEquals(400, e.code());
    assertEquals(message, e.getMessage());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "`` | true",
        "name=x | true",
        "name=y | false",
        "name!=x | false",
        "name!=y | true",
        "name=x,node=n1 | true",
        "name=x,node=n2 | false",
        "absent= | true",
        "absent=x | false",
        "absent!= | false",
        "comma=a\\,b | true",
      })
  void matches_fields_comparesValues(String text, boolean expected) {
    Map<String, String> fields = Map.of("name", "x", "node", "n1", "comma", "a,b");
    assertEquals(
        expected, FieldSelector.parse(text).matches(field -> fields.getOrDefault(field, "")));
  }

  @Test
  void requiresExactMatch_onlyWhereTheSelectorDemandsOneValue() {
    FieldSelector selector = FieldSelector.parse("a=1,b!=2,c=");
    assertEquals(Optional.of("1"), selector.requiresExactMatch("a"));
    assertEquals(Optional.empty(), selector.requiresExactMatch("b"));
    assertEquals(Optional.of(""), selector.requiresExactMatch("c"));
    assertEquals(Optional.empty(), selector.requiresExactMatch("d"));
    assertEquals("b!=2,c=", selector.without("a").toString());
  }

  @Test
  void requireSupported_unknownField_isNamed() {
    FieldSelector selector = FieldSelector.parse("metadata.name=x,spec.foo=y");
    assertSame(selector, selector.requireSupported(field -> true));
    ApiException e =
        assertThrows(ApiException.class, () -> selector.requireSupported("metadata.name"::equals));
    assertEquals(400, e.code());
    assertEquals("field label not supported: spec.foo", e.getMessage());
  }

  @Test
  void parse_tooLong_isRefused() {
    String text = "a=b,".repeat(FieldParser.LENGTH_MAX / 4) + "a=b";
    assertEquals(400, assertThrows(ApiException.class, () -> FieldSelector.parse(text)).code());
    assertTrue(FieldSelector.everything().isEverything());
    assertEquals("a=b\\,c", FieldSelector.of("a", "b,c").toString());
  }
}
