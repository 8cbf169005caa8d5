package dev.otherix.agent.machines;

import dev.otherix.agent.hypervisor.HypervisorException;
import dev.otherix.agent.hypervisor.MachinePlan;
import dev.otherix.agent.hypervisor.MachinePlan.Attachment;
import dev.otherix.agent.hypervisor.MachinePlan.Disk;
import dev.otherix.agent.hypervisor.MachinePlan.Firmware;
import dev.otherix.agent.hypervisor.MachinePlan.Format;
import dev.otherix.agent.hypervisor.MachinePlan.Nic;
import dev.otherix.agent.seed.NoCloudSeed;
import dev.otherix.agent.state.MachineRecord;
import dev.otherix.agent.state.MachineRecord.BootedFrom;
import dev.otherix.schemas.v1.Port;
import dev.otherix.schemas.v1.VM;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// Makes of what the server wants, and of what was made before, what the hypervisor needs.
final class PlanMaker {
  private final Shared shared;

  PlanMaker(Shared shared) {
    this.shared = shared;
  }

  /// Writes the cloud-init volume too, when it changed.
  MachinePlan plan(Wanted wanted, MachineRecord record, MachinePlan.Place place)
      throws IOException, InterruptedException {
    BootedFrom disk = record.disk();
    if (disk == null) {
      throw new IllegalStateException("machine " + wanted.name() + " has no disk yet");
    }
    VM.Spec spec = wanted.vm().spec();
    Firmware firmware = firmware(spec, disk);
    BootFiles files = BootFiles.of(Path.of(disk.file()));
    return new MachinePlan(
        place,
        wanted.name(),
        disk.machineType(),
        firmware,
        firmware == Firmware.BIOS ? null : files.variables(),
        spec.tpm() ? files.tpm() : null,
        spec.vcpus(),
        spec.memoryMB(),
        List.of(new Disk(Path.of(disk.file()), Format.valueOf(disk.format()), disk.direct())),
        DataDisks.plan(wanted, record),
        seed(wanted, place),
        nics(wanted));
  }

  private static Firmware firmware(VM.Spec spec, BootedFrom disk) {
    String inherited = disk.firmware();
    boolean bios =
        inherited == null
            ? spec.firmware() == VM.Firmware.BIOS
            : Firmware.valueOf(inherited) == Firmware.BIOS;
    if (bios && spec.secureBoot()) {
      throw new HypervisorException(
          "spec.secureBoot needs UEFI, and the snapshot is of a machine that boots by BIOS");
    }
    return bios ? Firmware.BIOS : spec.secureBoot() ? Firmware.UEFI_SECURE : Firmware.UEFI;
  }

  private static @Nullable Path seed(Wanted wanted, MachinePlan.Place place) throws IOException {
    VM.Spec spec = wanted.vm().spec();
    if (spec.cloudInitDisabled()) {
      return null;
    }
    Path file = place.folder().resolve("seed.iso");
    new NoCloudSeed(wanted.uid(), wanted.name(), spec.userData(), spec.networkConfig()).write(file);
    return file;
  }

  private List<Nic> nics(Wanted wanted) throws InterruptedException {
    List<Nic> nics = new ArrayList<>();
    for (Port port : shared.server().ports(wanted)) {
      nics.add(new Nic(port.spec().order(), port.spec().macAddress(), shared.nics().attach(port)));
    }
    return nics.isEmpty()
        ? List.of(new Nic(0, ownMac(wanted.uid()), new Attachment.UserMode()))
        : nics;
  }

  /// The same for the machine's whole life; locally administered.
  static String ownMac(String uid) {
    long bits = UUID.fromString(uid).getMostSignificantBits();
    return String.format(
        Locale.ROOT,
        "02:%02x:%02x:%02x:%02x:%02x",
        bits >>> 56 & 0xff,
        bits >>> 48 & 0xff,
        bits >>> 40 & 0xff,
        bits >>> 32 & 0xff,
        bits >>> 24 & 0xff);
  }
}
