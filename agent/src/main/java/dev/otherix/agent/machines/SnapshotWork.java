package dev.otherix.agent.machines;

import dev.otherix.agent.hypervisor.Copying;
import dev.otherix.agent.hypervisor.HypervisorException;
import dev.otherix.agent.hypervisor.Machine;
import dev.otherix.agent.hypervisor.Power;
import dev.otherix.agent.images.ImageException;
import dev.otherix.agent.pools.PoolException;
import dev.otherix.agent.pools.Pools;
import dev.otherix.agent.state.MachineRecord.BootedFrom;
import dev.otherix.apimachinery.client.ResourceClient;
import dev.otherix.apimachinery.fault.Fault;
import dev.otherix.apimachinery.object.Records;
import dev.otherix.apimachinery.object.Time;
import dev.otherix.controllers.runtime.Finalizers;
import dev.otherix.schemas.v1.VM;
import dev.otherix.schemas.v1.VMSnapshot;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/// Makes and deletes the snapshots of one machine, one copy at a time. A machine that runs is
/// copied by its hypervisor, one that does not by this agent. A copy that was interrupted is made
/// anew. On the keeper's thread.
final class SnapshotWork {
  private static final System.Logger LOG = System.getLogger(SnapshotWork.class.getName());
  private static final Fault AFTER_CLAIM = Fault.named("agent.snapshot.afterClaim");
  private static final Fault AFTER_FREEZE = Fault.named("agent.snapshot.afterFreeze");
  private static final Fault AFTER_COPY = Fault.named("agent.snapshot.afterCopy");
  private static final Fault AFTER_PUBLISH = Fault.named("agent.snapshot.afterPublish");
  private static final Fault AFTER_DELETE = Fault.named("agent.snapshot.afterDelete");

  private final Shared shared;
  private final KeptRecord kept;
  private final MachineRun run;
  private final Runnable wake;
  private final SnapshotStatus status;
  private @Nullable Capture capture;

  SnapshotWork(Shared shared, String node, KeptRecord kept, MachineRun run, Runnable wake) {
    this.shared = shared;
    this.kept = kept;
    this.run = run;
    this.wake = wake;
    this.status = new SnapshotStatus(shared, node);
  }

  /// A copy under way.
  ///
  /// @param machine that copies; null when this agent does
  /// @param copy that this agent makes
  private record Capture(
      ObjectNode snapshot,
      String pool,
      SnapshotFolder folder,
      SnapshotFolder.Manifest manifest,
      @Nullable Machine machine,
      @Nullable Background copy,
      Progress progress) {
    boolean isOf(ObjectNode other) {
      return uid(snapshot).equals(uid(other));
    }
  }

  /// How far a copy is: written by whoever copies, told by the keeper.
  private static final class Progress {
    private volatile int percent;
    private int told;

    void is(int now) {
      percent = now;
    }
  }

  private static String uid(ObjectNode object) {
    return object.at("/metadata/uid").asString("");
  }

  /// Whether this agent reads the machine's disk, so that it must not start.
  boolean isUsingDisk() {
    Capture present = capture;
    return present != null && present.copy != null;
  }

  /// Whether a copy is under way.
  boolean isBusy() {
    return capture != null;
  }

  /// Does what is next.
  ///
  /// @param wanted null when the machine is not this node's
  void step(@Nullable Wanted wanted) throws InterruptedException {
    List<ObjectNode> all = shared.server().snapshotsOf(kept.present().uid());
    goOn(all);
    for (ObjectNode each : all) {
      if (Finalizers.deleting(each)) {
        remove(each);
      } else if (capture == null && wanted != null && isOpen(each)) {
        try {
          begin(each, wanted);
        } catch (HypervisorException | ImageException | PoolException e) {
          fail(each, String.valueOf(e.getMessage()));
        }
      }
    }
  }

  private static boolean isOpen(ObjectNode snapshot) {
    return switch (snapshot.at("/status/phase").asString("pending")) {
      case "pending", "creating" -> true;
      default -> false;
    };
  }

