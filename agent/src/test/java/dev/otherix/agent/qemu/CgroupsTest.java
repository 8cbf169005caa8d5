package dev.otherix.agent.qemu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.agent.hypervisor.MachinePlan;
import dev.otherix.agent.hypervisor.MachinePlan.Firmware;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CgroupsTest {
  private static final Path MOUNT = Path.of("/sys/fs/cgroup");

  @TempDir private Path temp;
  private final String uid = UUID.randomUUID().toString();

  private MachinePlan plan() {
    return new MachinePlan(
        new MachinePlan.Place(uid, temp.resolve(uid)),
        "web",
        "pc-q35-7.2",
        Firmware.BIOS,
        null,
        null,
        2,
        1024,
        List.of(),
        List.of(),
        null,
        List.of());
  }

  @Test
  void find_hostWithoutTheSecondVersion_saysSo() {
    Cgroups.Found found = Cgroups.find(temp);
    assertNull(found.cgroups());
    assertTrue(String.valueOf(found.why()).contains("not cgroup version 2"), found::toString);
  }

  @Test
  void find_controllerThatIsMissing_isNamed() throws IOException {
    Files.writeString(temp.resolve("cgroup.controllers"), "cpuset cpu memory\n");
    Cgroups.Found found = Cgroups.find(temp);
    assertNull(found.cgroups());
    assertTrue(String.valueOf(found.why()).contains("controller pids"), found::toString);
  }

  @Test
  void make_machine_limitsIt() throws IOException {
    Files.writeString(temp.resolve("cgroup.controllers"), "cpuset cpu memory pids\n");
    Cgroups cgroups = Objects.requireNonNull(Cgroups.find(temp).cgroups());
    Path group = cgroups.make(plan()).resolveSibling("");
    assertEquals(temp.resolve("otherix/" + uid), group);
    assertEquals(
        (1024L + 512) << 20, Long.parseLong(Files.readString(group.resolve("memory.max"))));
    assertEquals("300000 100000", Files.readString(group.resolve("cpu.max")));
    assertEquals("200", Files.readString(group.resolve("cpu.weight")));
    assertEquals("258", Files.readString(group.resolve("pids.max")));
  }

  @Test
  void make_onThisHost_isTakenByTheKernel() throws Exception {
    Cgroups.Found found = Cgroups.find(MOUNT);
    Assumptions.assumeTrue(
        found.cgroups() != null, "machines have no limits on this host: " + found.why());
    Cgroups cgroups = Objects.requireNonNull(found.cgroups());
    Path enter = cgroups.make(plan());
    Process process =
        new ProcessBuilder("sh", "-c", "echo $$ >" + enter + " && exec cat /proc/self/cgroup")
            .start();
    String seen = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor());
    assertTrue(seen.contains("/otherix/" + uid), seen);
    assertEquals(
        Long.toString((1024L + 512) << 20),
        Files.readString(enter.resolveSibling("memory.max")).strip());
    cgroups.remove(uid);
    assertFalse(Files.exists(enter.resolveSibling("")));
  }
}
