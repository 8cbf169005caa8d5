package dev.otherix.agent.machines;

import dev.otherix.agent.hypervisor.Power;
import dev.otherix.agent.state.MachineRecord.Progress;
import dev.otherix.agent.state.MachineRecord.TaskRecord;
import dev.otherix.apimachinery.client.ResourceClient;
import dev.otherix.apimachinery.object.Time;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apimachinery.status.StatusReason;
import dev.otherix.schemas.v1.VM.PowerState;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Carries out a machine's tasks, each once: what was begun and what came of it stands in the
/// machine's record before the server hears of it. Called again and again by the keeper, on its
/// thread; never waits for a guest.
final class TaskWork {
  /// How long a guest has to shut down.
  static final Duration GUEST_MAX = Duration.ofSeconds(60);

  /// How long the copy of the machine may lag behind its task.
  private static final Duration LAG_MAX = Duration.ofSeconds(10);

  private final KeptRecord kept;
  private final MachineRun run;
  private final LastFailure failure;
  private final Restoring restoring;
  private final Shared shared;
  private final Map<String, Instant> begun = new HashMap<>();
  private final Set<String> told = new HashSet<>();

  TaskWork(
      KeptRecord kept, MachineRun run, LastFailure failure, Restoring restoring, Shared shared) {
    this.kept = kept;
    this.run = run;
    this.failure = failure;
    this.restoring = restoring;
    this.shared = shared;
  }

  /// Whether a reboot is under way, whose shutdown is not the guest's own.
  private boolean rebooting(TaskRecord task) {
    return task.progress() == Progress.BEGUN && run.power() != Power.GONE;
  }

  void step(Wanted vm) throws InterruptedException {
    for (ObjectNode task : shared.server().tasksOf(vm.uid())) {
      String uid = task.at("/metadata/uid").asString("");
      if (!told.contains(uid)) {
        step(vm, task, uid);
      }
    }
  }

  private void step(Wanted vm, ObjectNode task, String uid) throws InterruptedException {
    TaskRecord before = kept.present().task(uid).orElse(null);
    boolean fresh = before == null;
    if (fresh && task.at("/spec/cancelRequested").asBoolean(false)) {
      tell(task, "cancelled", "", "");
      told.add(uid);
      return;
    }
    TaskRecord known = before == null ? begin(task, uid) : before;
    begun.putIfAbsent(uid, shared.clock().instant());
    if (known.progress() == Progress.BEGUN || known.progress() == Progress.DOWN) {
      known = work(vm, task, known, fresh);
      kept.saveIfChanged(kept.present().with(known));
    }
    switch (known.progress()) {
      case SUCCESS -> tell(task, "success", "", "");
      case FAILED -> tell(task, "failed", known.code(), known.error());
      case BEGUN, DOWN -> {
        return;
      }
    }
    told.add(uid);
    begun.remove(uid);
  }

  private TaskRecord begin(ObjectNode task, String uid) throws InterruptedException {
    TaskRecord known = new TaskRecord(uid, Progress.BEGUN, "", "");
    kept.save(kept.present().with(known));
    tell(task, "running", "", "");
    return known;
  }

  private TaskRecord work(Wanted vm, ObjectNode task, TaskRecord known, boolean fresh)
      throws InterruptedException {
    String type = task.at("/spec/type").asString("");
    return switch (type) {
      case "vm.start" -> {
        if (fresh) {
          forgetEnd();
        }
        yield reached(vm, known, PowerState.RUNNING, run.power() == Power.RUNNING);
      }
      case "vm.resume" -> reached(vm, known, PowerState.RUNNING, run.power() == Power.RUNNING);
      case "vm.pause" -> reached(vm, known, PowerState.PAUSED, run.power() == Power.PAUSED);
      case "vm.stop" ->
          run.power() != Power.GONE && late(known, GUEST_MAX)
              ? failed(
                  known,
                  "stop_timeout",
                  "the guest did not shut down within 60 s; it is still asked to; use poweroff to"
                      + " end it")
              : reached(vm, known, PowerState.STOPPED, run.power() == Power.GONE);
      case "vm.poweroff" -> {
        run.powerOff();
        yield success(known);
      }
      case "vm.restore" -> restoring.step(vm, task, known);
      case "vm.reset" -> reset(known, fresh);
      case "vm.reboot" -> reboot(known, fresh);
      default -> failed(known, "not_implemented", "this agent does not know tasks of type " + type);
    };
  }

  private TaskRecord reached(Wanted vm, TaskRecord known, PowerState target, boolean there) {
    if (vm.power() != target) {
      return late(known, LAG_MAX)
          ? failed(known, "conflict", "powerState was changed to " + vm.vm().spec().powerState())
          : known;
    }
    if (there) {
      return success(known);
    }
    String why = failure.message();
    return why.isEmpty() ? known : failed(known, "vm_start_failed", why);
  }

  private TaskRecord reset(TaskRecord known, boolean fresh) throws InterruptedException {
    if (!fresh) {
      return failed(
          known,
          "interrupted",
          "the agent was restarted while it reset the machine; reset it again if it needs it");
    }
    if (run.power() != Power.RUNNING) {
      return failed(known, "vm_not_running", "the machine does not run; start it");
    }
    run.reset();
    return success(known);
  }

  private TaskRecord reboot(TaskRecord known, boolean fresh) throws InterruptedException {
    if (known.progress() == Progress.DOWN) {
      String why = failure.message();
      if (run.power() == Power.RUNNING) {
        return success(known);
      }
      return why.isEmpty() ? known : failed(known, "vm_start_failed", why);
    }
    if (fresh && run.power() != Power.RUNNING) {
      return failed(known, "vm_not_running", "the machine does not run; start it");
    }
    if (!rebooting(known)) {
      forgetEnd();
      return new TaskRecord(known.uid(), Progress.DOWN, "", "");
    }
    if (late(known, GUEST_MAX)) {
      return failed(
          known, "stop_timeout", "the guest did not shut down within 60 s; reset does not ask it");
    }
    run.pressPowerButton();
    return known;
  }

  private void forgetEnd() {
    failure.is("");
    run.forgetEnd();
  }

  private boolean late(TaskRecord task, Duration max) {
    Instant since = begun.getOrDefault(task.uid(), Instant.MAX.minus(max));
    return shared.clock().instant().isAfter(since.plus(max));
  }

  static TaskRecord success(TaskRecord task) {
    return new TaskRecord(task.uid(), Progress.SUCCESS, "", "");
  }

  static TaskRecord failed(TaskRecord task, String code, String error) {
    return new TaskRecord(task.uid(), Progress.FAILED, code, error);
  }

  private void tell(ObjectNode task, String phase, String code, String error)
      throws InterruptedException {
    String now = Time.now(shared.clock()).toString();
    ObjectNode patch = JsonNodeFactory.instance.objectNode();
    ObjectNode status = patch.putObject("status").put("phase", phase);
    if (phase.equals("running")) {
      status.put("startedAt", now).put("attempts", 1);
    } else {
      status.put("finishedAt", now);
    }
    if (!code.isEmpty()) {
      status.putObject("error").put("code", code).put("message", error);
    }
    try {
      shared.server().tasks().mergePatch(ResourceClient.keyOf(task), "status", patch);
    } catch (ApiException e) {
      if (!e.is(StatusReason.NOT_FOUND)) {
        throw e;
      }
    }
  }
}
