package dev.otherix.agent.hypervisor;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.agent.hypervisor.MachinePlan.Attachment;
import dev.otherix.agent.hypervisor.MachinePlan.DataDisk;
import dev.otherix.agent.hypervisor.MachinePlan.Disk;
import dev.otherix.agent.hypervisor.MachinePlan.Firmware;
import dev.otherix.agent.hypervisor.MachinePlan.Format;
import dev.otherix.agent.hypervisor.MachinePlan.Nic;
import dev.otherix.agent.images.BootDisk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What the agent relies on, whichever hypervisor it is.
public abstract class HypervisorContract {
  protected static final Duration PATIENCE = Duration.ofMinutes(3);

  private static final int SCREEN_GREETING = 7;

  @TempDir private Path temp;
  private final AtomicInteger changes = new AtomicInteger();
  private Hypervisor hypervisor;
  private MachinePlan plan;

  /// @param folder that all machines' folders are in
  protected abstract Hypervisor open(Path folder) throws Exception;

  /// A disk that a guest boots from.
  protected abstract Path disk(Path folder) throws Exception;

  /// Waits until the guest of a machine that runs listens to its console and its power button.
  protected abstract void awaitBooted(MachinePlan.Place place) throws Exception;

  @BeforeEach
  void openHypervisor() throws Exception {
    hypervisor = open(temp);
    plan = plan(UUID.randomUUID().toString(), disk(temp), null);
  }

  @AfterEach
  void endAll() throws InterruptedException {
    for (String each : hypervisor.running()) {
      hypervisor.kill(each);
    }
  }

  private MachinePlan plan(String uid, Path disk, @Nullable Path tpm) {
    return new MachinePlan(
        new MachinePlan.Place(uid, temp.resolve(uid)),
        "web",
        hypervisor.facts().machineType(),
        Firmware.BIOS,
        null,
        tpm,
        1,
        256,
        List.of(new Disk(disk, Format.QCOW2, false)),
        List.of(),
        null,
        List.of());
  }

  private Machine start() throws InterruptedException {
    return hypervisor.start(plan, changes::incrementAndGet);
  }

  @Test
  void start_isHeld_untilItIsResumed() throws Exception {
    try (Machine machine = start()) {
      assertEquals(Power.PAUSED, machine.power());
      assertEquals(Set.of(plan.uid()), hypervisor.running());
      machine.resume();
      assertEquals(Power.RUNNING, machine.power());
      machine.reset();
      assertEquals(Power.RUNNING, machine.power());
      machine.pause();
      assertEquals(Power.PAUSED, machine.power());
      assertEquals("", machine.detail());
      machine.end();
      assertEquals(Power.GONE, machine.power());
    }
    assertEquals(Set.of(), hypervisor.running());
  }

  @Test
  void start_twice_isRefused_andTheFirstGoesOn() throws Exception {
    try (Machine machine = start()) {
      assertThrows(IllegalStateException.class, this::start);
      machine.resume();
      assertEquals(Power.RUNNING, machine.power());
    }
  }

  @Test
  void adopt_afterTheConnectionEnded_knowsWhatTheMachineDoes() throws Exception {
    try (Machine machine = start()) {
      machine.resume();
    }
    try (Machine adopted = hypervisor.adopt(plan.place(), changes::incrementAndGet).orElseThrow()) {
      assertEquals(Power.RUNNING, adopted.power());
      adopted.pause();
      assertEquals(Power.PAUSED, adopted.power());
    }
    MachinePlan.Place other =
        new MachinePlan.Place(UUID.randomUUID().toString(), temp.resolve("other"));
    assertTrue(hypervisor.adopt(other, () -> {}).isEmpty());
  }

  @Test
  void kill_isSeenByWhoeverIsConnected() throws Exception {
    try (Machine machine = start()) {
      machine.resume();
      int before = changes.get();
      hypervisor.kill(plan.uid());
      assertEquals(Set.of(), hypervisor.running());
      await().atMost(PATIENCE).until(() -> machine.power() == Power.GONE);
      await().atMost(PATIENCE).until(() -> changes.get() > before);
      assertThrows(HypervisorException.class, machine::pause);
    }
    assertTrue(hypervisor.adopt(plan.place(), () -> {}).isEmpty());
    hypervisor.kill(plan.uid());
  }

  @Test
  void guest_isHeard_grows_andShutsDown() throws Exception {
    try (Machine machine = start();
        ByteChannel console = machine.console()) {
      machine.resume();
      awaitBooted(plan.place());
      console.write(ByteBuffer.wrap("hello-there\r".getBytes(StandardCharsets.US_ASCII)));
      StringBuilder heard = new StringBuilder();
      while (heard.indexOf("hello-there") < 0) {
        heard.append(read(console));
      }
      Path log = plan.place().consoleLog();
      await().atMost(PATIENCE).until(() -> text(log).contains("hello-there"));
      try (ByteChannel screen = machine.display()) {
        StringBuilder greeting = new StringBuilder();
        while (greeting.length() < SCREEN_GREETING) {
          greeting.append(read(screen));
        }
        assertTrue(greeting.toString().startsWith("RFB 003"), greeting::toString);
      }
      machine.growDisk(0, 3L << 30);
      int before = changes.get();
      machine.pressPowerButton();
      await().atMost(PATIENCE).until(() -> machine.power() == Power.SHUT_DOWN);
      assertTrue(changes.get() > before);
      // A guest that shut down is there until somebody has seen it.
      assertEquals(Set.of(plan.uid()), hypervisor.running());
      machine.end();
      assertEquals(Power.SHUT_DOWN, machine.power());
      drain(console);
    }
    assertFalse(hypervisor.running().contains(plan.uid()));
  }

