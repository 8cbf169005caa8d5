package dev.otherix.agent.machines;

import dev.otherix.agent.state.MachineRecord;
import dev.otherix.agent.state.MachineRecord.BootedFrom;
import dev.otherix.apimachinery.client.WriteOptions;
import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.object.Condition;
import dev.otherix.apimachinery.object.Time;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apimachinery.status.StatusReason;
import dev.otherix.schemas.v1.VM;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Tells the server about one machine: the conditions and fields that are the agent's, by
/// server-side apply, so that nobody else's are touched. For one thread.
final class StatusWriter {
  private static final WriteOptions OPTIONS =
      WriteOptions.DEFAULT.withFieldManager("otherix-agent").withForce();
  private static final int MESSAGE_CHARACTERS_MAX = 2048;
  private static final long MEMORY_STEP_MIB = 32;

  private final Shared shared;
  private final String node;
  private @Nullable ObjectNode last;

  StatusWriter(Shared shared, String node) {
    this.shared = shared;
    this.node = node;
  }

  /// One of the agent's conditions.
  record Told(String type, String status, String reason, String message) {}

  /// Writes what differs from the last time, or from what the server has by now.
  ///
  /// @param promise what the server may rely on from then on; null for nothing
  /// @return whether the server has it
  boolean write(
      Wanted vm,
      List<Told> told,
      @Nullable MachineRecord record,
      @Nullable Integer promise,
      OptionalLong memoryMiB,
      List<VM.DiskStatus> disks)
      throws InterruptedException {
    List<Condition> conditions = new ArrayList<>();
    boolean known = true;
    for (Told each : told) {
      Condition before = Condition.find(vm.conditions(), each.type).orElse(null);
      Condition after = dated(vm, each, before);
      known &= after.equals(before);
      conditions.add(after);
    }
    ObjectNode configuration = configuration(vm, conditions, record, memoryMiB);
    if (!disks.isEmpty()) {
      ArrayNode all = configuration.withObjectProperty("status").putArray("disks");
      for (VM.DiskStatus each : disks) {
        String state =
            switch (each.state()) {
              case ATTACHED -> "Attached";
              case WAITING -> "Waiting";
              case KEPT -> "Kept";
            };
        all.addObject()
            .put("name", each.name())
            .put("sizeBytes", each.sizeBytes())
            .put("state", state);
      }
    }
    if (promise != null) {
      configuration.withObjectProperty("status").put("fencedAfterSeconds", promise);
    }
    if (known && Json.equal(configuration, last)) {
      return true;
    }
    try {
      shared.server().vms().apply(configuration, "status", OPTIONS);
      last = configuration;
      return true;
    } catch (ApiException e) {
      // It was deleted, or is another one by now: the copy will say so.
      if (!e.is(StatusReason.NOT_FOUND) && !e.is(StatusReason.CONFLICT)) {
        throw e;
      }
      return false;
    }
  }

  private Condition dated(Wanted vm, Told told, @Nullable Condition before) {
    Time now = Time.now(shared.clock());
    Time since = before == null ? null : before.lastTransitionTime();
    boolean same = before != null && before.status().equals(told.status);
    String message =
        told.message.length() > MESSAGE_CHARACTERS_MAX
            ? told.message.substring(0, MESSAGE_CHARACTERS_MAX)
            : told.message;
    return new Condition(
        told.type,
        told.status,
        vm.generation(),
        same && since != null ? since : now,
        told.reason,
        message);
  }

  private ObjectNode configuration(
      Wanted vm,
      List<Condition> conditions,
      @Nullable MachineRecord record,
      OptionalLong memoryMiB) {
    ObjectNode object = JsonNodeFactory.instance.objectNode();
    object.put("apiVersion", "otherix/v1").put("kind", "VM");
    object.putObject("metadata").put("name", vm.name()).put("uid", vm.uid());
    ObjectNode status = object.putObject("status");
    ArrayNode all = status.putArray("conditions");
    conditions.forEach(each -> all.add(each.toJson()));
    status.put("node", node);
    BootedFrom disk = record == null ? null : record.disk();
    if (disk != null) {
      status.put("pool", disk.pool());
      if (!disk.imageSHA256().isEmpty()) {
        status.put("imageSHA256", disk.imageSHA256());
      }
      status.put("diskSizeBytes", disk.bytes());
    }
    Time started = record == null ? null : record.startedAt();
    if (started != null) {
      status.put("lastStartedAt", started.toString());
    }
    if (memoryMiB.isPresent()) {
      status.put("memoryUsedMiB", steady(memoryMiB.getAsLong()));
    }
    return object;
  }

  /// What was told before, if that is still near: a guest that does nothing is to write nothing.
  private long steady(long memoryMiB) {
    ObjectNode before = last;
    long told = before == null ? -1 : before.at("/status/memoryUsedMiB").asLong(-1);
    boolean near = told >= 0 && Math.abs(memoryMiB - told) <= Math.max(MEMORY_STEP_MIB, told / 10);
    return near ? told : memoryMiB;
  }
}
