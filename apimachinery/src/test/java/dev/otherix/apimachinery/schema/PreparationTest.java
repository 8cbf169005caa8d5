package dev.otherix.apimachinery.schema;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.otherix.apimachinery.codec.Json;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

final class PreparationTest {
  static List<Arguments> rows() {
    return TableRows.read("prepare.txt", 4);
  }

  @ParameterizedTest
  @MethodSource("rows")
  void prepare_value_isDefaultedAndPruned(
      String schema, String value, String expected, String unknown) {
    assertEquals(expected + " => " + unknown, prepare(schema, value));
  }

  static String prepare(String schema, String value) {
    Kind kind = TestKinds.withSpec("{'type': 'object', 'properties': {'a': " + schema + "}}");
    String spec = value.equals("(absent)") ? "{}" : "{'a': " + value + "}";
    ObjectNode object = TestKinds.json("{'spec': " + spec + "}");
    String removed =
        kind.prepare(object).stream().map(Object::toString).collect(Collectors.joining(", "));
    JsonNode after = object.required("spec").get("a");
    return (after == null ? "(absent)" : after.toString().replace('"', '\'')) + " => " + removed;
  }

  @Test
  void prepare_again_changesNothing() {
    Kind kind = TestKinds.machine();
    ObjectNode object = Json.parseObject(TestKinds.machineObject());
    kind.prepare(object);
    ObjectNode once = object.deepCopy();
    assertEquals(List.of(), kind.prepare(object));
    assertEquals(once, object);
  }

  @Test
  void prepare_sameDefaultTwice_sharesNoTree() {
    Kind kind =
        TestKinds.withSpec(
            "{'type': 'object', 'properties': {'a': {'type': 'object', 'default': {}, 'properties':"
                + " {'b': {'type': 'string'}}}}}");
    ObjectNode first = TestKinds.json("{'spec': {}}");
    kind.prepare(first);
    ((ObjectNode) first.required("spec").required("a")).put("b", "mine");
    ObjectNode second = TestKinds.json("{'spec': {}}");
    kind.prepare(second);
    assertEquals(TestKinds.json("{'spec': {'a': {}}}"), second);
  }
}
