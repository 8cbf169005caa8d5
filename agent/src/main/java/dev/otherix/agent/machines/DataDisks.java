package dev.otherix.agent.machines;

import dev.otherix.agent.hypervisor.HypervisorException;
import dev.otherix.agent.hypervisor.Machine;
import dev.otherix.agent.hypervisor.MachinePlan;
import dev.otherix.agent.hypervisor.MachinePlan.Disk;
import dev.otherix.agent.hypervisor.MachinePlan.Format;
import dev.otherix.agent.images.BootDisk;
import dev.otherix.agent.images.ImageException;
import dev.otherix.agent.pools.PoolException;
import dev.otherix.agent.state.DurableFile;
import dev.otherix.agent.state.MachineRecord;
import dev.otherix.agent.state.MachineRecord.BootedFrom;
import dev.otherix.agent.state.MachineRecord.DataDisk;
import dev.otherix.apimachinery.fault.Fault;
import dev.otherix.schemas.v1.VM;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The disks of one machine besides its boot disk: made blank once, kept by their names, given to
/// the guest and taken from it while it runs. A file that is there is never made anew, and deleted
/// only when the spec said so and no guest has it. On the keeper's thread.
final class DataDisks {
  private static final System.Logger LOG = System.getLogger(DataDisks.class.getName());
  private static final Fault AFTER_MAKE = Fault.named("agent.disk.afterMake");
  private static final Fault AFTER_ATTACH = Fault.named("agent.disk.afterAttach");
  private static final Fault AFTER_DETACH = Fault.named("agent.disk.afterDetach");
  private static final Fault AFTER_DELETE = Fault.named("agent.disk.afterDelete");
  private static final long GIBIBYTE = 1024L * 1024 * 1024;

  private final KeptRecord kept;

  /// Why each disk that is not as wanted is not.
  private final Map<String, String> waiting = new TreeMap<>();

  DataDisks(KeptRecord kept) {
    this.kept = kept;
  }

  /// What a machine is to be started with.
  static List<MachinePlan.DataDisk> plan(Wanted wanted, MachineRecord record) {
    List<MachinePlan.DataDisk> plan = new ArrayList<>();
    for (DataDisk each : record.dataDisks()) {
      if (find(wanted, each.name()) != null) {
        plan.add(planned(each));
      }
    }
    return plan;
  }

  private static MachinePlan.DataDisk planned(DataDisk disk) {
    return new MachinePlan.DataDisk(
        disk.name(), new Disk(Path.of(disk.file()), Format.QCOW2, disk.direct()));
  }

  static VM.@Nullable DataDisk find(Wanted wanted, String name) {
    for (VM.DataDisk each : wanted.vm().spec().disks()) {
      if (each.name().equals(name)) {
        return each;
      }
    }
    return null;
  }

  /// Does what is next.
  ///
  /// @param machine null when it does not run
  void step(Wanted wanted, @Nullable Machine machine) throws InterruptedException {
    waiting.clear();
    if (wanted.vm().spec().disks().isEmpty() && kept.present().dataDisks().isEmpty()) {
      return;
    }
    for (VM.DataDisk each : wanted.vm().spec().disks()) {
      make(wanted, each);
    }
    Set<String> attached = machine == null ? new HashSet<>() : machine.dataDisks();
    for (DataDisk each : kept.present().dataDisks()) {
      VM.DataDisk asked = find(wanted, each.name());
      try {
        if (asked == null) {
          drop(each, machine);
        } else {
          if (machine != null && !attached.contains(each.name())) {
            attach(each, machine);
          }
          grow(each, asked.sizeGiB() * GIBIBYTE, machine);
        }
      } catch (HypervisorException | ImageException e) {
        LOG.log(
            System.Logger.Level.WARNING,
            "disk not as wanted vm={0} disk={1} error={2}",
            wanted.name(),
            each.name(),
            e.getMessage());
        waiting.put(each.name(), "disk " + each.name() + ": " + e.getMessage());
      }
    }
  }

