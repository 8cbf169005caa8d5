package dev.otherix.ctl.manifest;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.otherix.apimachinery.codec.Json;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.node.ObjectNode;

final class AppliedChangeTest {
  private static final String OBJECT =
      """
      {"metadata": {"resourceVersion": "7", "labels": {"app": "web"}, "managedFields": [
          {"manager": "otherixctl", "operation": "Update", "fieldsV1": {"f:other": {}}},
          {"manager": "scheduler", "operation": "Apply", "fieldsV1": {"f:spec": {"f:node": {}}}},
          {"manager": "otherixctl", "operation": "Apply", "time": "2026-01-01T00:00:00Z",
           "fieldsV1": {
            "f:metadata": {"f:labels": {"f:app": {}}},
            "f:spec": {"f:memory": {}, "f:empty": {".": {}},
              "f:nics": {"k:{\\"name\\":\\"lan\\"}": {".": {}, "f:name": {}, "f:speed": {}}},
              "f:marks": {"v:\\"one\\"": {}}, "f:rows": {"i:1": {}}}}}]},
       "spec": {"memory": 512, "node": "n1", "empty": {},
         "nics": [{"name": "wan", "speed": 1}, {"name": "lan", "speed": 2, "mac": "aa"}],
         "marks": ["one", "two"], "rows": [5, 6]},
       "status": {"phase": "pending"}}
      """;

  private static ObjectNode object(String from, String to) {
    return (ObjectNode) Json.parse(OBJECT.replace(from, to));
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      quoteCharacter = '`',
      delimiter = '|',
      textBlock =
          """
          nothing at all          | x                      | x                       | false
          a controller's status   | "pending"              | "running"               | false
          the revision            | "resourceVersion": "7" | "resourceVersion": "9"  | false
          the time of our entry   | 2026-01-01             | 2026-01-02              | false
          another's field         | "node": "n1"           | "node": "n2"            | false
          another's item          | "speed": 1             | "speed": 7              | false
          another's field of ours | "mac": "aa"            | "mac": "bb"             | false
          another's set member    | "two"                  | "three"                 | false
          another's position      | [5, 6]                 | [9, 6]                  | false
          our value               | 512                    | 1024                    | true
          our label               | "app": "web"           | "app": "db"             | true
          our item                | "speed": 2             | "speed": 3              | true
          our item is gone        | {"name": "lan", "sp    | {"name": "dmz", "sp     | true
          our set member          | ["one"                 | ["four"                 | true
          our position            | [5, 6]                 | [5, 7]                  | true
          our empty map is gone   | "empty": {},           | "full": {},             | true
          what is ours            | "f:memory": {},        |                         | true
          nothing was ours        | "Apply", "time"        | "Update", "time"        | true
          """)
  void between_tellsOurChangesFromThoseOfOthers(
      String change, String from, String to, boolean expected) {
    ObjectNode present = object("", "");
    ObjectNode former = object(from, to == null ? "" : to);
    assertEquals(expected, AppliedChange.between(former, present), change);
    assertEquals(expected, AppliedChange.between(present, former), change);
  }
}
