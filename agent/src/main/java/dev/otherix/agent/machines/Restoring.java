package dev.otherix.agent.machines;

import dev.otherix.agent.hypervisor.MachinePlan.Format;
import dev.otherix.agent.images.BootDisk;
import dev.otherix.agent.images.ImageException;
import dev.otherix.agent.pools.PoolException;
import dev.otherix.agent.state.DurableFile;
import dev.otherix.agent.state.MachineRecord;
import dev.otherix.agent.state.MachineRecord.BootedFrom;
import dev.otherix.agent.state.MachineRecord.DataDisk;
import dev.otherix.agent.state.MachineRecord.TaskRecord;
import dev.otherix.apimachinery.fault.Fault;
import dev.otherix.schemas.v1.VM.PowerState;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/// Has a machine's disks be what they were in a snapshot. The restored disks are other files: the
/// machine's record changes from the ones to the others in one step, and only then the former are
/// deleted. A disk that the snapshot has not stays as it is. On the keeper's thread.
final class Restoring {
  private static final System.Logger LOG = System.getLogger(Restoring.class.getName());
  private static final Fault AFTER_COPY = Fault.named("agent.restore.afterCopy");
  private static final Fault AFTER_SWITCH = Fault.named("agent.restore.afterSwitch");
  private static final Fault AFTER_SWEEP = Fault.named("agent.restore.afterSweep");

  private final Shared shared;
  private final KeptRecord kept;
  private final MachineRun run;
  private final SnapshotWork snapshots;
  private final Runnable wake;
  private @Nullable Background copy;

  Restoring(Shared shared, KeptRecord kept, MachineRun run, SnapshotWork snapshots, Runnable wake) {
    this.shared = shared;
    this.kept = kept;
    this.run = run;
    this.snapshots = snapshots;
    this.wake = wake;
  }

  /// Whether a disk is being made, so that the machine must not start.
  boolean isBusy() {
    return copy != null;
  }

  /// Does what is next for a task.
  TaskRecord step(Wanted vm, ObjectNode task, TaskRecord known) {
    BootedFrom disk = kept.present().disk();
    if (disk == null) {
      return TaskWork.failed(known, "conflict", "the machine has no disk yet");
    }
    Format format = Format.valueOf(disk.format());
    Path target = target(disk, known, format);
    if (disk.file().equals(target.toString())) {
      sweep();
      return TaskWork.success(known);
    }
    String snapshot = task.at("/spec/parameters/snapshotUID").asString("");
    Background running = copy;
    if (running == null) {
      return begin(vm, snapshot, disk, target, known);
    }
    if (!running.isOver()) {
      return known;
    }
    copy = null;
    RuntimeException failure = running.failure();
    SnapshotFolder.Manifest manifest = failure == null ? find(snapshot).read().orElse(null) : null;
    if (manifest == null) {
      discard(target, known);
      return TaskWork.failed(
          known,
          "restore_failed",
          failure == null ? "the snapshot was deleted meanwhile" : message(failure));
    }
    AFTER_COPY.here();
    kept.save(
        kept.present()
            .restored(
                target.toString(),
                manifest.diskBytes(),
                data(manifest, target, known),
                manifest.atRest()));
    AFTER_SWITCH.here();
    LOG.log(
        System.Logger.Level.INFO,
        "machine restored vm={0} snapshot={1}",
        vm.name(),
        manifest.name());
    sweep();
    return TaskWork.success(known);
  }

  private static String message(RuntimeException failure) {
    return String.valueOf(failure.getMessage());
  }

  private static Path target(BootedFrom disk, TaskRecord task, Format format) {
    return Path.of(disk.file())
        .resolveSibling("disk0-" + UUID.fromString(task.uid()) + "." + format.word());
  }

  private List<DataDisk> data(SnapshotFolder.Manifest manifest, Path boot, TaskRecord task) {
    List<DataDisk> all = new ArrayList<>();
    BootedFrom own = kept.present().disk();
    for (SnapshotFolder.Disk each : manifest.disks()) {
      DataDisk present = kept.present().dataDisk(each.name()).orElse(null);
      all.add(
          new DataDisk(
              each.name(),
              dataTarget(boot, each.name(), task).toString(),
              each.bytes(),
              own != null && own.direct(),
              present != null && present.deleted()));
    }
    return all;
  }

