package dev.otherix.agent.machines;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.agent.state.MachineRecord;
import dev.otherix.agent.state.RecordStore;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The process beside the agent, with the host's own clock and processes that look like QEMU.
@Tag("slow")
final class FenceGuardTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final int LONG = 1_000_000_000;

  @TempDir private Path temp;
  private final List<Process> machines = new ArrayList<>();

  @AfterEach
  void stop() {
    machines.forEach(Process::destroyForcibly);
    new FenceGuard(temp).find().ifPresent(ProcessHandle::destroyForcibly);
  }

  /// Lives until it is killed or this process ends.
  private Process machine(String uid) throws Exception {
    Process process =
        new ProcessBuilder(
                "/bin/sh",
                "-c",
                "while read -r line; do :; done",
                "qemu-system-none",
                "-uuid",
                uid,
                "-S")
            .start();
    machines.add(process);
    return process;
  }

  @Test
  void guard_promiseIsOver_endsThatMachineAlone() throws Exception {
    String due = UUID.randomUUID().toString();
    String later = UUID.randomUUID().toString();
    String free = UUID.randomUUID().toString();
    try (RecordStore records = RecordStore.open(temp.resolve("vms"))) {
      records.save(MachineRecord.fresh(due, "due").fencedAfter(1));
      records.save(MachineRecord.fresh(later, "later").fencedAfter(LONG));
      records.save(MachineRecord.fresh(free, "free"));
    }
    Process dueProcess = machine(due);
    Process laterProcess = machine(later);
    Process freeProcess = machine(free);
    FenceGuard guard = new FenceGuard(temp);
    assertTrue(guard.ensure());
    long pid = guard.find().orElseThrow().pid();
    assertTrue(new FenceGuard(temp).ensure());
    assertEquals(pid, new FenceGuard(temp).find().orElseThrow().pid());
    await().atMost(PATIENCE).until(() -> !dueProcess.isAlive());
    assertTrue(laterProcess.isAlive() && freeProcess.isAlive());
  }

  @Test
  void guard_serverHeardOfTheNode_leavesItsMachines() throws Exception {
    String kept = UUID.randomUUID().toString();
    String due = UUID.randomUUID().toString();
    Fence fence = Fence.open(temp, Uptime.ofHost(), () -> 60, () -> true);
    fence.renewed(fence.now());
    try (RecordStore records = RecordStore.open(temp.resolve("vms"))) {
      records.save(MachineRecord.fresh(kept, "kept").fencedAfter(LONG));
      records.save(MachineRecord.fresh(due, "due").fencedAfter(2));
    }
    Process keptProcess = machine(kept);
    Process dueProcess = machine(due);
    assertTrue(new FenceGuard(temp).ensure());
    await().atMost(PATIENCE).until(() -> !dueProcess.isAlive());
    assertTrue(keptProcess.isAlive());
  }

  /// As the agent asks each second while something is promised.
  @Test
  void guard_wasKilled_isStartedAgain() throws Exception {
    String due = UUID.randomUUID().toString();
    try (RecordStore records = RecordStore.open(temp.resolve("vms"))) {
      records.save(MachineRecord.fresh(due, "due").fencedAfter(LONG));
    }
    FenceGuard guard = new FenceGuard(temp);
    assertTrue(guard.ensure());
    ProcessHandle first = guard.find().orElseThrow();
    assertTrue(first.destroyForcibly());
    await().atMost(PATIENCE).until(() -> guard.find().isEmpty());
    assertTrue(guard.ensure());
    assertNotEquals(first.pid(), guard.find().orElseThrow().pid());
    try (RecordStore records = RecordStore.open(temp.resolve("vms"))) {
      records.save(MachineRecord.fresh(due, "due").fencedAfter(1));
    }
    Process process = machine(due);
    await().atMost(PATIENCE).until(() -> !process.isAlive());
  }

  @Test
  void guard_nothingPromised_endsByItself() throws Exception {
    try (RecordStore records = RecordStore.open(temp.resolve("vms"))) {
      records.save(MachineRecord.fresh(UUID.randomUUID().toString(), "free"));
    }
    FenceGuard guard = new FenceGuard(temp);
    assertTrue(guard.ensure());
    await().atMost(PATIENCE).until(() -> guard.find().isEmpty());
  }
}
