package dev.otherix.controllers.vms;

import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.object.Condition;
import dev.otherix.apimachinery.object.Records;
import dev.otherix.controllers.runtime.LivePatch;
import dev.otherix.schemas.v1.VM;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Keeps what follows from a machine's conditions in step with them, in the very write that changes
/// them: a new machine is `pending` from the start, and one that is bound says so at once. What
/// follows from something else, its node or its deletion, [MachineController] writes.
public final class Projection {
  private static final String SCHEDULED = "Scheduled";
  private static final int MESSAGE_CHARACTERS_MAX = 4096;

  /// What a node said of a machine that was taken from it since.
  private static final List<String> OF_A_NODE =
      List.of(
          "node",
          "pool",
          "imageSHA256",
          "diskSizeBytes",
          "memoryUsedMiB",
          "fencedAfterSeconds",
          "lastStartedAt");

  private final InstantSource clock;

  public Projection(InstantSource clock) {
    this.clock = clock;
  }

  /// What the scheduler says of a machine that it has bound.
  public static Condition bound(String node, long generation) {
    return new Condition(
        SCHEDULED, Condition.TRUE, generation, null, "Bound", "bound to node " + node);
  }

  /// The machine with what follows, as a tree of its own; null when it is there already.
  ///
  /// @param old what is stored; null for a machine that is new
  /// @param object what is to be stored
  public @Nullable ObjectNode of(@Nullable ObjectNode old, ObjectNode object) {
    if (object.path("metadata").has("deletionTimestamp")) {
      return null;
    }
    long generation = object.at("/metadata/generation").asLong(0);
    if (old != null && !Json.equal(old.get("spec"), object.get("spec"))) {
      generation++;
    }
    String node = nodeName(object);
    boolean binds = old != null && !node.isEmpty() && nodeName(old).isEmpty();
    ObjectNode told = binds ? told(object, bound(node, generation)) : null;
    ObjectNode state = told == null ? object : told;
    VM vm = Records.read(state, VM.class);
    Optional<ObjectNode> patch = patch(state, vm, nodeAsTold(vm), generation, clock);
    return patch.isPresent() ? with(state, patch.get()) : told;
  }

  /// Null when it is told already.
  private @Nullable ObjectNode told(ObjectNode state, Condition wanted) {
    ObjectNode none = JsonNodeFactory.instance.objectNode();
    Optional<ObjectNode> patch = LivePatch.status(state, none, List.of(wanted), clock);
    return patch.isPresent() ? with(state, patch.get()) : null;
  }

  /// The state with a patch of its status, as a tree of its own.
  private static ObjectNode with(ObjectNode state, ObjectNode patch) {
    ObjectNode changed = state.deepCopy();
    ObjectNode status = changed.withObjectProperty("status");
    for (var each : patch.path("status").properties()) {
      if (each.getValue().isNull()) {
        status.remove(each.getKey());
      } else {
        status.set(each.getKey(), each.getValue());
      }
    }
    return changed;
  }

  private static String nodeName(ObjectNode object) {
    return object.path("spec").path("nodeName").asString("");
  }

  /// What [MachineController] last said of the machine's node.
  private static MachineState.NodeIs nodeAsTold(VM vm) {
    String reason = vm.status() == null ? null : vm.status().reason();
    return switch (reason == null ? "" : reason) {
      case "NodeUnreachable" -> MachineState.NodeIs.UNREACHABLE;
      case "NodeGone" -> MachineState.NodeIs.GONE;
      case "NodeRemoved" -> MachineState.NodeIs.REMOVED;
      default -> MachineState.NodeIs.THERE;
    };
  }

  /// The patch that brings what follows from the rest into the status; empty when it is there.
  static Optional<ObjectNode> patch(
      ObjectNode state, VM vm, MachineState.NodeIs node, long generation, InstantSource clock) {
    MachineState now = MachineState.of(vm, node);
    ObjectNode members = JsonNodeFactory.instance.objectNode();
    members.put("phase", now.phase().name().toLowerCase(Locale.ROOT));
    members.put("reason", now.reason());
    members.put("message", shortened(now.message()));
    members.put("observedGeneration", generation);
    if (vm.spec().nodeName() == null) {
      OF_A_NODE.forEach(members::putNull);
    }
    String ready = now.ready() ? Condition.TRUE : Condition.FALSE;
    Condition condition =
        new Condition("Ready", ready, generation, null, now.reason(), shortened(now.message()));
    return LivePatch.status(state, members, List.of(condition), clock);
  }

  private static String shortened(String message) {
    return message.length() > MESSAGE_CHARACTERS_MAX
        ? message.substring(0, MESSAGE_CHARACTERS_MAX)
        : message;
  }
}