  private void begin(ObjectNode snapshot, Wanted wanted) throws InterruptedException {
    BootedFrom boot = kept.present().disk();
    if (boot == null) {
      status.pending(snapshot, "The machine has no disk yet; its condition ImageReady says why.");
      return;
    }
    Machine machine = run.machine();
    Power power = run.power();
    if (machine != null && power != Power.RUNNING && power != Power.PAUSED) {
      status.pending(snapshot, "The machine is about to end, and is copied then.");
      return;
    }
    boolean again = snapshot.at("/status/phase").asString("").equals("creating");
    Pools.Ready pool = shared.pools().open(boot.pool());
    SnapshotFolder folder = SnapshotFolder.of(pool, uid(snapshot));
    SnapshotFolder.Manifest made = folder.read().orElse(null);
    if (made != null) {
      status.ready(snapshot, pool.name(), made, folder.bytes(made));
      return;
    }
    if (!status.creating(snapshot, pool.name())) {
      return;
    }
    AFTER_CLAIM.here();
    folder.clear();
    VMSnapshot.Spec spec = Records.read(snapshot, VMSnapshot.class).spec();
    VMSnapshot.Wish wish = spec.consistency();
    CopiedDisks disks = CopiedDisks.of(kept.present(), spec.disks(), wanted, machine);
    if (machine == null) {
      copyAtRest(snapshot, wanted, pool, folder, disks, wish);
    } else {
      if (again) {
        // The agent may have been killed while the guest was frozen.
        boolean _ = machine.thaw();
      }
      copyRunning(snapshot, wanted, pool, folder, disks, wish, machine);
    }
  }

  private void copyAtRest(
      ObjectNode snapshot,
      Wanted wanted,
      Pools.Ready pool,
      SnapshotFolder folder,
      CopiedDisks disks,
      VMSnapshot.Wish wish)
      throws InterruptedException {
    boolean rests = kept.present().atRest();
    if (!rests && wish == VMSnapshot.Wish.FILESYSTEM_CONSISTENT) {
      fail(
          snapshot,
          "the guest did not shut down before the machine ended; start it and stop it, or ask for"
              + " best-effort");
      return;
    }
    Progress progress = new Progress();
    capture =
        new Capture(
            snapshot,
            pool.name(),
            folder,
            manifest(snapshot, wanted, disks, rests),
            null,
            new Background(
                "snapshot-" + uid(snapshot), () -> disks.copyAtRest(folder, progress::is), wake),
            progress);
  }

  private void copyRunning(
      ObjectNode snapshot,
      Wanted wanted,
      Pools.Ready pool,
      SnapshotFolder folder,
      CopiedDisks disks,
      VMSnapshot.Wish wish,
      Machine machine)
      throws InterruptedException {
    machine.endCopy();
    disks.makeTargets(folder);
    boolean asked = wish != VMSnapshot.Wish.CRASH_CONSISTENT && machine.power() == Power.RUNNING;
    boolean frozen = asked && machine.freeze();
    if (!frozen && wish == VMSnapshot.Wish.FILESYSTEM_CONSISTENT) {
      fail(
          snapshot,
          "the guest's file systems could not be frozen; run qemu-guest-agent in the guest, stop"
              + " the machine, or ask for best-effort");
      return;
    }
    AFTER_FREEZE.here();
    try {
      disks.beginCopy(machine, folder);
      BootFiles.of(Path.of(disks.boot().file())).copyTo(folder.bootFiles());
      capture =
          new Capture(
              snapshot,
              pool.name(),
              folder,
              manifest(snapshot, wanted, disks, frozen),
              machine,
              null,
              new Progress());
    } finally {
      if (frozen && !machine.thaw()) {
        LOG.log(Level.ERROR, "guest may still be frozen vm={0}", wanted.name());
      }
    }
  }

  private SnapshotFolder.Manifest manifest(
      ObjectNode snapshot, Wanted wanted, CopiedDisks disks, boolean atRest) {
    String firmware = disks.boot().firmware();
    if (firmware == null) {
      firmware = wanted.vm().spec().firmware() == VM.Firmware.BIOS ? "BIOS" : "UEFI";
    }
    return new SnapshotFolder.Manifest(
        uid(snapshot),
        ResourceClient.keyOf(snapshot).name(),
        wanted.uid(),
        wanted.name(),
        atRest,
        Time.now(shared.clock()),
        disks.boot().bytes(),
        shared.arch(),
        firmware.toLowerCase(Locale.ROOT),
        disks.copied(),
        disks.excluded());
  }

