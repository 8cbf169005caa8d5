package dev.otherix.agent.node;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.node.LongNode;
import tools.jackson.databind.node.MissingNode;

final class NodeReporterTest {
  /// Of 1000 in all.
  @ParameterizedTest
  @CsvSource({
    "500, -1, 500",
    "500, 500, 500",
    "509, 500, 500",
    "490, 500, 500",
    "511, 500, 511",
    "489, 500, 489",
    "0, 11, 0"
  })
  void steady_measure_movesOnlyByMoreThanAHundredth(long now, long before, long told) {
    assertEquals(
        told,
        NodeReporter.steady(
            now, before < 0 ? MissingNode.getInstance() : LongNode.valueOf(before), 1000));
  }
}
