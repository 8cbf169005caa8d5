package dev.otherix.apimachinery.selector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.status.ApiException;
import java.lang.management.ManagementFactory;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

final class LabelSelectorTest {
  /// Columns: what is parsed, what it prints.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      ignoreLeadingAndTrailingWhitespace = true,
      value = {
        "'' | ''",
        "'  ' | ''",
        "a | a",
        "!a | !a",
        "'! a' | !a",
        "a=b | a=b",
        "a==b | a=b",
        "' a = b ' | a=b",
        "'a\t=\r\nb' | a=b",
        "a!=b | a!=b",
        "a= | a=",
        "a== | a=",
        "a!= | a!=",
        "a=,b | a=,b",
        "a in (x) | a in (x)",
        "a in (y,x) | a in (x,y)",
        "a in ( y , x , y ) | a in (x,y)",
        "a notin (x) | a notin (x)",
        "a in (,) | a in (,)",
        "a in (x,) | a in (,x)",
        "a in (,x) | a in (,x)",
        "a in (x,,y) | a in (,x,y)",
        "a>1 | a>1",
        "a < 10 | a<10",
        "b,a | a,b",
        "b=1,a=2,a=1 | a=1,a=2,b=1",
        "!b,a | a,!b",
        "in | in",
        "notin | notin",
        "!in | !in",
        "in in (in,notin) | in in (in,notin)",
        "in notin (in) | in notin (in)",
        "a=in | a=in",
        "example.com/app=web | example.com/app=web",
        "a=A.b_c-d | a=A.b_c-d",
        "x in (a),y notin (b),!z,w | w,x in (a),y notin (b),!z",
      })
  void parse_text_printsCanonically(String text, String printed) {
    LabelSelector selector = LabelSelector.parse(text);
    assertEquals(printed, selector.toString());
    assertEquals(selector, LabelSelector.parse(printed));
    assertEquals(selector.hashCode(), LabelSelector.parse(printed).hashCode());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "a b | unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt",
        "a! | unable to parse requirement: found '!', expected: in, notin, =, ==, !=, gt, lt",
        "a (b) | unable to parse requirement: found '(', expected: in, notin, =, ==, !=, gt, lt",
        "=b | found '=', expected: !, identifier, or 'end of string'",
        ",a | found ',', expected: !, identifier, or 'end of string'",
        "(a) | found '(', expected: !, identifier, or 'end of string'",
        "> | found '>', expected: !, identifier, or 'end of string'",
        "a, | found '', expected: identifier after ','",
        "a,,b | found ',', expected: identifier after ','",
        "a=b c | found 'c', expected: ',' or 'end of string'",
        "!a=b | found '=', expected: ',' or 'end of string'",
        "a in (x) b | found 'b', expected: ',' or 'end of string'",
        "! | unable to parse requirement: found '', expected: identifier",
        "!! | unable to parse requirement: found '!', expected: identifier",
        "!,a | unable to parse requirement: found ',', expected: identifier",
        "a=(b) | unable to parse requirement: found '(', expected: identifier",
        "a=!b | unable to parse requirement: found '!', expected: identifier",
        "a=== | unable to parse requirement: found '=', expected: identifier",
        "a in x | unable to parse requirement: found 'x' expected: '('",
        "a in | unable to parse requirement: found '' expected: '('",
        "a in ( | unable to parse requirement: found '', expected: ',', ')' or identifier",
        "a in (= | unable to parse requirement: found '=', expected: ',', ')' or identifier",
        "a in (x | unable to parse requirement: found '', expected: ',' or ')'",
        "a in (x y) | unable to parse requirement: found 'y', expected: ',' or ')'",
        "a in (x, | unable to parse requirement: found '', expected: ',', or identifier",
        "a in (x,=) | unable to parse requirement: found '=', expected: ',', or identifier",
        "a in () | unable to parse requirement: values: Invalid value: []: for 'in', 'notin'"
            + " operators, values set can't be empty",
        "a>x | unable to parse requirement: values[0]: Invalid value: \"x\": for 'Gt', 'Lt'"
            + " operators, the value must be an integer",
        "a<9223372036854775808 | unable to parse requirement: values[0]: Invalid value:"
            + " \"9223372036854775808\": for 'Gt', 'Lt' operators, the value must be an integer",
      })
  void parse_wrongText_saysWhatWasExpected(String text, String message) {
    ApiException e = assertThrows(ApiException.class, () -> LabelSelector.parse(text));
    assertEquals(400, e.code());
    assertEquals(message, e.getMessage());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "a/b/c=d | unable to parse requirement: <nil>: Invalid value: \"a/b/c\": a qualified name",
        "-a | unable to parse requirement: <nil>: Invalid value: \"-a\": name part must consist",
        "/a | unable to parse requirement: <nil>: Invalid value: \"/a\": prefix part must be",
        "A.b/c | unable to parse requirement: <nil>: Invalid value: \"A.b/c\": prefix part a",
        "x=-b | unable to parse requirement: values[0][x]: Invalid value: \"-b\": a valid label",
        "x in (a,-b) | unable to parse requirement: values[0][x]: Invalid value: \"-b\": a valid",
        "x in (a,b-,c$) | unable to parse requirement: [values[1][x]: Invalid value: \"b-\": a",
        "a>-1 | unable to parse requirement: values[0][a]: Invalid value: \"-1\": a valid label",
      })
  void parse_wrongKeyOrValue_saysWhich(String text, String start) {
    ApiException e = assertThrows(ApiException.class, () -> LabelSelector.parse(text));
    assertTrue(String.valueOf(e.getMessage()).startsWith(start), e.getMessage());
  }

  @Test
  void parse_tooLong_isRefused() {
    String text = "a,".repeat(LabelParser.LENGTH_MAX / 2) + "a";
    assertEquals(400, assertThrows(ApiException.class, () -> LabelSelector.parse(text)).code());
  }

  /// Columns: selector, labels, whether they match.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'' | {} | true",
        "'' | {\"a\":\"b\"} | true",
        "a | {\"a\":\"\"} | true",
        "a | {\"b\":\"\"} | false",
        "!a | {} | true",
        "!a | {\"a\":\"\"} | false",
        "a=b | {\"a\":\"b\"} | true",
        "a=b | {\"a\":\"c\"} | false",
        "a=b | {} | false",
        "a= | {\"a\":\"\"} | true",
        "a= | {} | false",
        "a!=b | {\"a\":\"b\"} | false",
        "a!=b | {\"a\":\"c\"} | true",
        "a!=b | {} | true",
        "a in (x,y,z) | {\"a\":\"y\"} | true",
        "a in (x,y,z) | {\"a\":\"w\"} | false",
        "a in (x,y,z) | {} | false",
        "a in (,x) | {\"a\":\"\"} | true",
        "a notin (x,y) | {\"a\":\"y\"} | false",
        "a notin (x,y) | {\"a\":\"z\"} | true",
        "a notin (x,y) | {} | true",
        "a>5 | {\"a\":\"6\"} | true",
        "a>5 | {\"a\":\"5\"} | false",
        "a>5 | {\"a\":\"10\"} | true",
        "a>5 | {\"a\":\"x\"} | false",
        "a>5 | {\"a\":\"\"} | false",
        "a>5 | {\"a\":\"5.5\"} | false",
        "a>5 | {\"a\":\"9223372036854775808\"} | false",
        "a>5 | {\"a\":\"9223372036854775807\"} | true",
        "a>5 | {} | false",
        "a<5 | {\"a\":\"4\"} | true",
        "a<5 | {\"a\":\"5\"} | false",
        "a<5 | {\"a\":\"-9223372036854775808\"} | true",
        "a<5 | {\"a\":\"-9223372036854775809\"} | false",
        "a<5 | {} | false",
        "a>1,a<3 | {\"a\":\"2\"} | true",
        "a=1,a=2 | {\"a\":\"1\"} | false",
        "a,b=c | {\"a\":\"x\",\"b\":\"c\"} | true",
        "a,b=c | {\"b\":\"c\"} | false",
      })
  void matches_labels_mapAndTreeAgree(String text, String labels, boolean expected) {
    LabelSelector selector = LabelSelector.parse(text);
    ObjectNode tree = Json.parseObject(labels);
    Map<String, String> map = new LinkedHashMap<>();
    tree.properties().forEach(each -> map.put(each.getKey(), each.getValue().stringValue()));
    assertEquals(expected, selector.matches(map));
    assertEquals(expected, selector.matchesLabels(tree));
    ObjectNode object = Json.parseObject("{\"metadata\":{}}");
    ((ObjectNode) object.path("metadata")).set("labels", tree);
    assertEquals(expected, selector.matchesObject(object));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{}",
        "{\"metadata\":null}",
        "{\"metadata\":{\"labels\":null}}",
        "{\"metadata\":{\"labels\":[\"a\"]}}",
        "{\"metadata\":{\"labels\":{\"a\":1}}}"
      })
  void matchesObject_withoutUsableLabels_hasNone(String object) {
    ObjectNode tree = Json.parseObject(object);
    assertTrue(LabelSelector.parse("!a").matchesObject(tree));
    assertFalse(LabelSelector.parse("a").matchesObject(tree));
  }

  @Test
  void everythingAndNothing_areWhatTheySay() {
    assertTrue(LabelSelector.everything().isEverything());
    assertTrue(LabelSelector.parse("").isEverything());
    assertTrue(LabelSelector.nothing().isNothing());
    assertFalse(LabelSelector.nothing().isEverything());
    assertFalse(LabelSelector.nothing().matches(Map.of()));
    assertFalse(LabelSelector.nothing().matchesLabels(null));
    assertTrue(LabelSelector.everything().matchesLabels(null));
    assertEquals("<nothing>", LabelSelector.nothing().toString());
    assertFalse(LabelSelector.nothing().equals(LabelSelector.everything()));
  }

  @Test
  void and_twoSelectors_demandsBoth() {
    LabelSelector both = LabelSelector.parse("b").and(LabelSelector.parse("a=1"));
    assertEquals("a=1,b", both.toString());
    assertTrue(both.and(LabelSelector.nothing()).isNothing());
    assertEquals(both, both.and(LabelSelector.everything()));
  }

  @Test
  void matchesLabels_warm_allocatesNothing() {
    LabelSelector selector = LabelSelector.parse("a in (x,y),b!=c,d,!e,n>5,m<7,k notin (l)");
    JsonNode labels = Json.parse("{\"a\":\"y\",\"d\":\"\",\"n\":\"6\",\"m\":\"nan\"}");
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    int matched = 0;
    for (int i = 0; i < 10_000; i++) {
      matched += selector.matchesLabels(labels) ? 1 : 0;
    }
    long before = threads.getCurrentThreadAllocatedBytes();
    for (int i = 0; i < 10_000; i++) {
      matched += selector.matchesLabels(labels) ? 1 : 0;
    }
    long allocated = threads.getCurrentThreadAllocatedBytes() - before;
    assertEquals(0, matched);
    // The measurement itself costs a little; one byte per match would be 10,000.
    assertTrue(allocated < 5_000, () -> allocated + " bytes");
  }
}
