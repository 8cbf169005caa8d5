package dev.otherix.controllers.vms;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.object.Condition;
import dev.otherix.controllers.Manifests;
import dev.otherix.controllers.runtime.StatusConditions;
import java.time.Instant;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;

final class ProjectionTest {
  private final Projection projection =
      new Projection(InstantSource.fixed(Instant.parse("2026-01-01T00:00:00Z")));

  private static ObjectNode vm(String spec) {
    ObjectNode vm = Manifests.vm("a", spec);
    vm.withObjectProperty("metadata").put("generation", 1L);
    return vm;
  }

  /// Null when nothing follows from the write.
  private @Nullable ObjectNode project(@Nullable ObjectNode old, ObjectNode object) {
    return projection.of(old, object);
  }

  private ObjectNode projected(@Nullable ObjectNode old, ObjectNode object) {
    ObjectNode after = project(old, object);
    assertNotNull(after);
    return after;
  }

  private static ObjectNode changed(ObjectNode from, String patch) {
    ObjectNode after = from.deepCopy();
    ObjectNode members = Json.parseObject(patch);
    members
        .properties()
        .forEach(part ->
            part.getValue()
                .properties()
                .forEach(each ->
                    after.withObjectProperty(part.getKey()).set(each.getKey(), each.getValue())));
    return after;
  }

  private static String condition(ObjectNode vm, String type) {
    return Condition.find(StatusConditions.of(vm), type)
        .map(each -> each.status() + " " + each.reason() + " " + each.observedGeneration())
        .orElse("");
  }

  private static String phase(ObjectNode vm) {
    return vm.at("/status/phase").asString("") + " " + vm.at("/status/reason").asString("");
  }

  @Test
  void create_isPendingFromTheStart() {
    ObjectNode after = projected(null, vm(""));
    assertEquals("pending Scheduling", phase(after));
    assertEquals("False Scheduling 1", condition(after, "Ready"));
    assertEquals(1, after.at("/status/observedGeneration").asInt());
  }

  @Test
  void bind_saysSoInTheSameWrite() {
    ObjectNode old = projected(null, vm(""));
    ObjectNode after = projected(old, changed(old, "{\"spec\": {\"nodeName\": \"n1\"}}"));
    assertEquals("True Bound 2", condition(after, "Scheduled"));
    assertEquals("creating WaitingForAgent", phase(after));
    assertEquals(2, after.at("/status/observedGeneration").asInt());
  }

  @Test
  void write_thatChangesNothingOfIt_isLeftAlone() {
    ObjectNode old = projected(null, vm(""));
    assertNull(project(old, old.deepCopy()));
    assertNull(project(old, changed(old, "{\"metadata\": {\"labels\": {\"a\": \"b\"}}}")));
  }

  @Test
  void machineThatIsDeleted_isLeftToItsController() {
    ObjectNode old = vm("\"nodeName\": \"n1\"");
    old.withObjectProperty("metadata").put("deletionTimestamp", "2026-01-01T00:00:00Z");
    assertNull(project(old, changed(old, "{\"status\": {\"node\": \"n1\"}}")));
  }

  @Test
  void machineOfANodeThatIsGone_staysGoneWhateverElseIsWritten() {
    ObjectNode old = projected(null, vm("\"nodeName\": \"n1\""));
    ObjectNode gone = projected(old, changed(old, "{\"status\": {\"reason\": \"NodeGone\"}}"));
    assertEquals("gone NodeGone", phase(gone));
    assertNull(project(gone, changed(gone, "{\"status\": {\"memoryUsedMiB\": 5}}")));
    ObjectNode back = projected(gone, changed(gone, "{\"status\": {\"reason\": \"Back\"}}"));
    assertEquals("creating WaitingForAgent", phase(back));
  }

  @Test
  void machineTakenFromItsNode_forgetsWhatTheNodeSaid() {
    ObjectNode old =
        projected(
            null,
            changed(
                vm("\"nodeName\": \"n1\""),
                """
                {"status": {"node": "n1", "pool": "p", "fencedAfterSeconds": 60, "nics": []}}
                """));
    ObjectNode free = old.deepCopy();
    free.withObjectProperty("spec").remove("nodeName");
    ObjectNode after = projected(old, free);
    assertTrue(phase(after).startsWith("pending "));
    assertTrue(after.at("/status/fencedAfterSeconds").isMissingNode());
    assertTrue(after.at("/status/node").isMissingNode());
    assertTrue(after.path("status").has("nics"));
  }
}
