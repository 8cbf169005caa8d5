package dev.otherix.agent.machines;

import dev.otherix.agent.hypervisor.HypervisorException;
import dev.otherix.agent.hypervisor.Power;
import dev.otherix.agent.images.ImageException;
import dev.otherix.agent.images.Progress;
import dev.otherix.agent.machines.StatusWriter.Told;
import dev.otherix.agent.pools.PoolException;
import dev.otherix.agent.state.MachineRecord;
import dev.otherix.agent.state.MachineRecord.BootedFrom;
import dev.otherix.agent.state.MachineRecord.Step;
import dev.otherix.apimachinery.client.ConnectionException;
import dev.otherix.apimachinery.object.Condition;
import dev.otherix.apimachinery.status.ApiException;

/// What a machine's state means in the words of its conditions.
///
/// @param fault what of a machine that runs has failed; empty when nothing has
/// @param failure why the last attempt failed; empty when it did not
/// @param stopLate whether the guest was asked to shut down and takes too long
/// @param fetched of its image, while that is on its way
record Conditions(
    MachineRecord record,
    Power power,
    String detail,
    String fault,
    String failure,
    String failureReason,
    boolean stopping,
    boolean stopLate,
    Progress fetched) {
  private static final String IMAGE = "ImageReady";
  private static final String RUNNING = "Running";

  Told image() {
    BootedFrom disk = record.disk();
    if (disk != null) {
      return new Told(IMAGE, Condition.TRUE, "DiskMade", made(disk));
    }
    if (!failure.isEmpty()) {
      return new Told(IMAGE, Condition.FALSE, failureReason, failure);
    }
    return new Told(
        IMAGE,
        Condition.FALSE,
        "Fetching",
        "The boot disk is being made: " + fetched.text() + " of its image so far.");
  }

  private static String made(BootedFrom disk) {
    if (disk.imageSHA256().isEmpty()) {
      return "The boot disk is a copy of its snapshot.";
    }
    return switch (disk.origin()) {
      case OVERLAY -> "The boot disk is an overlay of its image.";
      case REFLINK -> "The boot disk shares blocks with its image until they are written.";
      case COPY -> "The boot disk is a copy of its image.";
      case null -> "The boot disk is made of its image.";
    };
  }

  Told running() {
    return switch (power) {
      case RUNNING ->
          stopLate
              ? no("StopTimeout", "The guest did not shut down within 60 s; it is asked again.")
              : stopping
                  ? no("Stopping", "The guest was asked to shut down.")
                  : fault.isEmpty()
                      ? new Told(RUNNING, Condition.TRUE, "Started", "The machine runs.")
                      : no("PartFailed", "The machine runs, but " + fault + ".");
      case PAUSED ->
          no("Paused", detail.isEmpty() ? "The machine is paused." : "Paused: " + detail + ".");
      case SHUT_DOWN -> no("GuestShutdown", "The guest shut down.");
      case GONE -> gone();
    };
  }

  private Told gone() {
    if (!failure.isEmpty()) {
      return no("StartFailed", failure);
    }
    if (record.disk() == null) {
      return no("Creating", "Its boot disk is being made.");
    }
    if (record.step() == Step.STARTING) {
      return no("Starting", "The machine is being started.");
    }
    return switch (record.ended()) {
      case NONE -> no("Stopped", "The machine is stopped.");
      case GUEST_SHUTDOWN ->
          no("GuestShutdown", "The guest shut down by itself; start the machine to run it again.");
      case CRASHED -> no("Crashed", "The machine's process ended unexpectedly.");
      case POWERED_OFF -> no("Stopped", "The machine was powered off.");
    };
  }

  private static Told no(String reason, String message) {
    return new Told(RUNNING, Condition.FALSE, reason, message);
  }

  /// What a failure means for the machine, in one word; empty when it says nothing about it.
  static String reasonOf(RuntimeException failure) {
    return switch (failure) {
      case ImageException image -> image.reason().word();
      case PoolException _ -> "StorageFailed";
      case HypervisorException _ -> "StartFailed";
      case ApiException _, ConnectionException _ -> "";
      default -> "AgentFailed";
    };
  }
}
