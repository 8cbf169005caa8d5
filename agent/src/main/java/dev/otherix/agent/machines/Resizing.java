package dev.otherix.agent.machines;

import dev.otherix.agent.hypervisor.HypervisorException;
import dev.otherix.agent.hypervisor.Machine;
import dev.otherix.agent.hypervisor.MachinePlan.Format;
import dev.otherix.agent.hypervisor.MachineSize;
import dev.otherix.agent.images.BootDisk;
import dev.otherix.agent.images.ImageException;
import dev.otherix.agent.machines.StatusWriter.Told;
import dev.otherix.agent.state.MachineRecord;
import dev.otherix.agent.state.MachineRecord.BootedFrom;
import dev.otherix.apimachinery.object.Condition;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a machine is given more of, or has taken from it, while it is there: its disk grows at
/// once; processors and memory come and go as far as its guest plays along, and the rest waits for
/// the next start. For one machine and thread.
final class Resizing {
  private static final System.Logger LOG = System.getLogger(Resizing.class.getName());
  private static final String RESTART = "RestartRequired";
  private static final long GIBIBYTE = 1024L * 1024 * 1024;

  /// How long a guest may take before it is said that it does not.
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final InstantSource clock;
  private String failure = "";

  /// What the machine has; null when it does not run.
  private @Nullable MachineSize size;

  /// What the guest was asked for last.
  private @Nullable MachineSize askedFor;

  /// Null when the machine has what was asked for.
  private @Nullable Instant askedAt;

  /// What cannot be had while it runs; empty for nothing.
  private String refusal = "";

  Resizing(InstantSource clock) {
    this.clock = clock;
  }

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

  /// Has processors and memory be as is wanted, as far as the guest plays along.
  ///
  /// @param machine null when it does not run
  /// @return when to look again at the latest; null when there is nothing to wait for
  @Nullable Duration size(Wanted wanted, @Nullable Machine machine) throws InterruptedException {
    refusal = "";
    size = machine == null ? null : machine.size();
    MachineSize asked = wanted(wanted);
    if (machine == null || (asked.equals(size) && askedAt == null)) {
      askedAt = null;
      return null;
    }
    Instant since = askedAt;
    if (since == null || !asked.equals(askedFor)) {
      since = clock.instant();
      LOG.log(Level.INFO, "machine resized vm={0} from={1} to={2}", wanted.name(), size, asked);
    }
    askedAt = since;
    askedFor = asked;
    try {
      machine.resize(asked);
    } catch (HypervisorException e) {
      refusal = String.valueOf(e.getMessage());
    }
    size = machine.size();
    if (asked.equals(size)) {
      askedAt = null;
      return null;
    }
    return isPatient() ? PATIENCE : null;
  }

  /// Whether the guest may still be about it.
  private boolean isPatient() {
    Instant since = askedAt;
    return refusal.isEmpty() && since != null && clock.instant().isBefore(since.plus(PATIENCE));
  }

  private static MachineSize wanted(Wanted wanted) {
    return new MachineSize(wanted.vm().spec().vcpus(), wanted.vm().spec().memoryMB());
  }

  /// What is still to come; nothing when all is as wanted.
  ///
  /// @param devices which of them wait for the next start or stop, and why; empty for none
  List<Told> tell(Wanted wanted, boolean runs, String devices) {
    List<Told> told = new ArrayList<>();
    if (!failure.isEmpty()) {
      told.add(new Told("Resized", Condition.FALSE, "ResizeFailed", failure));
    }
    MachineSize has = size;
    MachineSize asked = wanted(wanted);
    if (runs && has != null && !has.equals(asked)) {
      boolean patient = isPatient();
      String text =
          patient
              ? "It has vcpus %d and memoryMB %d; its guest is asked for %d and %d. %s"
              : "It has vcpus %d and memoryMB %d; %d and %d come with the next start. %s %s";
      told.add(
          new Told(
              RESTART,
              patient && devices.isEmpty() ? Condition.FALSE : Condition.TRUE,
              patient && devices.isEmpty() ? "Resizing" : "ResourcesChanged",
              text.formatted(
                      has.vcpus(),
                      has.memoryMiB(),
                      asked.vcpus(),
                      asked.memoryMiB(),
                      devices,
                      refusal)
                  .strip()));
    } else if (runs && !devices.isEmpty()) {
      told.add(new Told(RESTART, Condition.TRUE, "DevicesChanged", devices));
    }
    return told;
  }
}
