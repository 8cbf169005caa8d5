package dev.otherix.agent.qemu;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.agent.TestGuest;
import dev.otherix.agent.hypervisor.Confinement;
import dev.otherix.agent.hypervisor.HypervisorException;
import dev.otherix.agent.hypervisor.Machine;
import dev.otherix.agent.hypervisor.MachinePlan;
import dev.otherix.agent.hypervisor.MachinePlan.Attachment;
import dev.otherix.agent.hypervisor.MachinePlan.Disk;
import dev.otherix.agent.hypervisor.MachinePlan.Firmware;
import dev.otherix.agent.hypervisor.MachinePlan.Format;
import dev.otherix.agent.hypervisor.MachinePlan.Nic;
import dev.otherix.agent.hypervisor.Power;
import dev.otherix.apimachinery.client.Pause;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// With the QEMU of this machine.
@Tag("slow")
final class QemuHypervisorTest {
  private static final Duration PATIENCE = Duration.ofMinutes(3);

  @TempDir private Path temp;
  private final String uid = UUID.randomUUID().toString();
  private final AtomicInteger changes = new AtomicInteger();
  private QemuHypervisor hypervisor;

  @BeforeEach
  void probe() throws InterruptedException {
    hypervisor = QemuHypervisor.onThisHost(TriedHost.in(temp), Pause.real());
  }

  @AfterEach
  void end() throws InterruptedException {
    hypervisor.kill(uid);
  }

  private MachinePlan plan(Path disk, Firmware firmware, boolean tpm) {
    Path folder = temp.resolve(uid);
    return new MachinePlan(
        new MachinePlan.Place(uid, folder),
        "guest",
        hypervisor.facts().machineType(),
        firmware,
        firmware == Firmware.BIOS ? null : folder.resolve("variables.fd"),
        tpm ? folder.resolve("tpm") : null,
        1,
        memoryOf(firmware),
        List.of(new Disk(disk, Format.QCOW2, false)),
        List.of(),
        null,
        List.of(new Nic(0, "02:00:00:00:00:01", new Attachment.UserMode())));
  }

  /// The way of signatures takes more.
  private static int memoryOf(Firmware firmware) {
    return firmware == Firmware.UEFI_SECURE ? 512 : 256;
  }

  private Path overlay() throws IOException, InterruptedException {
    Path disk = temp.resolve("disk.qcow2");
    int code =
        new ProcessBuilder(
                "qemu-img",
                "create",
                "-q",
                "-f",
                "qcow2",
                "-F",
                "qcow2",
                "-b",
                TestGuest.image().toString(),
                disk.toString())
            .inheritIO()
            .start()
            .waitFor();
    assertEquals(0, code);
    return disk;
  }

  private Machine start(MachinePlan plan) throws InterruptedException {
    return hypervisor.start(plan, changes::incrementAndGet);
  }

  @Test
  void start_realGuest_bootsAndFollowsEveryCommand() throws Exception {
    MachinePlan plan = plan(overlay(), Firmware.BIOS, false);
    try (Machine machine = start(plan);
        SerialReader serial = SerialReader.of(plan.place().console())) {
      assertEquals(Power.PAUSED, machine.power());
      assertEquals(Set.of(uid), hypervisor.running());
      machine.resume();
      assertEquals(Power.RUNNING, machine.power());
      await().atMost(PATIENCE).until(() -> serial.text().contains("OTHERIX-READY"));
      assertTrue(serial.text().contains("boots=1"), serial.text());
      assertTrue(serial.text().contains("address=10.0.2."), serial.text());
      await().atMost(PATIENCE).until(() -> machine.memoryUsedMiB().isPresent());
      long used = machine.memoryUsedMiB().orElseThrow();
      assertTrue(used > 0 && used < 256, "the guest uses " + used + " MiB");

      machine.pause();
      assertEquals(Power.PAUSED, machine.power());
      machine.resume();
      assertEquals(Power.RUNNING, machine.power());

      machine.reset();
      await().atMost(PATIENCE).until(() -> serial.text().contains("boots=2"));

      machine.pressPowerButton();
      await().atMost(PATIENCE).until(() -> machine.power() == Power.SHUT_DOWN);
      assertEquals(Set.of(uid), hypervisor.running());
      machine.end();
      assertEquals(Set.of(), hypervisor.running());
      assertEquals(Power.SHUT_DOWN, machine.power());
    }
    assertTrue(changes.get() > 0);
  }

