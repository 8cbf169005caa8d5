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
    ARM64_KVM_UEFI(GuestArch.ARM64, Accelerator.KVM, Firmware.UEFI),
    AMD64_TCG_UEFI_SECURE(GuestArch.AMD64, Accelerator.TCG, Firmware.UEFI_SECURE),
    ARM64_KVM_UEFI_SECURE(GuestArch.ARM64, Accelerator.KVM, Firmware.UEFI_SECURE);

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
  void of_tpmWithoutItsProgram_namesTheRemedy() {
    HypervisorException e =
        assertThrows(
            HypervisorException.class,
            () ->
                QemuCommand.of(
                    plan(GuestArch.AMD64, Firmware.UEFI_SECURE, disks(1), List.of()),
                    host(GuestArch.AMD64, Accelerator.TCG, null)));
    assertTrue(String.valueOf(e.getMessage()).contains("install swtpm"), e.getMessage());
  }

  @Test
  void of_tpm_isTheLineOfItsProgram() {
    assertEquals(
        "/usr/bin/swtpm socket --tpm2 --terminate --tpmstate dir=/pool/tpm,mode=0600"
            + " --ctrl type=unixio,path="
            + FOLDER
            + "/run/tpm.sock",
        String.join(
            " ",
            TpmProcesses.command(
                Path.of("/usr/bin/swtpm"),
                Path.of("/pool/tpm"),
                new MachinePlan.Place(UID, FOLDER))));
  }

  @Test
  void headroom_ofAnySize_isInItsBounds() {
    assertEquals(new Headroom(8, 4096), headroom(1, 256));
    assertEquals(new Headroom(16, 8192), headroom(8, 8192));
    assertEquals(new Headroom(128, 24_288), headroom(100, 500_000));
    assertEquals(new Headroom(128, 0), headroom(128, 512 * 1024));
  }

  private static Headroom headroom(int vcpus, int memoryMiB) {
    MachinePlan like = plan(GuestArch.AMD64, Firmware.BIOS, disks(1), List.of());
    return Headroom.of(
        new MachinePlan(
            like.place(),
            like.name(),
            like.machineType(),
            like.firmware(),
            null,
            null,
            vcpus,
            memoryMiB,
            like.disks(),
            List.of(),
            null,
            List.of()),
        host(GuestArch.AMD64, Accelerator.TCG, null));
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
        firmware == Firmware.BIOS ? null : FOLDER.resolve("variables.fd"),
        firmware == Firmware.UEFI_SECURE ? FOLDER.resolve("tpm") : null,
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
        code == null ? null : new QemuHost.Uefi(code, Path.of("/firmware/VARS.fd")),
        new QemuHost.Uefi(Path.of("/firmware/CODE.secboot.fd"), Path.of("/firmware/VARS.ms.fd")),
        code == null ? null : Path.of("/usr/bin/swtpm"),
        true);
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
