package dev.otherix.agent.machines;

import dev.otherix.agent.hypervisor.Machine;
import dev.otherix.agent.hypervisor.MachinePlan.Format;
import dev.otherix.agent.images.BootDisk;
import dev.otherix.agent.state.MachineRecord;
import dev.otherix.agent.state.MachineRecord.BootedFrom;
import dev.otherix.agent.state.MachineRecord.DataDisk;
import dev.otherix.schemas.v1.VMSnapshot;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/// The disks of a machine that one snapshot takes, all as they are at one moment.
///
/// @param excluded the names of the machine's other disks
record CopiedDisks(BootedFrom boot, List<DataDisk> data, List<String> excluded) {
  /// Those that the machine has: a disk that its spec has no more, or that its guest has not got
  /// yet, is none of them.
  ///
  /// @param machine null when it does not run
  static CopiedDisks of(
      MachineRecord record, VMSnapshot.Disks which, Wanted wanted, @Nullable Machine machine)
      throws InterruptedException {
    BootedFrom boot = record.disk();
    if (boot == null) {
      throw new IllegalStateException("machine " + record.name() + " has no disk");
    }
    Set<String> attached = machine == null ? null : machine.dataDisks();
    List<DataDisk> data = new ArrayList<>();
    List<String> excluded = new ArrayList<>();
    for (DataDisk each : record.dataDisks()) {
      boolean has =
          DataDisks.find(wanted, each.name()) != null
              && (attached == null || attached.contains(each.name()));
      if (has && which == VMSnapshot.Disks.ALL) {
        data.add(each);
      } else {
        excluded.add(each.name());
      }
    }
    return new CopiedDisks(boot, data, excluded);
  }

  /// Has a machine that runs begin to copy them.
  void beginCopy(Machine machine, SnapshotFolder folder) throws InterruptedException {
    Map<String, Path> targets = new TreeMap<>();
    for (DataDisk each : data) {
      targets.put(each.name(), folder.part(each.name()));
    }
    machine.beginCopy(folder.part(), targets);
  }

  /// Makes the empty images that [#beginCopy] fills.
  void makeTargets(SnapshotFolder folder) throws InterruptedException {
    BootDisk.blank(folder.part(), Format.QCOW2, boot.bytes());
    for (DataDisk each : data) {
      BootDisk.blank(folder.part(each.name()), Format.QCOW2, each.bytes());
    }
  }

  /// Copies them while the machine does not run, and what belongs to the boot disk.
  ///
  /// @param percent told how far it is, from its thread
  void copyAtRest(SnapshotFolder folder, IntConsumer percent) throws InterruptedException {
    Path file = Path.of(boot.file());
    BootFiles.of(file).copyTo(folder.bootFiles());
    long total = boot.bytes();
    for (DataDisk each : data) {
      total += each.bytes();
    }
    Format format = Format.valueOf(boot.format());
    BootDisk.Source source = new BootDisk.Source(file, format, !boot.needsImage());
    BootDisk.convert(source, folder.part(), Format.QCOW2, share(percent, 0, boot.bytes(), total));
    long done = boot.bytes();
    for (DataDisk each : data) {
      BootDisk.convert(
          new BootDisk.Source(Path.of(each.file()), Format.QCOW2, true),
          folder.part(each.name()),
          Format.QCOW2,
          share(percent, done, each.bytes(), total));
      done += each.bytes();
    }
  }

  private static IntConsumer share(IntConsumer percent, long before, long bytes, long total) {
    return own -> percent.accept((int) ((before * 100.0 + bytes * (double) own) / total));
  }

  List<SnapshotFolder.Disk> copied() {
    return data.stream().map(each -> new SnapshotFolder.Disk(each.name(), each.bytes())).toList();
  }
}