  private void make(Wanted wanted, VM.DataDisk asked) throws InterruptedException {
    boolean deleted = asked.whenRemoved() == VM.WhenRemoved.DELETE;
    for (DataDisk each : kept.present().dataDisks()) {
      if (each.name().equals(asked.name())) {
        kept.saveIfChanged(
            kept.present()
                .with(
                    new DataDisk(each.name(), each.file(), each.bytes(), each.direct(), deleted)));
        return;
      }
    }
    BootedFrom boot = kept.present().disk();
    if (boot == null) {
      throw new IllegalStateException("machine " + wanted.name() + " has no disk yet");
    }
    Path file = file(Path.of(boot.file()), asked.name());
    long bytes = asked.sizeGiB() * GIBIBYTE;
    try {
      if (!Files.exists(file)) {
        Path part = DurableFile.partOf(file);
        Files.deleteIfExists(part);
        BootDisk.blank(part, Format.QCOW2, bytes);
        DurableFile.publish(part, file);
        AFTER_MAKE.here();
      }
    } catch (IOException e) {
      throw new PoolException("the disk " + file + " cannot be made: " + e.getMessage(), e);
    }
    kept.save(
        kept.present()
            .with(new DataDisk(asked.name(), file.toString(), bytes, boot.direct(), deleted)));
    LOG.log(System.Logger.Level.INFO, "disk made vm={0} disk={1}", wanted.name(), asked.name());
  }

  /// Where a disk of this name begins, beside the boot disk.
  static Path file(Path boot, String name) {
    return boot.resolveSibling("data-" + name + ".qcow2");
  }

  private void attach(DataDisk disk, Machine machine) throws InterruptedException {
    machine.attachDisk(planned(disk));
    AFTER_ATTACH.here();
    LOG.log(
        System.Logger.Level.INFO,
        "disk attached vm={0} disk={1}",
        kept.present().name(),
        disk.name());
  }

  private void grow(DataDisk disk, long bytes, @Nullable Machine machine)
      throws InterruptedException {
    if (bytes <= disk.bytes()) {
      return;
    }
    if (machine == null) {
      BootDisk.grow(Path.of(disk.file()), Format.QCOW2, bytes);
    } else {
      machine.growDataDisk(disk.name(), bytes);
    }
    kept.save(
        kept.present()
            .with(new DataDisk(disk.name(), disk.file(), bytes, disk.direct(), disk.deleted())));
  }

  /// The spec has it no more.
  private void drop(DataDisk disk, @Nullable Machine machine) throws InterruptedException {
    if (machine != null && !machine.detachDisk(disk.name())) {
      waiting.put(
          disk.name(),
          "disk "
              + disk.name()
              + ": the guest has not let it go yet; it goes when the machine stops.");
      return;
    }
    if (!disk.deleted()) {
      return;
    }
    AFTER_DETACH.here();
    try {
      Files.deleteIfExists(Path.of(disk.file()));
    } catch (IOException e) {
      throw new PoolException(disk.file() + " cannot be deleted: " + e.getMessage(), e);
    }
    AFTER_DELETE.here();
    kept.save(kept.present().without(disk));
    LOG.log(
        System.Logger.Level.INFO,
        "disk deleted vm={0} disk={1}",
        kept.present().name(),
        disk.name());
  }

  /// What must wait for the machine's next start or stop; empty for nothing.
  String whyRestart() {
    return String.join(" ", waiting.values());
  }

  List<VM.DiskStatus> status(Wanted wanted) {
    List<VM.DiskStatus> all = new ArrayList<>();
    for (DataDisk each : kept.present().dataDisks()) {
      VM.DiskState state =
          waiting.containsKey(each.name())
              ? VM.DiskState.WAITING
              : find(wanted, each.name()) == null ? VM.DiskState.KEPT : VM.DiskState.ATTACHED;
      all.add(new VM.DiskStatus(each.name(), each.bytes(), state));
    }
    return all;
  }
}
