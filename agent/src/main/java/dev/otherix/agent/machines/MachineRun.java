package dev.otherix.agent.machines;

import dev.otherix.agent.hypervisor.HypervisorException;
import dev.otherix.agent.hypervisor.Machine;
import dev.otherix.agent.hypervisor.MachinePlan;
import dev.otherix.agent.hypervisor.Power;
import dev.otherix.agent.state.MachineRecord;
import dev.otherix.agent.state.MachineRecord.Ended;
import dev.otherix.agent.state.MachineRecord.Step;
import dev.otherix.apimachinery.client.Backoff;
import dev.otherix.apimachinery.fault.Fault;
import dev.otherix.apimachinery.object.Time;
import dev.otherix.schemas.v1.VM;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// One machine as far as it runs: found again, started, asked to shut down, ended, and why. On the
/// keeper's thread, where nothing else is said; never waits for a guest.
final class MachineRun {
  private static final System.Logger LOG = System.getLogger(MachineRun.class.getName());
  private static final Fault AFTER_SPAWN = Fault.named("agent.machine.afterSpawn");
  private static final Fault AFTER_RESUME = Fault.named("agent.machine.afterResume");

  /// How soon a machine that its fence holds is looked at again: the fence opens without a word.
  static final Duration FENCED = Duration.ofSeconds(1);

  private static final Duration PRESS_AGAIN = Duration.ofSeconds(15);
  private static final Duration SETTLED = Duration.ofMinutes(5);

  private final Shared shared;
  private final KeptRecord kept;
  private final Promise promise;
  private final Backoff backoff;
  private final Runnable wake;

  private volatile @Nullable Machine machine;
  private volatile boolean adopted;
  private @Nullable Instant askedToStop;
  private @Nullable Instant pressed;
  private @Nullable Instant notBefore;
  private int crashes;

  /// @param wake called from any thread when the machine does something
  MachineRun(Shared shared, KeptRecord kept, Promise promise, Backoff backoff, Runnable wake) {
    this.shared = shared;
    this.kept = kept;
    this.promise = promise;
    this.backoff = backoff;
    this.wake = wake;
  }

  /// Null when it does not run. From any thread.
  @Nullable Machine machine() {
    return machine;
  }

  /// What the machine does; GONE when it does not run. From any thread.
  Power power() {
    Machine present = machine;
    return present == null ? Power.GONE : present.power();
  }

  /// What [#power] is; null before anybody has looked. From any thread.
  @Nullable Power knownPower() {
    return adopted ? power() : null;
  }

  /// Finds the machine that an earlier agent left running.
  ///
  /// @return whether that was found out now
  boolean adopt() throws InterruptedException {
    if (adopted) {
      return false;
    }
    MachineRecord record = kept.present();
    if (kept.isWritten()) {
      try {
        machine = shared.hypervisor().adopt(place(), wake).orElse(null);
      } catch (HypervisorException e) {
        if (record.step() != Step.STARTING && record.step() != Step.DELETING) {
          throw e;
        }
        // Its processors were never let go, or it is to go anyway.
        shared.hypervisor().kill(record.uid());
      }
      if (machine != null) {
        LOG.log(
            System.Logger.Level.INFO,
            "machine adopted vm={0} uid={1}",
            record.name(),
            record.uid());
      }
    }
    adopted = true;
    return true;
  }

  /// Records what happened to the machine since the last look.
  void observeEnd() throws InterruptedException {
    MachineRecord record = kept.present();
    Machine present = machine;
    if (present == null) {
      if (record.step() == Step.STARTED) {
        ended(Ended.CRASHED);
      } else if (record.step() == Step.STARTING) {
        kept.save(record.at(Step.STOPPED));
      }
      return;
    }
    switch (present.power()) {
      case RUNNING, PAUSED -> {
        if (record.step() == Step.STARTING) {
          kept.save(record.started(Time.now(shared.clock())));
        }
      }
      case GONE -> {
        shared.hypervisor().kill(record.uid());
        forgetMachine(present);
        ended(Ended.CRASHED);
      }
      case SHUT_DOWN -> {
        end(present);
        kept.save(kept.present().resting());
        ended(Ended.GUEST_SHUTDOWN);
      }
    }
  }

  private void ended(Ended how) {
    MachineRecord record = kept.present();
    if (record.step() == Step.DELETING) {
      return;
    }
    // The fence ends machines like a crash, and they are to start again when it opens.
    Ended why = isAllowed() ? how : Ended.NONE;
    LOG.log(
        System.Logger.Level.INFO,
        "machine ended vm={0} uid={1} why={2}",
        record.name(),
        record.uid(),
        why);
    if (why == Ended.CRASHED) {
      Time started = record.startedAt();
      boolean settled =
          started != null && shared.clock().instant().isAfter(started.instant().plus(SETTLED));
      crashes = settled ? 1 : crashes + 1;
      notBefore = shared.clock().instant().plus(backoff.after(crashes));
    }
    kept.save(record.at(Step.STOPPED).because(why));
  }

  /// Whether the machine may run as far as its promise goes. From any thread.
  boolean isAllowed() {
    return shared.fence().allows(kept.present().fencedAfterSeconds());
  }

  /// Ends what the fence forbids.
  void stopFenced() throws InterruptedException {
    Machine present = machine;
    if (present != null) {
      MachineRecord record = kept.present();
      LOG.log(
          System.Logger.Level.WARNING,
          "machine fenced vm={0} uid={1}",
          record.name(),
          record.uid());
      shared.hypervisor().kill(record.uid());
      forgetMachine(present);
      kept.saveIfChanged(record.step() == Step.DELETING ? record : record.at(Step.STOPPED));
    }
  }

