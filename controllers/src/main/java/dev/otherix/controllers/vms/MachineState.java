package dev.otherix.controllers.vms;

import dev.otherix.apimachinery.object.Condition;
import dev.otherix.schemas.v1.Node;
import dev.otherix.schemas.v1.VM;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// One word for the state of a machine, and why, as they follow from its spec, its conditions and
/// its node. A pure function; `docs/reference/conditions.md` has it as a table.
///
/// @param ready whether the machine is what its spec asks for
record MachineState(VM.Phase phase, String reason, String message, boolean ready) {
  /// The node that the machine is bound to, as far as it matters here.
  enum NodeIs {
    THERE,
    UNREACHABLE,
    GONE,
    /// There is no such node object: it was removed by force.
    REMOVED
  }

  static MachineState of(VM vm, NodeIs node) {
    List<Condition> conditions = vm.status() == null ? List.of() : vm.status().conditions();
    if (vm.metadata().deleting()) {
      return deleting(vm, node);
    }
    if (vm.spec().nodeName() == null) {
      return pending(conditions);
    }
    return switch (node) {
      case REMOVED ->
          state(
              VM.Phase.ORPHANED,
              "NodeRemoved",
              "node " + vm.spec().nodeName() + " was removed by force; nobody looks after it");
      case GONE ->
          state(
              VM.Phase.GONE,
              "NodeGone",
              "node " + vm.spec().nodeName() + " has been silent for too long");
      case UNREACHABLE ->
          state(
              VM.Phase.ERROR,
              "NodeUnreachable",
              "node " + vm.spec().nodeName() + " is unreachable; the machine may still run");
      case THERE -> onItsNode(vm, conditions);
    };
  }

  static NodeIs of(@Nullable Node node) {
    if (node == null) {
      return NodeIs.REMOVED;
    }
    Node.Phase phase = node.status() == null ? null : node.status().phase();
    if (phase == null) {
      return NodeIs.THERE;
    }
    return switch (phase) {
      case PENDING, READY -> NodeIs.THERE;
      case UNREACHABLE -> NodeIs.UNREACHABLE;
      case GONE -> NodeIs.GONE;
    };
  }

  private static MachineState deleting(VM vm, NodeIs node) {
    String name = vm.spec().nodeName();
    boolean held = !vm.metadata().finalizers().isEmpty();
    if (name == null || !held) {
      return state(VM.Phase.DELETING, "Deleting", "it is being deleted");
    }
    return switch (node) {
      case THERE ->
          state(
              VM.Phase.DELETING,
              "WaitingForAgent",
              "waiting for the agent of " + name + " to remove it from the host");
      case UNREACHABLE, GONE ->
          state(
              VM.Phase.DELETING,
              node == NodeIs.GONE ? "NodeGone" : "NodeUnreachable",
              "node " + name + " does not answer; it goes on when the node is back");
      case REMOVED ->
          state(VM.Phase.DELETING, "NodeRemoved", "node " + name + " was removed by force");
    };
  }

  private static MachineState pending(List<Condition> conditions) {
    for (String type : List.of("Scheduled", "NetworkReady")) {
      Optional<Condition> found = Condition.find(conditions, type);
      if (found.isPresent() && !found.get().isTrue()) {
        return state(VM.Phase.PENDING, found.get().reason(), found.get().message());
      }
    }
    return state(VM.Phase.PENDING, "Scheduling", "waiting for the scheduler");
  }

  private static MachineState onItsNode(VM vm, List<Condition> conditions) {
    Optional<Condition> running = Condition.find(conditions, "Running");
    if (running.isEmpty() || toldByAnother(vm)) {
      return creating(conditions);
    }
    Condition now = running.get();
    VM.PowerState wanted = vm.spec().powerState();
    if (now.isTrue()) {
      return as(VM.Phase.RUNNING, now, wanted == VM.PowerState.RUNNING);
    }
    return switch (now.reason()) {
      case "Creating" -> creating(conditions);
      case "Starting" -> as(startedBefore(vm) ? VM.Phase.STOPPED : VM.Phase.CREATING, now, false);
      case "Stopped", "GuestShutdown" -> as(VM.Phase.STOPPED, now, wanted == VM.PowerState.STOPPED);
      case "Paused" -> as(VM.Phase.PAUSED, now, wanted == VM.PowerState.PAUSED);
      case "Stopping", "StopTimeout" -> as(VM.Phase.RUNNING, now, false);
      default -> as(VM.Phase.ERROR, now, false);
    };
  }

  /// Whether what is said about the machine is of its time on a node that it was taken from.
  private static boolean toldByAnother(VM vm) {
    String node = vm.status() == null ? null : vm.status().node();
    return node != null && !node.equals(vm.spec().nodeName());
  }

  private static MachineState creating(List<Condition> conditions) {
    for (String type : List.of("NetworkReady", "ImageReady", "Running")) {
      Optional<Condition> found = Condition.find(conditions, type);
      if (found.isPresent() && !found.get().isTrue()) {
        return as(VM.Phase.CREATING, found.get(), false);
      }
    }
    return state(VM.Phase.CREATING, "WaitingForAgent", "waiting for the agent of its node");
  }

  private static boolean startedBefore(VM vm) {
    return vm.status() != null && vm.status().lastStartedAt() != null;
  }

  private static MachineState as(VM.Phase phase, Condition why, boolean ready) {
    return new MachineState(phase, why.reason(), why.message(), ready);
  }

  private static MachineState state(VM.Phase phase, String reason, String message) {
    return new MachineState(phase, reason, message, false);
  }
}