  @Test
  void copy_ofADisk_isThereWhenItIsDone_alsoForWhoeverAdopts() throws Exception {
    Path target = temp.resolve("copy.qcow2");
    BootDisk.blank(target, Format.QCOW2, bytes(plan.disks().getFirst().file()));
    try (Machine machine = start()) {
      assertEquals(new Copying.None(), machine.copying());
      machine.endCopy();
      machine.beginCopy(target, Map.of());
      await().atMost(PATIENCE).until(() -> machine.copying() instanceof Copying.Done);
    }
    try (Machine adopted = hypervisor.adopt(plan.place(), () -> {}).orElseThrow()) {
      assertEquals(new Copying.Done(), adopted.copying());
      adopted.endCopy();
      assertEquals(new Copying.None(), adopted.copying());
      assertTrue(Files.size(target) > 0);
      // Nobody answers for the guest, which has not booted.
      assertFalse(adopted.freeze());
      adopted.endCopy();
    }
  }

  @Test
  void dataDisk_comesAndGoes_underAGuestThatRuns() throws Exception {
    Path file = temp.resolve("data.qcow2");
    BootDisk.blank(file, Format.QCOW2, 1 << 20);
    DataDisk disk = new DataDisk("logs", new Disk(file, Format.QCOW2, false));
    try (Machine machine = start()) {
      machine.resume();
      awaitBooted(plan.place());
      assertTrue(machine.detachDisk("logs"));
      machine.attachDisk(disk);
      assertEquals(Set.of("logs"), machine.dataDisks());
      machine.growDataDisk("logs", 2 << 20);
      await().atMost(PATIENCE).until(() -> machine.detachDisk("logs"));
      assertEquals(Set.of(), machine.dataDisks());
      machine.attachDisk(disk);
      assertEquals(Set.of("logs"), machine.dataDisks());
    }
  }

  @Test
  void interface_comesAndGoes_underAGuestThatRuns() throws Exception {
    Nic nic = new Nic(1, "02:00:00:00:00:02", new Attachment.UserMode());
    try (Machine machine = start()) {
      machine.resume();
      awaitBooted(plan.place());
      assertEquals(Set.of(), machine.nics());
      machine.attachNic(nic);
      assertEquals(Set.of(1), machine.nics());
      await().atMost(PATIENCE).until(() -> machine.detachNic(1));
      assertEquals(Set.of(), machine.nics());
      machine.attachNic(nic);
      assertEquals(Set.of(1), machine.nics());
    }
  }

  @Test
  void size_ofAGuestThatRuns_growsAndShrinks() throws Exception {
    try (Machine machine = start()) {
      machine.resume();
      awaitBooted(plan.place());
      MachineSize small = new MachineSize(1, 256);
      assertEquals(small, machine.size());
      int before = changes.get();
      machine.resize(new MachineSize(2, 512));
      await().atMost(PATIENCE).until(() -> machine.size().equals(new MachineSize(2, 512)));
      await().atMost(PATIENCE).until(() -> changes.get() > before);
      machine.resize(small);
      await().atMost(PATIENCE).until(() -> machine.size().equals(small));
      assertThrows(HypervisorException.class, () -> machine.resize(new MachineSize(1, 128)));
      assertEquals(small, machine.size());
    }
  }

  @Test
  void tpm_ofAMachine_isKeptFromOneStartToTheNext() throws Exception {
    Path state = temp.resolve("tpm");
    plan = plan(plan.uid(), plan.disks().getFirst().file(), state);
    try (Machine machine = start()) {
      machine.resume();
      await().atMost(PATIENCE).until(() -> !contents(state).isEmpty());
      machine.end();
    }
    Set<String> before = contents(state);
    try (Machine machine = start()) {
      machine.resume();
      assertEquals(Power.RUNNING, machine.power());
      assertTrue(contents(state).containsAll(before));
    }
  }

  private static Set<String> contents(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .map(each -> each.getFileName().toString())
          .filter(each -> !each.startsWith("."))
          .collect(Collectors.toSet());
    }
  }

  /// What a guest sees as the size of a disk.
  protected abstract long bytes(Path disk) throws Exception;

  /// What is left may still be read; then comes the end.
  private static void drain(ByteChannel channel) throws IOException {
    ByteBuffer rest = ByteBuffer.allocate(4096);
    while (channel.read(rest.clear()) >= 0) {
      assertTrue(channel.isOpen());
    }
  }

  private static String read(ByteChannel channel) throws IOException {
    ByteBuffer piece = ByteBuffer.allocate(4096);
    int got = channel.read(piece);
    assertTrue(got >= 0, "the channel ended");
    return new String(piece.array(), 0, got, StandardCharsets.ISO_8859_1);
  }

  protected static String text(Path log) throws IOException {
    return Files.exists(log) ? Files.readString(log, StandardCharsets.ISO_8859_1) : "";
  }
}