  private static Path dataTarget(Path boot, String name, TaskRecord task) {
    return boot.resolveSibling("data-" + name + dataSuffix(task));
  }

  private static String dataSuffix(TaskRecord task) {
    return "-" + UUID.fromString(task.uid()) + ".qcow2";
  }

  private TaskRecord begin(
      Wanted vm, String snapshot, BootedFrom disk, Path target, TaskRecord known) {
    Format format = Format.valueOf(disk.format());
    if (vm.power() != PowerState.STOPPED || run.machine() != null) {
      discard(target, known);
      return TaskWork.failed(
          known, "conflict", "the machine must be stopped; stop it and restore again");
    }
    if (snapshots.isBusy() || !shared.server().snapshotCopy().isSynced()) {
      return known;
    }
    try {
      SnapshotFolder from = find(snapshot);
      SnapshotFolder.Manifest manifest = from.read().orElse(null);
      if (manifest == null) {
        return TaskWork.failed(known, "snapshot_missing", "there is no copy at " + from.folder());
      }
      copy =
          new Background(
              "restore-" + known.uid(),
              () -> {
                BootDisk.copy(from.source(), target, format);
                bootFiles(disk, from).copyTo(BootFiles.of(target));
                for (SnapshotFolder.Disk each : manifest.disks()) {
                  BootDisk.copy(
                      from.source(each.name()),
                      dataTarget(target, each.name(), known),
                      Format.QCOW2);
                }
              },
              wake);
      return known;
    } catch (PoolException | ImageException e) {
      return TaskWork.failed(known, "restore_failed", message(e));
    }
  }

  /// What was not copied stays as it is.
  private static BootFiles bootFiles(BootedFrom disk, SnapshotFolder from) {
    return from.bootFiles().isThere() ? from.bootFiles() : BootFiles.of(Path.of(disk.file()));
  }

  private SnapshotFolder find(String snapshot) {
    return shared.server().snapshotFolder(snapshot, shared.pools());
  }

  /// Nobody has booted from them.
  private static void discard(Path target, TaskRecord task) {
    try {
      Files.deleteIfExists(DurableFile.partOf(target));
      Files.deleteIfExists(target);
      BootFiles.of(target).remove();
      try (DirectoryStream<Path> data =
          Files.newDirectoryStream(target.resolveSibling(""), "data-*" + dataSuffix(task) + "*")) {
        for (Path each : data) {
          Files.delete(each);
        }
      }
    } catch (IOException e) {
      throw new PoolException(target + " cannot be deleted: " + e.getMessage(), e);
    }
  }

  /// Deletes the disks that were, once the others are in their places.
  void sweep() {
    MachineRecord record = kept.present();
    String former = record.superseded();
    BootedFrom disk = record.disk();
    if (former == null || disk == null) {
      return;
    }
    checkReplaced(disk.file(), former);
    record
        .dataDisks()
        .forEach(each -> record.supersededData().forEach(old -> checkReplaced(each.file(), old)));
    try {
      Files.deleteIfExists(Path.of(former));
      BootFiles.of(Path.of(former)).remove();
      for (String each : record.supersededData()) {
        Files.deleteIfExists(Path.of(each));
      }
    } catch (IOException e) {
      throw new PoolException(former + " cannot be deleted: " + e.getMessage(), e);
    }
    AFTER_SWEEP.here();
    kept.save(record.swept());
  }

  private static void checkReplaced(String present, String former) {
    if (former.equals(present) || !Files.exists(Path.of(present))) {
      throw new PoolException("the disk " + present + " is not there; " + former + " is kept");
    }
  }

  /// Gives up what is under way; nothing touches the disks when this returns.
  void cancel() throws InterruptedException {
    Background running = copy;
    copy = null;
    if (running != null) {
      running.cancel();
    }
  }
}
