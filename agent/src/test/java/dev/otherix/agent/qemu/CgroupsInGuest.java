package dev.otherix.agent.qemu;

import dev.otherix.agent.hypervisor.MachinePlan;
import dev.otherix.agent.hypervisor.MachinePlan.Firmware;
import dev.otherix.agent.hypervisor.MachineSize;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;

/// A machine's limits on a kernel that has all of control groups' second version: run as root in a
/// guest that has it, for the host may not. Ends with the first thing that does not hold.
public final class CgroupsInGuest {
  /// What it says when everything held.
  public static final String GOOD = "CONTROL-GROUPS-HOLD";

  private static final int KILLED = 128 + 9;

  private CgroupsInGuest() {}

  public static void main(String[] arguments) throws Exception {
    Cgroups.Found found = Cgroups.find(Path.of("/sys/fs/cgroup"));
    Cgroups cgroups = found.cgroups();
    if (cgroups == null) {
      throw new IllegalStateException(found.why());
    }
    String uid = UUID.randomUUID().toString();
    Path enter = cgroups.make(plan(uid));
    Path group = enter.resolveSibling("");
    require(in(group, "grep -q /otherix/" + uid + " /proc/self/cgroup") == 0, "not in the group");

    // 64 MiB and what QEMU itself needs.
    require(in(group, "head -c 200M /dev/zero | tail >/dev/null") == 0, "200 MiB are too much");
    int tooMuch = in(group, "head -c 700M /dev/zero | tail >/dev/null");
    require(tooMuch == KILLED, "700 MiB were not too much, but ended with " + tooMuch);
    require(counted(group, "memory.events", "oom_kill"), "no memory was refused");

    // 257 threads.
    boolean _ = in(group, "i=0; while [ $i -lt 300 ]; do sleep 60 & i=$((i+1)); done") == 0;
    require(counted(group, "pids.events", "max"), "300 processes were not too many");
    Files.writeString(group.resolve("cgroup.kill"), "1");

    require(text(group, "cpu.max").equals("200000 100000"), "cpu.max " + text(group, "cpu.max"));
    cgroups.limit(uid, new MachineSize(3, 1024));
    require(text(group, "cpu.max").equals("400000 100000"), "cpu.max " + text(group, "cpu.max"));
    require(text(group, "cpu.weight").equals("300"), "cpu.weight " + text(group, "cpu.weight"));
    while (Files.exists(group)) {
      cgroups.remove(uid);
      Thread.onSpinWait();
    }
    System.out.println(GOOD);
  }

  private static MachinePlan plan(String uid) {
    return new MachinePlan(
        new MachinePlan.Place(uid, Path.of("/run", uid)),
        "web",
        "pc-q35-7.2",
        Firmware.BIOS,
        null,
        null,
        1,
        64,
        List.of(),
        List.of(),
        null,
        List.of());
  }

  /// What a script in the group ended with.
  private static int in(Path group, String script) throws Exception {
    String whole = "echo $$ >" + group.resolve("cgroup.procs") + "; " + script;
    return new ProcessBuilder("sh", "-c", whole).inheritIO().start().waitFor();
  }

  private static boolean counted(Path group, String file, String name) throws Exception {
    return Files.readAllLines(group.resolve(file)).stream()
        .anyMatch(line -> line.startsWith(name + " ") && !line.equals(name + " 0"));
  }

  private static String text(Path group, String file) throws Exception {
    return Files.readString(group.resolve(file)).strip();
  }

  private static void require(boolean holds, String otherwise) {
    if (!holds) {
      throw new IllegalStateException(otherwise);
    }
  }
}
