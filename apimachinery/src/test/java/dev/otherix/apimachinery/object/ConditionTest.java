package dev.otherix.apimachinery.object;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.status.FieldPath;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class ConditionTest {
  private static final Time FIRST = Time.parse("2026-01-01T00:00:00Z");
  private static final Time NOW = Time.parse("2026-01-02T00:00:00Z");
  private static final InstantSource CLOCK = InstantSource.fixed(Instant.parse(NOW.toString()));

  private static Condition ready(String status, String reason) {
    return new Condition("Ready", status, 1, null, reason, "");
  }

  @Test
  void set_newType_isAppendedWithTheTimeOfNow() {
    Condition other = new Condition("Other", "True", 0, FIRST, "", "");
    List<Condition> out = Condition.set(List.of(other), ready("True", "Up"), CLOCK);
    assertEquals(List.of(other, ready("True", "Up").withLastTransitionTime(NOW)), out);
  }

  @Test
  void set_sameStatus_keepsTheTimeButTakesTheRest() {
    List<Condition> before = List.of(ready("True", "Up").withLastTransitionTime(FIRST));
    List<Condition> out =
        Condition.set(before, ready("True", "Better").withLastTransitionTime(NOW), CLOCK);
    assertEquals(List.of(ready("True", "Better").withLastTransitionTime(FIRST)), out);
  }

  @Test
  void set_otherStatus_takesTheTimeOfNow() {
    List<Condition> before = List.of(ready("True", "Up").withLastTransitionTime(FIRST));
    List<Condition> out = Condition.set(before, ready("False", "Up"), CLOCK);
    assertEquals(List.of(ready("False", "Up").withLastTransitionTime(NOW)), out);
  }

  @Test
  void set_otherStatusWithATime_takesThat() {
    List<Condition> before = List.of(ready("True", "Up").withLastTransitionTime(NOW));
    List<Condition> out =
        Condition.set(before, ready("False", "Up").withLastTransitionTime(FIRST), CLOCK);
    assertEquals(List.of(ready("False", "Up").withLastTransitionTime(FIRST)), out);
  }

  @Test
  void set_nothingNew_returnsTheSameList() {
    List<Condition> before = List.of(ready("True", "Up").withLastTransitionTime(FIRST));
    assertSame(before, Condition.set(before, ready("True", "Up"), CLOCK));
  }

  @Test
  void set_undatedCondition_getsATime() {
    List<Condition> out = Condition.set(List.of(ready("True", "Up")), ready("True", "Up"), CLOCK);
    assertEquals(List.of(ready("True", "Up").withLastTransitionTime(NOW)), out);
  }

  @Test
  void find_type_isTheConditionOrNothing() {
    List<Condition> conditions = List.of(ready("True", "Up"));
    assertTrue(Condition.find(conditions, "Ready").orElseThrow().isTrue());
    assertEquals(Optional.empty(), Condition.find(conditions, "Other"));
  }

  @Test
  void read_json_goesBothWays() {
    String text =
        "{\"type\":\"Ready\",\"status\":\"False\",\"observedGeneration\":3,\"lastTransitionTime\":"
            + "\"2026-01-01T00:00:00Z\",\"reason\":\"Down\",\"message\":\"why\"}";
    Findings findings = new Findings();
    Condition condition = Condition.read(Json.parseObject(text), FieldPath.ROOT, findings);
    assertTrue(findings.clean());
    assertEquals(text, condition.toJson().toString());
  }
}
