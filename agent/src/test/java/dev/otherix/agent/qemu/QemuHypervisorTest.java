package dev.otherix.agent.qemu;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.agent.TestGuest;
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
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// With the QEMU of this machine.
final class QemuHypervisorTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir private Path temp;
  private final String uid = UUID.randomUUID().toString();
  private final AtomicInteger changes = new AtomicInteger();
  private QemuHypervisor hypervisor;

  @BeforeEach
  void probe() throws InterruptedException {
    hypervisor = QemuHypervisor.onThisHost(temp, Pause.real());
  }

  @AfterEach
  void end() throws InterruptedException {
    hypervisor.kill(uid);
  }

  private MachinePlan plan(Path disk, Firmware firmware) {
    Path folder = temp.resolve(uid);
    return new MachinePlan(
        new MachinePlan.Place(uid, folder),
        "guest",
        hypervisor.facts().machineType(),
        firmware,
        firmware == Firmware.UEFI ? folder.resolve("variables.fd") : null,
        1,
        256,
        List.of(new Disk(disk, Format.QCOW2, false)),
        List.of(),
        null,
        List.of(new Nic(0, "02:00:00:00:00:01", new Attachment.UserMode())));
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
    MachinePlan plan = plan(overlay(), Firmware.BIOS);
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
  void start_uefi_keepsVariablesOfItsOwn() throws Exception {
    MachinePlan plan = plan(overlay(), Firmware.UEFI);
    try (Machine machine = start(plan);
        SerialReader serial = SerialReader.of(plan.place().console())) {
      machine.resume();
      await().atMost(PATIENCE).until(() -> serial.text().contains("OTHERIX-READY"));
      machine.end();
    }
    assertTrue(temp.resolve(uid).resolve("variables.fd").toFile().length() > 0);
  }

  @Test
  void adopt_runningMachine_knowsItsStateAndNothingElse() throws Exception {
    MachinePlan plan = plan(overlay(), Firmware.BIOS);
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
  void start_diskInUse_failsAndSaysWhy() throws Exception {
    MachinePlan plan = plan(overlay(), Firmware.BIOS);
    String second = UUID.randomUUID().toString();
    try (Machine _ = start(plan)) {
      MachinePlan other =
          new MachinePlan(
              new MachinePlan.Place(second, temp.resolve(second)),
              "other",
              plan.machineType(),
              Firmware.BIOS,
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
    assertTrue(hypervisor.facts().firmwares().contains("uefi"));
    assertFalse(hypervisor.facts().why().isBlank());
    assertTrue(hypervisor.facts().machineType().contains("-"));
  }
}
