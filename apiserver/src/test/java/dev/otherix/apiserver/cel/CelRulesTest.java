package dev.otherix.apiserver.cel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.apimachinery.schema.Kind;
import dev.otherix.apimachinery.status.FieldError;
import dev.otherix.apimachinery.status.FieldPath;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

@Tag("slow")
class CelRulesTest {
  record Row(String schema, String self, String old, String rule, String outcome) {}

  static Stream<Row> rows() throws IOException {
    List<Row> rows = new ArrayList<>();
    String schema = "";
    String self = "";
    String old = "none";
    try (InputStream in = CelRulesTest.class.getResourceAsStream("rules.txt")) {
      String text = new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
      for (String line : text.split("\n", -1)) {
        if (line.isEmpty() || line.startsWith("#")) {
          continue;
        }
        if (line.startsWith("schema {")) {
          schema = line.substring(7);
        } else if (line.matches("self [\\['{0-9t].*") && !line.contains(" => ")) {
          self = line.substring(5);
        } else if (line.startsWith("old ")) {
          old = line.substring(4);
        } else {
          int arrow = line.lastIndexOf(" => ");
          rows.add(new Row(schema, self, old, line.substring(0, arrow), line.substring(arrow + 4)));
        }
      }
    }
    return rows.stream();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("rows")
  void check_rule_isAsTheTableSays(Row row) {
    ObjectNode schema = TestKinds.object(row.schema);
    schema.putArray("x-kubernetes-validations").addObject().put("rule", row.rule);
    Kind kind = TestKinds.around(schema);
    List<FieldError> problems = CelRules.problems(kind, FieldPath.ROOT);
    if (row.outcome.startsWith("bad ")) {
      assertEquals(1, problems.size(), problems::toString);
      String problem = problems.getFirst().toString();
      assertTrue(problem.contains("<root>") || problem.contains("properties[v]"), problem);
      assertTrue(problem.contains(row.outcome.substring(4)), problem);
      return;
    }
    assertEquals(List.of(), problems);
    ObjectNode old = row.old.equals("none") ? null : holding(row.old);
    List<FieldError> errors = CelRules.compile(kind).check(old, holding(row.self));
    switch (row.outcome) {
      case "true" -> {
        assertEquals(List.of(), errors);
        refutes(row, schema, old);
      }
      case "skip" -> {
        assertEquals(List.of(), errors);
      }
      case "false" -> {
        assertEquals(1, errors.size(), errors::toString);
        assertTrue(errors.getFirst().detail().startsWith("failed rule: "), errors::toString);
      }
      default -> {
        assertEquals(1, errors.size(), errors::toString);
        String text = row.outcome.substring("error ".length());
        assertTrue(errors.getFirst().detail().contains(text), errors::toString);
        assertTrue(errors.getFirst().detail().contains("evaluating rule"), errors::toString);
      }
    }
  }

  /// What is true was evaluated: its opposite is refused.
  private static void refutes(Row row, ObjectNode schema, @Nullable ObjectNode old) {
    ObjectNode opposite = schema.deepCopy();
    opposite.putArray("x-kubernetes-validations").addObject().put("rule", "!(" + row.rule + ")");
    List<FieldError> errors =
        CelRules.compile(TestKinds.around(opposite)).check(old, holding(row.self));
    assertEquals(1, errors.size(), "the opposite holds too");
  }

  private static ObjectNode holding(String text) {
    JsonNode value = TestKinds.json(text);
    return TestKinds.holding(value);
  }

  @Test
  void rows_table_hasThemAll() throws IOException {
    assertTrue(rows().count() > 300, () -> "rows are missing");
  }
}