  private void end(Machine present) throws InterruptedException {
    present.end();
    forgetMachine(present);
  }

  private void forgetMachine(Machine present) {
    present.close();
    machine = null;
    pressed = null;
  }

  /// @return when to look again at the latest; `idle` when nothing is to come
  Duration converge(Wanted wanted, Duration idle) throws InterruptedException {
    if (wanted.power() != VM.PowerState.STOPPED) {
      askedToStop = null;
    }
    return switch (wanted.power()) {
      case RUNNING -> run(wanted, true, idle);
      case PAUSED -> run(wanted, false, idle);
      case STOPPED -> stop(idle);
    };
  }

  /// @param going whether its processors are to run
  private Duration run(Wanted wanted, boolean going, Duration idle) throws InterruptedException {
    Machine present = machine;
    if (present == null) {
      if (!mayStart(wanted)) {
        return idle;
      }
      Instant earliest = notBefore;
      Instant now = shared.clock().instant();
      boolean crashed = kept.present().ended() == Ended.CRASHED;
      if (crashed && earliest != null && now.isBefore(earliest)) {
        return Duration.between(now, earliest).plusMillis(1);
      }
      if (!promise.mayLaunch(wanted)) {
        return isAllowed() ? idle : FENCED;
      }
      present = launch(wanted);
    }
    boolean held = present.power() == Power.PAUSED;
    if (going && held && present.detail().isEmpty()) {
      if (!isAllowed()) {
        return FENCED;
      }
      present.resume();
      AFTER_RESUME.here();
    } else if (!going && present.power() == Power.RUNNING) {
      present.pause();
    }
    return idle;
  }

  private boolean mayStart(Wanted wanted) {
    return switch (kept.present().ended()) {
      case NONE -> true;
      case GUEST_SHUTDOWN -> wanted.runPolicy() == VM.RunPolicy.ALWAYS;
      case CRASHED -> wanted.runPolicy() != VM.RunPolicy.MANUAL;
      case POWERED_OFF -> false;
    };
  }

  private Machine launch(Wanted wanted) throws InterruptedException {
    MachinePlan plan;
    try {
      plan = new PlanMaker(shared).plan(wanted, kept.present(), place());
    } catch (IOException e) {
      throw new UncheckedIOException("the cloud-init volume cannot be written", e);
    }
    kept.save(kept.present().starting());
    Machine started;
    try {
      started = shared.hypervisor().start(plan, wake);
    } catch (HypervisorException e) {
      kept.save(kept.present().at(Step.STOPPED));
      throw e;
    }
    machine = started;
    AFTER_SPAWN.here();
    kept.save(kept.present().started(Time.now(shared.clock())));
    return started;
  }

  private Duration stop(Duration idle) throws InterruptedException {
    notBefore = null;
    crashes = 0;
    kept.saveIfChanged(kept.present().because(Ended.NONE));
    if (machine == null) {
      askedToStop = null;
      return idle;
    }
    askToStop();
    pressPowerButton();
    return isStopLate() ? PRESS_AGAIN : Duration.ofSeconds(1);
  }

  private void askToStop() {
    if (askedToStop == null) {
      askedToStop = shared.clock().instant();
    }
  }

  /// Whether the guest was asked to shut down for good.
  boolean isStopping() {
    return askedToStop != null;
  }

  /// Whether the guest takes too long to shut down.
  boolean isStopLate() {
    Instant since = askedToStop;
    return since != null && shared.clock().instant().isAfter(since.plus(TaskWork.GUEST_MAX));
  }

  /// Now, unless that was done a moment ago. A paused guest would not notice, so it runs again.
  void pressPowerButton() throws InterruptedException {
    Machine present = machine;
    Instant now = shared.clock().instant();
    Instant last = pressed;
    if (present != null && (last == null || now.isAfter(last.plus(PRESS_AGAIN)))) {
      if (present.power() == Power.PAUSED) {
        present.resume();
      }
      present.pressPowerButton();
      pressed = now;
    }
  }

  /// Ends the machine without asking its guest, because somebody asked for that.
  void powerOff() throws InterruptedException {
    endAll();
    kept.saveIfChanged(kept.present().at(Step.STOPPED).because(Ended.POWERED_OFF));
  }

  /// Asks the guest of a machine that is to be deleted to shut down, and ends it after a while.
  ///
  /// @return whether nothing of it runs
  boolean stopForGood() throws InterruptedException {
    Machine present = machine;
    if (present != null) {
      askToStop();
      if (present.power() == Power.RUNNING && !isStopLate()) {
        pressPowerButton();
        return false;
      }
    }
    endAll();
    return true;
  }

  /// Returns when nothing of it runs.
  void endAll() throws InterruptedException {
    Machine present = machine;
    if (present != null) {
      end(present);
    }
    shared.hypervisor().kill(kept.present().uid());
  }

  void reset() throws InterruptedException {
    Machine present = machine;
    if (present == null) {
      throw new HypervisorException("machine " + kept.present().name() + " does not run");
    }
    present.reset();
  }

  /// Somebody asked for a start: how the machine ended before counts no more.
  void forgetEnd() {
    notBefore = null;
    crashes = 0;
    kept.saveIfChanged(kept.present().because(Ended.NONE));
  }

  private MachinePlan.Place place() {
    String uid = kept.present().uid();
    return new MachinePlan.Place(uid, shared.records().folder(uid));
  }

  /// Ends the connection; the machine goes on as it is.
  void release() {
    Machine present = machine;
    if (present != null) {
      present.close();
    }
  }
}
