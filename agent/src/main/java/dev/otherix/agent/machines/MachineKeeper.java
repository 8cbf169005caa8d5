package dev.otherix.agent.machines;

import dev.otherix.agent.hypervisor.HypervisorException;
import dev.otherix.agent.hypervisor.Machine;
import dev.otherix.agent.hypervisor.MachinePlan;
import dev.otherix.agent.hypervisor.Power;
import dev.otherix.agent.pools.Pools;
import dev.otherix.agent.state.MachineRecord;
import dev.otherix.agent.state.MachineRecord.Ended;
import dev.otherix.agent.state.MachineRecord.Step;
import dev.otherix.apimachinery.client.Backoff;
import dev.otherix.apimachinery.fault.Fault;
import dev.otherix.apimachinery.object.Time;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apimachinery.status.StatusReason;
import dev.otherix.controllers.runtime.Finalizers;
import dev.otherix.schemas.v1.VM;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Brings one machine, by its uid, to what the server wants. Everything about the machine happens
/// on this keeper's one thread; others only [#wake] it. No step waits for a guest: what takes long
/// is asked for once and looked at again.
final class MachineKeeper implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(MachineKeeper.class.getName());
  private static final Fault AFTER_SPAWN = Fault.named("agent.machine.afterSpawn");
  private static final Fault AFTER_RESUME = Fault.named("agent.machine.afterResume");
  private static final Fault AFTER_DISKS_DELETED = Fault.named("agent.machine.afterDisksDeleted");
  private static final Fault AFTER_FINALIZER = Fault.named("agent.machine.afterFinalizer");

  /// How long nothing happens when nothing changes; then the guest's memory is looked at.
  private static final Duration IDLE = Duration.ofSeconds(60);

  private static final Duration FENCED = Duration.ofSeconds(1);
  private static final Duration OVER = Duration.ofSeconds(-1);
  private static final Duration PRESS_AGAIN = Duration.ofSeconds(15);
  private static final Duration SETTLED = Duration.ofMinutes(5);
  private static final Duration RETRY_FIRST = Duration.ofMillis(500);
  private static final Duration RETRY_MAX = Duration.ofMinutes(2);

  private final Shared shared;
  private final String uid;
  private final String name;
  private final Runnable changed;
  private final Runnable finished;
  private final Backoff backoff;
  private final TaskWork tasks;
  private final StatusWriter status;
  private final Resizing resizing = new Resizing();
  private final Promise promise;
  private final BlockingQueue<Boolean> wakes = new ArrayBlockingQueue<>(1);
  private final Thread thread;

  private volatile MachineRecord record;
  private volatile @Nullable Machine machine;
  private boolean recorded;
  private volatile boolean adopted;
  private @Nullable Preparation preparation;
  private @Nullable Instant askedToStop;
  private @Nullable Instant pressed;
  private @Nullable Instant notBefore;
  private int crashes;
  private String lastFailure = "";
  private String failureReason = "";

  /// @param before what an earlier agent wrote; null for a machine that is new here
  /// @param changed called when it is found out what the machine does
  /// @param finished called when the machine is deleted and nothing of it is left
  MachineKeeper(
      Shared shared,
      String node,
      String uid,
      String name,
      @Nullable MachineRecord before,
      Runnable changed,
      Runnable finished) {
    this.shared = shared;
    this.uid = uid;
    this.name = name;
    this.changed = changed;
    this.finished = finished;
    this.backoff = new Backoff(RETRY_FIRST, RETRY_MAX, shared.random());
    this.tasks = new TaskWork(this, shared);
    this.status = new StatusWriter(shared, node);
    this.promise = new Promise(this, shared, node);
    this.record = before == null ? MachineRecord.fresh(uid, name) : before;
    this.recorded = before != null;
    this.thread = Thread.ofVirtual().name("machine-" + name).unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  /// Something changed; have a look. From any thread.
  void wake() {
    wakes.offer(true);
  }

  MachineRecord record() {
    return record;
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

  private void run() {
    int failures = 0;
    try {
      while (true) {
        Duration wait;
        try {
          wait = step();
          failures = 0;
        } catch (RuntimeException e) {
          failures++;
          wait = backoff.after(failures);
          note(e, wait);
        }
        if (wait.isNegative()) {
          finished.run();
          return;
        }
        if (wakes.poll(wait.toMillis(), TimeUnit.MILLISECONDS) != null && failures > 0) {
          // A change may be the remedy; but no storm of changes may become one of attempts.
          wakes.poll(backoff.first().toMillis(), TimeUnit.MILLISECONDS);
        }
      }
    } catch (InterruptedException _) {
      LOG.log(System.Logger.Level.DEBUG, "keeper stopped vm={0}", name);
    }
  }

  private void note(RuntimeException e, Duration wait) throws InterruptedException {
    String message = String.valueOf(e.getMessage());
    failureReason = Conditions.reasonOf(e);
    boolean outdated = e instanceof ApiException api && api.is(StatusReason.CONFLICT);
    if (!message.equals(lastFailure) && !outdated) {
      LOG.log(
          System.Logger.Level.WARNING,
          "machine not as wanted vm=" + name + " uid=" + uid + " retry=" + wait + ": " + message);
      if (failureReason.equals("AgentFailed")) {
        LOG.log(System.Logger.Level.WARNING, "why vm=" + name, e);
      }
    }
    if (failureReason.isEmpty()) {
      return;
    }
    lastFailure = message;
    try {
      Wanted wanted = shared.server().vm(name, uid).orElse(null);
      if (wanted != null) {
        tasks.step(wanted);
        tell(wanted);
      }
    } catch (RuntimeException unreachable) {
      LOG.log(System.Logger.Level.DEBUG, "status not told vm=" + name, unreachable);
    }
  }

  /// @return when to look again at the latest; negative when the machine is no more
  private Duration step() throws InterruptedException {
    adopt();
    observeEnd();
    if (!isAllowed()) {
      stopFenced();
      return FENCED;
    }
    if (!shared.server().synced()) {
      return IDLE;
    }
    Wanted wanted = shared.server().vm(name, uid).orElse(null);
    if (wanted == null && !recorded) {
      return OVER;
    }
    if (wanted == null) {
      // Not there, and yet nobody said that it is to be deleted: nothing is touched.
      return record.step() == Step.DELETING ? clear() : IDLE;
    }
    if (wanted.deleting()) {
      return delete(wanted);
    }
    if (!wanted.networkReady() || wanted.incarnation() < record.incarnation()) {
      return IDLE;
    }
    if (record.diskFolder() != null && wanted.incarnation() > record.incarnation()) {
      beginAnew();
    }
    promise.tighten(wanted);
    Duration next = IDLE;
    if (prepare(wanted)) {
      saveIfChanged(resizing.grow(wanted, record, machine));
      tasks.step(wanted);
      next = converge(wanted);
      lastFailure = "";
      failureReason = "";
      tasks.step(wanted);
    }
    tell(wanted);
    return next;
  }

  private void adopt() throws InterruptedException {
    if (adopted) {
      return;
    }
    if (recorded) {
      try {
        machine = shared.hypervisor().adopt(place(), this::wake).orElse(null);
      } catch (HypervisorException e) {
        if (record.step() != Step.STARTING && record.step() != Step.DELETING) {
          throw e;
        }
        // Its processors were never let go, or it is to go anyway.
        shared.hypervisor().kill(uid);
      }
      if (machine != null) {
        LOG.log(System.Logger.Level.INFO, "machine adopted vm={0} uid={1}", name, uid);
      }
    }
    adopted = true;
    changed.run();
  }

  private void observeEnd() throws InterruptedException {
    Machine present = machine;
    if (present == null) {
      if (record.step() == Step.STARTED) {
        ended(Ended.CRASHED);
      } else if (record.step() == Step.STARTING) {
        save(record.at(Step.STOPPED));
      }
      return;
    }
    switch (present.power()) {
      case RUNNING, PAUSED -> {
        if (record.step() == Step.STARTING) {
          save(record.started(Time.now(shared.clock())));
        }
      }
      case GONE -> {
        shared.hypervisor().kill(uid);
        forgetMachine(present);
        ended(Ended.CRASHED);
      }
      case SHUT_DOWN -> {
        end(present);
        ended(Ended.GUEST_SHUTDOWN);
      }
    }
  }

  private void ended(Ended how) {
    if (record.step() == Step.DELETING) {
      return;
    }
    // The fence ends machines like a crash, and they are to start again when it opens.
    Ended why = isAllowed() ? how : Ended.NONE;
    LOG.log(System.Logger.Level.INFO, "machine ended vm={0} uid={1} why={2}", name, uid, why);
    if (why == Ended.CRASHED) {
      Time started = record.startedAt();
      boolean settled =
          started != null && shared.clock().instant().isAfter(started.instant().plus(SETTLED));
      crashes = settled ? 1 : crashes + 1;
      notBefore = shared.clock().instant().plus(backoff.after(crashes));
    }
    save(record.at(Step.STOPPED).because(why));
  }

  /// Whether the machine may run as far as its promise goes. From any thread.
  boolean isAllowed() {
    return shared.fence().allows(record.fencedAfterSeconds());
  }

  /// Ends the machine at once, in whatever state the keeper is. From any thread.
  void fence() throws InterruptedException {
    wake();
    shared.hypervisor().kill(uid);
  }

  private void stopFenced() throws InterruptedException {
    Machine present = machine;
    if (present != null) {
      LOG.log(System.Logger.Level.WARNING, "machine fenced vm={0} uid={1}", name, uid);
      shared.hypervisor().kill(uid);
      forgetMachine(present);
      saveIfChanged(record.step() == Step.DELETING ? record : record.at(Step.STOPPED));
    }
  }

  /// It was made anew elsewhere since its disks here were written.
  private void beginAnew() throws InterruptedException {
    cancelPreparation();
    powerOff();
    OwnDisks.setAside(record);
    save(record.anew());
  }

  private void cancelPreparation() throws InterruptedException {
    Preparation running = preparation;
    if (running != null) {
      running.cancel();
      preparation = null;
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

  /// Whether there is a disk to start from.
  private boolean prepare(Wanted wanted) throws InterruptedException {
    if (record.disk() != null) {
      return true;
    }
    Unsupported.check(wanted.vm(), shared.arch());
    Preparation running = preparation;
    if (running == null) {
      Pools.Ready pool = shared.pools().open(wanted.vm().spec().pool());
      save(record.in(pool.disks(uid).toString(), wanted.incarnation()));
      preparation = new Preparation(shared, wanted.vm(), uid, pool, this::wake);
      return false;
    }
    if (!running.isOver()) {
      return false;
    }
    preparation = null;
    save(record.with(running.disk()));
    lastFailure = "";
    return true;
  }

  private Duration converge(Wanted wanted) throws InterruptedException {
    if (wanted.power() != VM.PowerState.STOPPED) {
      askedToStop = null;
    }
    return switch (wanted.power()) {
      case RUNNING -> run(wanted, true);
      case PAUSED -> run(wanted, false);
      case STOPPED -> stop();
    };
  }

  /// @param going whether its processors are to run
  private Duration run(Wanted wanted, boolean going) throws InterruptedException {
    Machine present = machine;
    if (present == null) {
      if (!mayStart(wanted)) {
        return IDLE;
      }
      Instant earliest = notBefore;
      Instant now = shared.clock().instant();
      if (record.ended() == Ended.CRASHED && earliest != null && now.isBefore(earliest)) {
        return Duration.between(now, earliest).plusMillis(1);
      }
      if (!promise.mayLaunch(wanted)) {
        return isAllowed() ? IDLE : FENCED;
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
    return IDLE;
  }

  private boolean mayStart(Wanted wanted) {
    return switch (record.ended()) {
      case NONE -> true;
      case GUEST_SHUTDOWN -> wanted.runPolicy() == VM.RunPolicy.ALWAYS;
      case CRASHED -> wanted.runPolicy() != VM.RunPolicy.MANUAL;
      case POWERED_OFF -> false;
    };
  }

  private Machine launch(Wanted wanted) throws InterruptedException {
    MachinePlan plan;
    try {
      plan = new PlanMaker(shared).plan(wanted, record, place());
    } catch (IOException e) {
      throw new UncheckedIOException("the cloud-init volume cannot be written", e);
    }
    save(record.starting(Resizing.wanted(wanted.vm().spec())));
    Machine started;
    try {
      started = shared.hypervisor().start(plan, this::wake);
    } catch (HypervisorException e) {
      save(record.at(Step.STOPPED));
      throw e;
    }
    machine = started;
    AFTER_SPAWN.here();
    save(record.started(Time.now(shared.clock())));
    return started;
  }

  private Duration stop() throws InterruptedException {
    notBefore = null;
    crashes = 0;
    saveIfChanged(record.because(Ended.NONE));
    if (machine == null) {
      askedToStop = null;
      return IDLE;
    }
    if (askedToStop == null) {
      askedToStop = shared.clock().instant();
    }
    pressPowerButton();
    return stopLate() ? PRESS_AGAIN : Duration.ofSeconds(1);
  }

  private boolean stopLate() {
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

  void powerOff() throws InterruptedException {
    Machine present = machine;
    if (present != null) {
      end(present);
    }
    shared.hypervisor().kill(uid);
    saveIfChanged(record.at(Step.STOPPED).because(Ended.POWERED_OFF));
  }

  void reset() throws InterruptedException {
    Machine present = machine;
    if (present == null) {
      throw new HypervisorException("machine " + name + " does not run");
    }
    present.reset();
  }

  /// Somebody asked for a start: how the machine ended before counts no more.
  void forgetEnd() {
    notBefore = null;
    crashes = 0;
    lastFailure = "";
    saveIfChanged(record.because(Ended.NONE));
  }

  /// Why the last attempt to bring the machine to what is wanted failed; empty when it did not.
  String lastFailure() {
    return lastFailure;
  }

  private Duration delete(Wanted wanted) throws InterruptedException {
    cancelPreparation();
    if (recorded) {
      saveIfChanged(record.at(Step.DELETING));
    }
    Machine present = machine;
    if (present != null) {
      if (askedToStop == null) {
        askedToStop = shared.clock().instant();
      }
      if (present.power() == Power.RUNNING && !stopLate()) {
        pressPowerButton();
        tell(wanted);
        return Duration.ofSeconds(1);
      }
      end(present);
    }
    removeDisks();
    Finalizers.remove(shared.server().vms(), wanted.object(), Wanted.FINALIZER);
    AFTER_FINALIZER.here();
    return forget();
  }

  /// The server has forgotten it already: an earlier agent was interrupted at the very end.
  private Duration clear() throws InterruptedException {
    Machine present = machine;
    if (present != null) {
      end(present);
    }
    removeDisks();
    return forget();
  }

  private void removeDisks() throws InterruptedException {
    shared.hypervisor().kill(uid);
    OwnDisks.remove(record);
    AFTER_DISKS_DELETED.here();
  }

  private Duration forget() {
    shared.records().forget(uid);
    LOG.log(System.Logger.Level.INFO, "machine deleted vm={0} uid={1}", name, uid);
    return OVER;
  }

  void saveIfChanged(MachineRecord next) {
    if (!next.equals(record)) {
      save(next);
    }
  }

  void save(MachineRecord next) {
    shared.records().save(next);
    record = next;
    recorded = true;
  }

  private MachinePlan.Place place() {
    return new MachinePlan.Place(uid, shared.records().folder(uid));
  }

  private void tell(Wanted wanted) throws InterruptedException {
    Machine present = machine;
    List<StatusWriter.Told> told = new ArrayList<>();
    Conditions conditions =
        new Conditions(
            record,
            present == null ? Power.GONE : present.power(),
            present == null ? "" : present.detail(),
            lastFailure,
            failureReason,
            askedToStop != null,
            stopLate(),
            preparation == null ? -1 : preparation.bytes());
    told.add(conditions.image());
    told.add(conditions.running());
    told.addAll(resizing.tell(wanted, record, present != null));
    OptionalLong memory =
        present != null && present.power() == Power.RUNNING
            ? present.memoryUsedMiB()
            : OptionalLong.empty();
    Integer promised = promise.of(wanted);
    if (status.write(wanted, told, record, promised, memory)) {
      promise.told(wanted, promised);
    }
  }

  /// Stops looking after the machine, which goes on as it is.
  @Override
  public void close() {
    thread.interrupt();
    try {
      thread.join();
      cancelPreparation();
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
    Machine present = machine;
    if (present != null) {
      present.close();
    }
  }
}
