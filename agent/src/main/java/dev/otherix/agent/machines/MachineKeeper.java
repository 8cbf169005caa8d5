package dev.otherix.agent.machines;

import dev.otherix.agent.hypervisor.Machine;
import dev.otherix.agent.hypervisor.Power;
import dev.otherix.agent.images.Progress;
import dev.otherix.agent.pools.Pools;
import dev.otherix.agent.state.MachineRecord;
import dev.otherix.agent.state.MachineRecord.Step;
import dev.otherix.apimachinery.client.Backoff;
import dev.otherix.apimachinery.fault.Fault;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apimachinery.status.StatusReason;
import dev.otherix.controllers.runtime.Finalizers;
import dev.otherix.schemas.v1.VM;
import java.time.Duration;
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
  private static final Fault AFTER_DISKS_DELETED = Fault.named("agent.machine.afterDisksDeleted");
  private static final Fault AFTER_FINALIZER = Fault.named("agent.machine.afterFinalizer");

  /// How long nothing happens when nothing changes; then the guest's memory is looked at.
  private static final Duration IDLE = Duration.ofSeconds(60);

  private static final Duration OVER = Duration.ofSeconds(-1);

  /// How often is told how far the copy of a disk is.
  private static final Duration COPIES = Duration.ofSeconds(2);

  private static final Duration LOOK_SOON = Duration.ofSeconds(1);
  private static final Duration RETRY_FIRST = Duration.ofMillis(500);
  private static final Duration RETRY_MAX = Duration.ofMinutes(2);

  private final Shared shared;
  private final String uid;
  private final String name;
  private final Runnable changed;
  private final Runnable finished;
  private final Backoff backoff;
  private final KeptRecord kept;
  private final MachineRun run;
  private final LastFailure failure = new LastFailure();
  private final SnapshotWork snapshots;
  private final Restoring restoring;
  private final TaskWork tasks;
  private final StatusWriter status;
  private final Resizing resizing;
  private final DataDisks dataDisks;
  private final Interfaces interfaces;
  private final Promise promise;
  private final BlockingQueue<Boolean> wakes = new ArrayBlockingQueue<>(1);
  private final Thread thread;

  /// A step that makes something else of the interrupt is the last one all the same.
  private volatile boolean closing;

  private @Nullable Preparation preparation;

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
    this.kept =
        new KeptRecord(
            shared.records(),
            before == null ? MachineRecord.fresh(uid, name) : before,
            before != null);
    this.promise = new Promise(kept, shared, node);
    this.run = new MachineRun(shared, kept, promise, backoff, this::wake);
    this.snapshots = new SnapshotWork(shared, node, kept, run, this::wake);
    this.restoring = new Restoring(shared, kept, run, snapshots, this::wake);
    this.resizing = new Resizing(shared.clock());
    this.dataDisks = new DataDisks(kept);
    this.interfaces = new Interfaces(shared);
    this.tasks = new TaskWork(kept, run, failure, restoring, shared);
    this.status = new StatusWriter(shared, node);
    this.thread = Thread.ofVirtual().name("machine-" + name).unstarted(this::work);
  }

  void start() {
    thread.start();
  }

  /// Something changed; have a look. From any thread.
  void wake() {
    wakes.offer(true);
  }

  MachineRecord record() {
    return kept.present();
  }

  /// Whether anything of the machine itself is here, not only its snapshots. From any thread.
  boolean holdsMachine() {
    return kept.isWritten();
  }

  /// Null when it does not run. From any thread.
  @Nullable Machine machine() {
    return run.machine();
  }

  /// What the machine does; null before anybody has looked. From any thread.
  @Nullable Power knownPower() {
    return run.knownPower();
  }

  private void work() {
    int failures = 0;
    try {
      while (!closing) {
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
    String reason = Conditions.reasonOf(e);
    failure.because(reason);
    boolean outdated = e instanceof ApiException api && api.is(StatusReason.CONFLICT);
    if (!message.equals(failure.message()) && !outdated) {
      LOG.log(
          System.Logger.Level.WARNING,
          "machine not as wanted vm=" + name + " uid=" + uid + " retry=" + wait + ": " + message);
      if (reason.equals("AgentFailed")) {
        LOG.log(System.Logger.Level.WARNING, "why vm=" + name, e);
      }
    }
    if (reason.isEmpty()) {
      return;
    }
    failure.is(message);
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
    if (run.adopt()) {
      changed.run();
    }
    run.observeEnd();
    if (!isAllowed()) {
      run.stopFenced();
      return MachineRun.FENCED;
    }
    if (!shared.server().synced()) {
      return IDLE;
    }
    Wanted wanted = shared.server().vm(name, uid).orElse(null);
    MachineRecord record = kept.present();
    if (wanted == null && !kept.isWritten()) {
      snapshots.step(null);
      return shared.server().snapshotsOf(uid).isEmpty() ? OVER : IDLE;
    }
    if (wanted == null) {
      snapshots.step(null);
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
      kept.saveIfChanged(resizing.grow(wanted, kept.present(), run.machine()));
      restoring.sweep();
      Duration resized = resizing.size(wanted, run.machine());
      if (!snapshots.isUsingDisk() && !restoring.isBusy()) {
        dataDisks.step(wanted, run.machine());
      }
      interfaces.step(wanted, run.machine());
      tasks.step(wanted);
      if (!snapshots.isUsingDisk() && !restoring.isBusy()) {
        next = run.converge(wanted, resized == null ? IDLE : resized);
      }
      failure.clear();
      tasks.step(wanted);
    }
    tell(wanted);
    snapshots.step(wanted);
    return snapshots.isBusy() && next.compareTo(COPIES) > 0 ? COPIES : next;
  }

  /// Whether the machine may run as far as its promise goes. From any thread.
  boolean isAllowed() {
    return run.isAllowed();
  }

  /// Ends the machine at once, in whatever state the keeper is. From any thread.
  void fence() throws InterruptedException {
    wake();
    shared.hypervisor().kill(uid);
  }

  /// It was made anew elsewhere since its disks here were written.
  private void beginAnew() throws InterruptedException {
    cancelDiskWork();
    run.powerOff();
    OwnDisks.setAside(kept.present(), shared.images());
    kept.save(kept.present().anew());
  }

  private void cancelDiskWork() throws InterruptedException {
    cancelPreparation();
    restoring.cancel();
    snapshots.cancel();
  }

  private void cancelPreparation() throws InterruptedException {
    Preparation running = preparation;
    if (running != null) {
      running.cancel();
      preparation = null;
    }
  }

  /// Whether there is a disk to start from.
  private boolean prepare(Wanted wanted) throws InterruptedException {
    if (kept.present().disk() != null) {
      return true;
    }
    Unsupported.check(wanted.vm(), shared.arch());
    Preparation running = preparation;
    if (running == null) {
      Pools.Ready pool = shared.pools().open(wanted.vm().spec().pool());
      kept.save(kept.present().in(pool.disks(uid).toString(), wanted.incarnation()));
      preparation = new Preparation(shared, wanted.vm(), uid, pool, this::wake);
      return false;
    }
    if (!running.isOver()) {
      return false;
    }
    preparation = null;
    MachineRecord made = kept.present().with(running.disk());
    for (MachineRecord.DataDisk each : running.dataDisks()) {
      made = made.with(each);
    }
    kept.save(made);
    failure.is("");
    return true;
  }

  private Duration delete(Wanted wanted) throws InterruptedException {
    cancelDiskWork();
    snapshots.step(null);
    if (kept.isWritten()) {
      kept.saveIfChanged(kept.present().at(Step.DELETING));
    }
    if (!run.stopForGood()) {
      tell(wanted);
      return LOOK_SOON;
    }
    removeDisks();
    Finalizers.remove(shared.server().vms(), wanted.object(), Wanted.FINALIZER);
    AFTER_FINALIZER.here();
    return forget();
  }

  /// The server has forgotten it already: an earlier agent was interrupted at the very end.
  private Duration clear() throws InterruptedException {
    run.endAll();
    removeDisks();
    return forget();
  }

  private void removeDisks() {
    OwnDisks.remove(kept.present(), shared.images());
    AFTER_DISKS_DELETED.here();
  }

  private Duration forget() {
    kept.forget();
    LOG.log(System.Logger.Level.INFO, "machine deleted vm={0} uid={1}", name, uid);
    return OVER;
  }

  private void tell(Wanted wanted) throws InterruptedException {
    Machine present = run.machine();
    MachineRecord record = kept.present();
    List<StatusWriter.Told> told = new ArrayList<>();
    Conditions conditions =
        new Conditions(
            record,
            run.power(),
            present == null ? "" : present.detail(),
            present == null ? "" : present.fault(),
            failure.message(),
            failure.reason(),
            run.isStopping(),
            run.isStopLate(),
            preparation == null ? Progress.NONE : preparation.progress());
    told.add(conditions.image());
    told.add(conditions.running());
    String devices = (dataDisks.whyRestart() + " " + interfaces.whyRestart()).strip();
    told.addAll(resizing.tell(wanted, present != null, devices));
    OptionalLong memory =
        present != null && present.power() == Power.RUNNING
            ? present.memoryUsedMiB()
            : OptionalLong.empty();
    Integer promised = promise.of(wanted);
    List<VM.DiskStatus> disks = dataDisks.status(wanted);
    if (status.write(wanted, told, record, promised, memory, disks)) {
      promise.told(wanted, promised);
    }
  }

  /// Stops looking after the machine, which goes on as it is.
  @Override
  public void close() {
    closing = true;
    wake();
    thread.interrupt();
    try {
      thread.join();
      cancelPreparation();
      restoring.cancel();
      snapshots.release();
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
    run.release();
  }
}
