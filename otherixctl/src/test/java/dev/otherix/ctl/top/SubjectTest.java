package dev.otherix.ctl.top;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.otherix.apimachinery.codec.Json;
import dev.otherix.ctl.failure.CommandFailure;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.node.ObjectNode;

final class SubjectTest {
  private static final List<ObjectNode> NODES =
      List.of(
          Json.parseObject(
              """
              {"metadata": {"name": "a"}, "spec": {"cordoned": true},
               "status": {"phase": "ready", "capacity": {"cpuCores": 8, "memoryMiB": 16384},
                "available": {"memoryMiB": 4096},
                "pools": [{"capacityBytes": 107374182400, "availableBytes": 53687091200},
                          {"capacityBytes": 107374182400, "availableBytes": 107374182400}]}}
              """),
          Json.parseObject("{\"metadata\": {\"name\": \"b\"}}"));
  private static final List<ObjectNode> VMS =
      List.of(
          vm(
              "one",
              2,
              "\"nodeName\": \"a\",",
              "\"memoryUsedMiB\": 256, \"diskSizeBytes\": 1048576"),
          vm("two", 4, "\"nodeName\": \"a\",", "\"memoryUsedMiB\": 768"),
          vm("three", 1, "", "\"phase\": \"pending\""));

  private static ObjectNode vm(String name, int processors, String spec, String status) {
    return Json.parseObject(
        """
        {"metadata": {"name": "%s"}, "spec": {%s "vcpus": %d, "memoryMB": 1024}, "status": {%s}}
        """
            .formatted(name, spec, processors, status));
  }

  private static List<List<String>> table(Subject subject, String order) {
    return subject.rows(NODES, VMS).stream().sorted(Usage.by(order)).map(Usage::cells).toList();
  }

  @Test
  void nodes_tellWhatWasPromisedAndWhatIsUsed() {
    assertEquals(
        List.of(
            List.of(
                "a", "ready,cordoned", "2", "6/8", "75%", "12Gi/16Gi", "75%", "50Gi/200Gi", "25%"),
            List.of(
                "b",
                "<unknown>",
                "0",
                "<unknown>",
                "<unknown>",
                "<unknown>",
                "<unknown>",
                "<unknown>",
                "<unknown>")),
        table(Subject.NODES, "name"));
  }

  @Test
  void machines_tellWhatTheirGuestsUse() {
    assertEquals(
        List.of(
            List.of("one", "<unknown>", "a", "2", "256Mi/1Gi", "25%", "1Mi", "<never>"),
            List.of(
                "three",
                "pending",
                "<none>",
                "1",
                "<unknown>/1Gi",
                "<unknown>",
                "<unknown>",
                "<never>"),
            List.of("two", "<unknown>", "a", "4", "768Mi/1Gi", "75%", "<unknown>", "<never>")),
        table(Subject.VMS, "name"));
  }

  @ParameterizedTest
  @CsvSource({
    "name,one three two",
    "cpu,two one three",
    "memory,two one three",
    "disk,one three two"
  })
  void order_isByTheLargest(String order, String names) {
    assertEquals(
        names, String.join(" ", table(Subject.VMS, order).stream().map(List::getFirst).toList()));
  }

  @Test
  void order_unknown_isRefusedWithWhatThereIs() {
    CommandFailure failure = assertThrows(CommandFailure.class, () -> Usage.by("size"));
    assertEquals(
        "--sort-by does not know \"size\"; it takes name, cpu, memory or disk",
        failure.getMessage());
  }
}
