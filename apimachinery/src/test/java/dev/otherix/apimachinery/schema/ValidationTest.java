package dev.otherix.apimachinery.schema;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.otherix.apimachinery.status.FieldError;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

final class ValidationTest {
  static List<Arguments> validation() {
    return TableRows.read("validation.txt", 3);
  }

  static List<Arguments> rules() {
    return TableRows.read("rules.txt", 3);
  }

  @ParameterizedTest
  @MethodSource("validation")
  void validate_value_saysWhatKubernetesSays(String schema, String value, String expected) {
    assertEquals(expected, validate(schema, value));
  }

  @ParameterizedTest
  @MethodSource("rules")
  void validate_rules_nameFieldConditionAndRemedy(String rules, String value, String expected) {
    assertEquals(expected, validateRules(rules, value));
  }

  static String validate(String schema, String value) {
    Kind kind = TestKinds.withSpec("{'type': 'object', 'properties': {'a': " + schema + "}}");
    return printed(kind.validate(TestKinds.json("{'spec': {'a': " + value + "}}")));
  }

  static String validateRules(String rules, String value) {
    Kind kind =
        TestKinds.withSpec(
            "{'type': 'object', 'properties': {'a': {'type': 'string'}, 'b': {'type': 'string'},"
                + " 'c': {'type': 'string'}, 'd': {'type': 'string', 'default': 'x'},"
                + " 'n': {'type': 'integer'}, 'm': {'type': 'integer'},"
                + " 'o': {'type': 'object', 'properties': {'p': {'type': 'integer'}}},"
                + " 'ip': {'type': 'string', 'format': 'ipv4'},"
                + " 'net': {'type': 'string', 'format': 'ipv4-network'},"
                + " 'q1': {'type': 'string', 'format': 'quantity'},"
                + " 'q2': {'type': 'string', 'format': 'quantity'},"
                + " 't1': {'type': 'string', 'format': 'date-time'},"
                + " 't2': {'type': 'string', 'format': 'date-time'},"
                + " 'i1': {'type': 'string', 'format': 'ipv4'},"
                + " 'i2': {'type': 'string', 'format': 'ipv4'}}, 'x-otherix-rules': "
                + rules
                + "}");
    ObjectNode object = TestKinds.json("{'spec': " + value + "}");
    kind.prepare(object);
    return printed(kind.validate(object));
  }

  private static String printed(List<FieldError> errors) {
    return errors.stream().map(FieldError::toString).collect(Collectors.joining("; "));
  }

  @Test
  void validate_manyErrors_stopsAtTheLimit() {
    Kind kind =
        TestKinds.withSpec(
            "{'type': 'object', 'properties': {'a': {'type': 'array', 'items': {'type':"
                + " 'integer'}}}}");
    ObjectNode object = TestKinds.json("{'spec': {'a': []}}");
    ArrayNode items = (ArrayNode) object.required("spec").required("a");
    for (int i = 0; i < 100_000; i++) {
      items.add("x");
    }
    assertEquals(ErrorList.ERRORS_MAX, kind.validate(object).size());
  }

  @Test
  void validate_patternThatBacktracks_staysLinear() {
    Kind kind =
        TestKinds.withSpec(
            "{'type': 'object', 'properties': {'a': {'type': 'string', 'pattern': '^(a+)+$'}}}");
    ObjectNode object = TestKinds.json("{'spec': {'a': '" + "a".repeat(5_000) + "!'}}");
    long start = System.nanoTime();
    assertEquals(1, kind.validate(object).size());
    long millis = (System.nanoTime() - start) / 1_000_000;
    assertEquals(true, millis < 5_000, "took " + millis + " ms");
  }
}
