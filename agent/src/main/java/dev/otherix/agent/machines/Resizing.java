package dev.otherix.agent.machines;

import dev.otherix.agent.hypervisor.HypervisorException;
import dev.otherix.agent.hypervisor.Machine;
import dev.otherix.agent.hypervisor.MachinePlan.Format;
import dev.otherix.agent.images.BootDisk;
import dev.otherix.agent.images.ImageException;
import dev.otherix.agent.machines.StatusWriter.Told;
import dev.otherix.agent.state.MachineRecord;
import dev.otherix.agent.state.MachineRecord.BootedFrom;
import dev.otherix.agent.state.MachineRecord.Resources;
import dev.otherix.apimachinery.object.Condition;
import dev.otherix.schemas.v1.VM;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a machine is given more of while it is there: its disk grows at once, also under a guest
/// that runs; processors and memory change with the next start. For one machine and thread.
final class Resizing {
  private static final System.Logger LOG = System.getLogger(Resizing.class.getName());
  private static final String RESTART = "RestartRequired";
  private static final long GIBIBYTE = 1024L * 1024 * 1024;

  private String failure = "";

  /// Grows the boot disk to what is wanted. A failure is told, and tried again the next time: the
  /// machine goes on with the disk that it has.
  ///
  /// @param machine null when it does not run
  /// @return the record as it is to be written
  MachineRecord grow(Wanted wanted, MachineRecord record, @Nullable Machine machine)
      throws InterruptedException {
    BootedFrom disk = record.disk();
    Integer asked = wanted.vm().spec().diskGiB();
    long bytes = asked == null ? 0 : asked * GIBIBYTE;
    if (disk == null || bytes <= disk.bytes()) {
      failure = "";
      return record;
    }
    try {
      if (machine == null) {
        BootDisk.grow(Path.of(disk.file()), Format.valueOf(disk.format()), bytes);
      } else {
        machine.growDisk(0, bytes);
      }
    } catch (HypervisorException | ImageException e) {
      failure = String.valueOf(e.getMessage());
      LOG.log(Level.WARNING, "disk not grown vm={0} error={1}", wanted.name(), failure);
      return record;
    }
    LOG.log(Level.INFO, "disk grown vm={0} bytes={1}", wanted.name(), Long.toString(bytes));
    failure = "";
    return record.grown(bytes);
  }

  static Resources wanted(VM.Spec spec) {
    return new Resources(spec.vcpus(), spec.memoryMB());
  }

  /// What is still to come; nothing when all is as wanted.
  ///
  /// @param devices which of them wait for the next start or stop, and why; empty for none
  List<Told> tell(Wanted wanted, MachineRecord record, boolean runs, String devices) {
    List<Told> told = new ArrayList<>();
    if (!failure.isEmpty()) {
      told.add(new Told("Resized", Condition.FALSE, "ResizeFailed", failure));
    }
    Resources has = record.startedWith();
    Resources asked = wanted(wanted.vm().spec());
    if (runs && has != null && !has.equals(asked)) {
      told.add(
          new Told(
              RESTART,
              Condition.TRUE,
              "ResourcesChanged",
              "It runs with vcpus %d and memoryMB %d; %d and %d come with the next start. %s"
                  .formatted(
                      has.vcpus(), has.memoryMiB(), asked.vcpus(), asked.memoryMiB(), devices)
                  .strip()));
    } else if (runs && !devices.isEmpty()) {
      told.add(new Told(RESTART, Condition.TRUE, "DevicesChanged", devices));
    }
    return told;
  }
}
