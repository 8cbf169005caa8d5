package dev.otherix.agent.qemu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.agent.hypervisor.HypervisorException;
import dev.otherix.agent.hypervisor.MachinePlan;
import dev.otherix.agent.hypervisor.MachinePlan.Attachment;
import dev.otherix.agent.hypervisor.MachinePlan.DataDisk;
import dev.otherix.agent.hypervisor.MachinePlan.Disk;
import dev.otherix.agent.hypervisor.MachinePlan.Firmware;
import dev.otherix.agent.hypervisor.MachinePlan.Format;
import dev.otherix.agent.hypervisor.MachinePlan.Nic;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Compares whole command lines with files, so that a change of one shows in review. Run with
/// `-Dgolden.write=true` to write the files anew.
final class QemuCommandTest {
  private static final Path GOLDEN = Path.of("src/test/resources/golden");
  private static final String UID = "6f1c8c1e-0f3c-4c8a-9d55-0f2f6b7a1d11";
  private static final Path FOLDER = Path.of("/data/vms/" + UID);

  /// What each file is about.
  enum Case {
    AMD64_TCG_BIOS(GuestArch.AMD64, Accelerator.TCG, Firmware.BIOS),
    AMD64_KVM_UEFI(GuestArch.AMD64, Accelerator.KVM, Firmware.UEFI),
    ARM64_TCG_UEFI(GuestArch.ARM64, Accelerator.TCG, Firmware.UEFI),
    ARM64_KVM_UEFI(GuestArch.ARM64, Accelerator.KVM, Firmware.UEFI);

    private final GuestArch arch;
    private final Accelerator accelerator;
    private final Firmware firmware;

    Case(GuestArch arch, Accelerator accelerator, Firmware firmware) {
      this.arch = arch;
      this.accelerator = accelerator;
      this.firmware = firmware;
    }

    String file() {
      return name().toLowerCase(java.util.Locale.ROOT).replace('_', '-') + ".txt";
    }
  }

  @ParameterizedTest
  @EnumSource
  void of_eachKindOfHost_isTheLineInTheFile(Case each) throws IOException {
    List<String> line =
        QemuCommand.of(
            plan(each.arch, each.firmware, disks(1), List.of(nic(new Attachment.UserMode()))),
            host(each.arch, each.accelerator, Path.of("/firmware/CODE.fd")));
    checkGolden(each.file(), line);
  }

  @Test
  void of_severalDisksAndTaps_isTheLineInTheFile() throws IOException {
    MachinePlan plan =
        plan(
            GuestArch.AMD64,
            Firmware.BIOS,
            List.of(
                new Disk(Path.of("/pool/a,b/disk.qcow2"), Format.QCOW2, true),
                new Disk(Path.of("/pool/data.raw"), Format.RAW, false)),
            List.of(
                new Nic(1, "02:00:00:00:00:02", new Attachment.Tap("ot0011223344", 1390)),
                new Nic(0, "02:00:00:00:00:01", new Attachment.UserMode())));
    checkGolden("devices.txt", QemuCommand.of(plan, host(GuestArch.AMD64, Accelerator.TCG, null)));
  }

  @Test
  void of_uefiWithoutFirmware_namesTheRemedy() {
    HypervisorException e =
        assertThrows(
            HypervisorException.class,
            () ->
                QemuCommand.of(
                    plan(GuestArch.AMD64, Firmware.UEFI, disks(1), List.of()),
                    host(GuestArch.AMD64, Accelerator.TCG, null)));
    assertTrue(String.valueOf(e.getMessage()).contains("install ovmf"), e.getMessage());
  }

  @Test
  void of_biosOnArm_isRefused() {
    HypervisorException e =
        assertThrows(
            HypervisorException.class,
            () ->
                QemuCommand.of(
                    plan(GuestArch.ARM64, Firmware.BIOS, disks(1), List.of()),
                    host(GuestArch.ARM64, Accelerator.TCG, null)));
    assertTrue(String.valueOf(e.getMessage()).contains("use firmware uefi"), e.getMessage());
  }

  private static List<Disk> disks(int count) {
    return java.util.stream.IntStream.range(0, count)
        .mapToObj(i -> new Disk(Path.of("/pool/disk" + i + ".qcow2"), Format.QCOW2, true))
        .toList();
  }

  private static Nic nic(Attachment attachment) {
    return new Nic(0, "02:00:00:00:00:01", attachment);
  }

  private static MachinePlan plan(
      GuestArch arch, Firmware firmware, List<Disk> disks, List<Nic> nics) {
    return new MachinePlan(
        new MachinePlan.Place(UID, FOLDER),
        "web-0",
        arch.machineType("7.2.22"),
        firmware,
        firmware == Firmware.UEFI ? FOLDER.resolve("variables.fd") : null,
        2,
        512,
        disks,
        List.of(
            new DataDisk("logs", new Disk(Path.of("/pool/data-logs.qcow2"), Format.QCOW2, true))),
        FOLDER.resolve("seed.iso"),
        nics);
  }

  private static QemuHost host(GuestArch arch, Accelerator accelerator, @Nullable Path code) {
    return new QemuHost(
        arch,
        Path.of("/usr/bin", arch.binary()),
        "7.2.22",
        accelerator,
        "",
        code,
        code == null ? null : Path.of("/firmware/VARS.fd"));
  }

  private static void checkGolden(String file, List<String> line) throws IOException {
    StringBuilder text = new StringBuilder();
    for (String argument : line) {
      text.append(argument.startsWith("-") ? "\n" : " ").append(argument);
    }
    String shown = text.toString().strip() + "\n";
    if (Boolean.getBoolean("golden.write")) {
      Files.writeString(GOLDEN.resolve(file), shown);
    }
    assertEquals(Files.readString(GOLDEN.resolve(file)), shown);
  }
}
