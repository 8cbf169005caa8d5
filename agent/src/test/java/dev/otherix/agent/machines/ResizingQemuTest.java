package dev.otherix.agent.machines;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Processors and memory that come and go under a guest that runs, with this machine's QEMU.
@Tag("slow")
final class ResizingQemuTest {
  private static final int KIBIBYTES_PER_MEBIBYTE = 1024;

  @TempDir private Path temp;
  private QemuRig rig;

  @BeforeEach
  void start() throws Exception {
    rig = QemuRig.in(temp);
  }

  @AfterEach
  void stop() throws Exception {
    rig.close();
  }

  private static long memoryMiB(GuestShell guest) throws Exception {
    String total = guest.ask("sed -n 's/MemTotal: *\\([0-9]*\\).*/\\1/p' /proc/meminfo");
    return Long.parseLong(total) / KIBIBYTES_PER_MEBIBYTE;
  }

  private String restartRequired() throws Exception {
    return rig.machines().cluster().condition("web", "RestartRequired");
  }

  @Test
  void resources_growAndShrink_underAGuestThatRuns() throws Exception {
    String uid = rig.running("web", "");
    try (GuestShell guest = rig.shell(uid)) {
      long before = memoryMiB(guest);
      assertEquals("1", guest.ask("nproc"));
      rig.spec("web", "\"vcpus\": 2, \"memoryMB\": 512");
      MachinesRig.eventually(
          () -> guest.ask("ls -d /sys/devices/system/cpu/cpu1").endsWith("cpu1"));
      // Debian's own rule does this in a guest with udev.
      guest.type("echo 1 >/sys/devices/system/cpu/cpu1/online");
      MachinesRig.eventually(() -> guest.ask("nproc").equals("2"));
      MachinesRig.eventually(() -> memoryMiB(guest) > before + 200);
      MachinesRig.eventually(() -> restartRequired().isEmpty());
      rig.machines().restart();
      rig.spec("web", "\"vcpus\": 1, \"memoryMB\": 256");
      MachinesRig.eventually(() -> guest.ask("nproc").equals("1"));
      MachinesRig.eventually(() -> memoryMiB(guest) < before + 10);
      MachinesRig.eventually(() -> restartRequired().isEmpty());
      rig.spec("web", "\"memoryMB\": 200");
      MachinesRig.eventually(() -> restartRequired().equals("True ResourcesChanged"));
      assertTrue(memoryMiB(guest) > before - 10);
    }
  }
}