  @Test
  void interface_thatComesAndGoes_isSeenByTheGuest() throws Exception {
    MachinePlan plan = plan(overlay(), Firmware.BIOS, false);
    try (Machine machine = start(plan);
        SerialReader serial = SerialReader.of(plan.place().console())) {
      machine.resume();
      await().atMost(PATIENCE).until(() -> serial.text().contains("guest# "));
      machine.attachNic(new Nic(1, "02:00:00:00:00:77", new Attachment.UserMode()));
      String look = "cat /sys/class/net/*/address | grep -c 00:77 | sed 's/^/SEEN=/'\r";
      await()
          .atMost(PATIENCE)
          .until(() -> {
            serial.type(look);
            return serial.text().contains("SEEN=1");
          });
      serial.type(
          "ip link set eth1 up; udhcpc -q -n -i eth1 -s /etc/dhcp >/dev/null; ip -4 -o addr show"
              + " eth1 | sed 's/.*inet /ETH1=/'\r");
      await().atMost(PATIENCE).until(() -> serial.text().contains("ETH1=10.0.2."));
      await().atMost(PATIENCE).until(() -> machine.detachNic(1));
      await()
          .atMost(PATIENCE)
          .until(() -> {
            serial.type(look);
            return serial.text().contains("SEEN=0");
          });
    }
  }

  @Test
  void start_uefi_keepsVariablesOfItsOwn() throws Exception {
    MachinePlan plan = plan(overlay(), Firmware.UEFI, false);
    try (Machine machine = start(plan);
        SerialReader serial = SerialReader.of(plan.place().console())) {
      machine.resume();
      await().atMost(PATIENCE).until(() -> serial.text().contains("OTHERIX-READY"));
      machine.end();
    }
    assertTrue(temp.resolve(uid).resolve("variables.fd").toFile().length() > 0);
  }

  @Test
  void start_secureBootAndTpm_areSeenByTheGuest_andTheTpmKeepsItsState() throws Exception {
    MachinePlan plan = plan(overlay(), Firmware.UEFI_SECURE, true);
    int first;
    try (Machine machine = start(plan);
        SerialReader serial = SerialReader.of(plan.place().console())) {
      machine.resume();
      await().atMost(PATIENCE).until(() -> serial.text().contains("guest# "));
      serial.type("dmesg | grep -c 'Secure boot enabled' | sed 's/^/SECURE=/'\r");
      await().atMost(PATIENCE).until(() -> serial.text().contains("SECURE=1"));
      first = tpmResets(serial);
      machine.end();
    }
    assertFalse(tpmRuns());
    try (Machine machine = start(plan);
        SerialReader serial = SerialReader.of(plan.place().console())) {
      machine.resume();
      await().atMost(PATIENCE).until(() -> serial.text().contains("guest# "));
      assertTrue(tpmResets(serial) > first, serial::text);
      assertTrue(tpmRuns());
      hypervisor.kill(uid);
    }
    assertFalse(tpmRuns());
  }

  /// How often the TPM was started in its whole life, as itself tells the guest.
  private static int tpmResets(SerialReader serial) throws IOException {
    // TPM2_ReadClock; the number is behind the header, the time and the clock.
    serial.type(
        "printf '\\200\\001\\000\\000\\000\\012\\000\\000\\001\\201' >/run/ask; exec 3<>/dev/tpm0;"
            + " cat /run/ask >&3; dd bs=64 count=1 <&3 >/run/told 2>/dev/null; exec 3>&-;"
            + " echo RESETS=$(tail -c +27 /run/told | head -c 4 | hexdump -e '4/1 \"%02x\"')=\r");
    Pattern told = Pattern.compile("RESETS=([0-9a-f]{8})=");
    await().atMost(PATIENCE).until(() -> told.matcher(serial.text()).find());
    Matcher last = told.matcher(serial.text());
    assertTrue(last.find());
    return Integer.parseInt(last.group(1), 16);
  }

  private boolean tpmRuns() {
    return HostProcess.all(Path.of("/proc")).stream()
        .anyMatch(each ->
            each.program().equals("swtpm")
                && String.join(" ", each.arguments()).contains("/" + uid + "/run/"));
  }