  private void goOn(List<ObjectNode> all) throws InterruptedException {
    Capture present = capture;
    if (present == null) {
      return;
    }
    if (all.stream().noneMatch(each -> present.isOf(each) && !Finalizers.deleting(each))) {
      cancel();
      return;
    }
    Machine machine = present.machine;
    if (machine == null) {
      Background copy = present.copy;
      if (copy != null && copy.isOver()) {
        capture = null;
        finish(present, copy.failure());
      } else {
        tell(present);
      }
    } else if (!machine.equals(run.machine())) {
      // It ended, and its copy with it.
      capture = null;
    } else {
      goOn(present, machine);
    }
  }

  private void goOn(Capture present, Machine machine) throws InterruptedException {
    switch (machine.copying()) {
      case Copying.Going(int percent) -> {
        present.progress.is(percent);
        tell(present);
      }
      case Copying.None _ -> capture = null;
      case Copying.Done _ -> {
        machine.endCopy();
        capture = null;
        finish(present, null);
      }
      case Copying.Failed(String why) -> {
        machine.endCopy();
        capture = null;
        finish(present, new HypervisorException("the disk could not be copied: " + why));
      }
    }
  }

  private void tell(Capture present) throws InterruptedException {
    int percent = present.progress.percent;
    if (percent != present.progress.told) {
      present.progress.told = percent;
      status.copied(present.snapshot, percent);
    }
  }

  private void finish(Capture over, @Nullable RuntimeException failure)
      throws InterruptedException {
    if (failure != null) {
      over.folder.clear();
      fail(over.snapshot, String.valueOf(failure.getMessage()));
      return;
    }
    AFTER_COPY.here();
    over.folder.publish(over.manifest);
    AFTER_PUBLISH.here();
    status.ready(over.snapshot, over.pool, over.manifest, over.folder.bytes(over.manifest));
    LOG.log(
        Level.INFO,
        "snapshot made vm={0} snapshot={1} atRest={2}",
        over.manifest.vmName(),
        over.manifest.name(),
        over.manifest.atRest());
  }

  private void fail(ObjectNode snapshot, String why) throws InterruptedException {
    LOG.log(
        Level.WARNING,
        "snapshot failed vm={0} snapshot={1} error={2}",
        kept.present().name(),
        ResourceClient.keyOf(snapshot).name(),
        why);
    status.failed(snapshot, why);
  }

  private void remove(ObjectNode snapshot) throws InterruptedException {
    if (!Finalizers.has(snapshot, Wanted.FINALIZER)) {
      return;
    }
    String pool = snapshot.at("/status/pool").asString("");
    try {
      if (!pool.isEmpty()) {
        SnapshotFolder.of(shared.pools().open(pool), uid(snapshot)).remove();
      }
    } catch (PoolException e) {
      status.deleting(snapshot, "The copy cannot be deleted: " + e.getMessage());
      return;
    }
    AFTER_DELETE.here();
    Finalizers.remove(shared.server().snapshots(), snapshot, Wanted.FINALIZER);
    LOG.log(
        Level.INFO,
        "snapshot deleted vm={0} snapshot={1}",
        kept.present().name(),
        ResourceClient.keyOf(snapshot).name());
  }

  /// Gives up the copy under way; nothing touches the disk when this returns.
  void cancel() throws InterruptedException {
    Capture present = capture;
    capture = null;
    if (present == null) {
      return;
    }
    Background copy = present.copy;
    if (copy != null) {
      copy.cancel();
    }
    Machine machine = present.machine;
    if (machine != null && machine.equals(run.machine()) && machine.power() != Power.GONE) {
      machine.endCopy();
    }
  }

  /// The agent ends. A machine that copies goes on with that; a later agent begins anew.
  void release() throws InterruptedException {
    Capture present = capture;
    Background copy = present == null ? null : present.copy;
    if (copy != null) {
      copy.cancel();
    }
  }
}
