package dev.otherix.controllers.vms;

import dev.otherix.schemas.v1.VM;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// What people may ask of a machine beside changing its spec.
///
/// The power state that it sets is null where it leaves that as it is.
public enum Action {
  START(VM.PowerState.RUNNING),
  STOP(VM.PowerState.STOPPED),
  POWEROFF(VM.PowerState.STOPPED),
  REBOOT(null),
  RESET(null),
  PAUSE(VM.PowerState.PAUSED),
  RESUME(VM.PowerState.RUNNING);

  private final VM.@Nullable PowerState sets;

  Action(VM.@Nullable PowerState sets) {
    this.sets = sets;
  }

  VM.@Nullable PowerState sets() {
    return sets;
  }

  /// As it stands in paths and in task types.
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /// Why it cannot be asked of a machine in this state; empty when it can.
  String refusal(VM vm) {
    if (vm.metadata().deleting()) {
      return "it is being deleted";
    }
    boolean bound = vm.spec().nodeName() != null;
    VM.PowerState present = vm.spec().powerState();
    return switch (this) {
      case START, STOP, POWEROFF -> "";
      case REBOOT, RESET ->
          !bound
              ? "it is on no node yet, so there is nothing to " + word()
              : present == VM.PowerState.STOPPED ? "it is stopped; start it" : "";
      case PAUSE -> present == VM.PowerState.STOPPED ? "it is stopped; start it first" : "";
      case RESUME -> present == VM.PowerState.STOPPED ? "it is stopped; start it" : "";
    };
  }
}
