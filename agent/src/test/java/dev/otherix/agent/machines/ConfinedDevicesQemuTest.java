package dev.otherix.agent.machines;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.agent.state.RecordStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Devices of a machine whose QEMU runs as somebody who may do nothing, with this machine's QEMU.
@Tag("slow")
final class ConfinedDevicesQemuTest {
  /// Every Debian has this one.
  private static final String USER = "nobody";

  private Path temp;
  private QemuRig rig;

  @BeforeEach
  void start() throws Exception {
    Assumptions.assumeTrue(
        "root".equals(System.getProperty("user.name")),
        "only root can run machines as another user; run the tests as root");
    // Not a folder of JUnit's: others may not pass through those.
    temp = Files.createTempDirectory("otherix-devices-");
    Files.setPosixFilePermissions(temp, PosixFilePermissions.fromString("rwx--x--x"));
    rig = QemuRig.asUser(USER, temp);
  }

  @AfterEach
  void stop() throws Exception {
    if (rig != null) {
      rig.close();
      RecordStore.deleteTree(temp);
    }
  }

  @Test
  void diskThatComesLater_andTheTpm_areTheGuests() throws Exception {
    String uid = rig.running("web", "\"tpm\": true,");
    Path disks = temp.resolve("pools/main/vms/" + uid);
    int own = (int) Files.getAttribute(disks.resolve("disk0.qcow2"), "unix:uid");
    assertTrue(own > 0, "the disk belongs to root");
    try (GuestShell guest = rig.shell(uid)) {
      rig.spec("web", "\"disks\": [{\"name\": \"logs\", \"sizeGiB\": 1}]");
      String find = "grep -l logs /sys/block/vd*/serial | cut -d/ -f4";
      MachinesRig.eventually(() -> guest.ask(find).startsWith("vd"));
      String disk = guest.ask(find);
      assertEquals(
          "kept",
          guest.ask("echo kept >/dev/" + disk + "; sync; dd if=/dev/" + disk + " bs=4 count=1"));
      assertEquals("2", guest.ask("cat /sys/class/tpm/tpm0/tpm_version_major"));
    }
    for (String each : new String[] {"data-logs.qcow2", "tpm", "tpm/tpm2-00.permall"}) {
      assertEquals(own, Files.getAttribute(disks.resolve(each), "unix:uid"), each);
    }
    rig.machines().cluster().power("web", "Stopped");
    rig.machines().awaitRunning("web", "False Stopped");
    rig.machines().cluster().power("web", "Running");
    rig.machines().awaitRunning("web", "True Started");
  }
}