  @Test
  void start_secureBoot_refusesWhatIsNotSigned() throws Exception {
    Path disk = overlay();
    Path raw = temp.resolve("disk.raw");
    Path loader = temp.resolve("loader.efi");
    run("qemu-img", "convert", "-O", "raw", disk.toString(), raw.toString());
    run("mcopy", "-i", raw + "@@1M", "::/EFI/BOOT/BOOTX64.EFI", loader.toString());
    byte[] program = Files.readAllBytes(loader);
    program[program.length / 2] ^= 1;
    Files.write(loader, program);
    run("mcopy", "-o", "-i", raw + "@@1M", loader.toString(), "::/EFI/BOOT/BOOTX64.EFI");
    run("qemu-img", "convert", "-f", "raw", "-O", "qcow2", raw.toString(), disk.toString());
    MachinePlan plan = plan(disk, Firmware.UEFI_SECURE, false);
    try (Machine machine = start(plan);
        SerialReader serial = SerialReader.of(plan.place().console())) {
      machine.resume();
      await()
          .atMost(PATIENCE)
          .until(() ->
              serial.text().contains("Access Denied")
                  || serial.text().contains("Security Violation"));
      assertFalse(serial.text().contains("GRUB"), serial::text);
    }
  }

  private static void run(String... command) throws Exception {
    assertEquals(0, new ProcessBuilder(command).inheritIO().start().waitFor());
  }

  @Test
  void adopt_runningMachine_knowsItsStateAndNothingElse() throws Exception {
    MachinePlan plan = plan(overlay(), Firmware.BIOS, false);
    try (Machine first = start(plan)) {
      first.resume();
    }
    Optional<Machine> found = hypervisor.adopt(plan.place(), changes::incrementAndGet);
    try (Machine adopted = found.orElseThrow()) {
      assertEquals(Power.RUNNING, adopted.power());
      assertThrows(IllegalStateException.class, () -> start(plan));
      hypervisor.kill(uid);
      await().atMost(PATIENCE).until(() -> adopted.power() == Power.GONE);
    }
    assertFalse(hypervisor.adopt(plan.place(), changes::incrementAndGet).isPresent());
    MachinePlan.Place other = new MachinePlan.Place(UUID.randomUUID().toString(), temp);
    assertFalse(hypervisor.adopt(other, changes::incrementAndGet).isPresent());
  }

  @Test
  void start_onAHostWithControlGroups_limitsTheRealProcesses() throws Exception {
    Confinement confinement = hypervisor.facts().confinement();
    Assumptions.assumeTrue(
        confinement.limits(), () -> "machines have no limits on this host: " + confinement.lacks());
    MachinePlan plan = plan(overlay(), Firmware.BIOS, true);
    try (Machine machine = start(plan)) {
      machine.resume();
      List<HostProcess> ours =
          HostProcess.all(Path.of("/proc")).stream()
              .filter(each -> String.join(" ", each.arguments()).contains("/" + uid + "/run/"))
              .toList();
      assertEquals(2, ours.size(), ours::toString);
      for (HostProcess each : ours) {
        String groups = Files.readString(Path.of("/proc/" + each.pid() + "/cgroup"));
        assertTrue(groups.contains("0::/otherix/" + uid), groups);
      }
      Path group = Path.of("/sys/fs/cgroup/otherix/" + uid);
      assertEquals(
          Long.toString((256L + 512) << 20), Files.readString(group.resolve("memory.max")).strip());
      assertEquals("200000 100000", Files.readString(group.resolve("cpu.max")).strip());
      assertEquals("257", Files.readString(group.resolve("pids.max")).strip());
    }
  }

  @Test
  void start_diskInUse_failsAndSaysWhy() throws Exception {
    MachinePlan plan = plan(overlay(), Firmware.BIOS, false);
    String second = UUID.randomUUID().toString();
    try (Machine _ = start(plan)) {
      MachinePlan other =
          new MachinePlan(
              new MachinePlan.Place(second, temp.resolve(second)),
              "other",
              plan.machineType(),
              Firmware.BIOS,
              null,
              null,
              1,
              128,
              plan.disks(),
              List.of(),
              null,
              List.of());
      HypervisorException e = assertThrows(HypervisorException.class, () -> start(other));
      assertTrue(String.valueOf(e.getMessage()).contains("lock"), e.getMessage());
      assertEquals(Set.of(uid), hypervisor.running());
    }
  }

  @Test
  void facts_thisHost_sayWhatItHas() {
    assertEquals(List.of("bios", "uefi", "uefi-secure-boot"), hypervisor.facts().firmwares());
    assertTrue(hypervisor.facts().tpm());
    assertFalse(hypervisor.facts().why().isBlank());
    assertTrue(hypervisor.facts().machineType().contains("-"));
  }
}
