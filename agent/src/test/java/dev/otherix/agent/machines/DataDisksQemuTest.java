package dev.otherix.agent.machines;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Disks that come and go under a guest that runs, with this machine's QEMU.
@Tag("slow")
final class DataDisksQemuTest {
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

  private void disks(String disks) throws InterruptedException {
    rig.spec("web", "\"disks\": [" + disks + "]");
  }

  private void awaitDisks(String told) {
    MachinesRig.eventually(() -> {
      StringBuilder text = new StringBuilder();
      rig.machines()
          .cluster()
          .get("vms", "web")
          .at("/status/disks")
          .forEach(each ->
              text.append(each.path("name").asString(""))
                  .append(' ')
                  .append(each.path("state").asString(""))
                  .append(' '));
      return text.toString().strip().equals(told);
    });
  }

  /// The serial numbers of the guest's disks.
  private static String serials(GuestShell guest) throws Exception {
    String told = guest.ask("for f in /sys/block/vd*/serial; do cat $f; echo -n ' '; done");
    return told.strip().replaceAll(" +", " ");
  }

  private static void awaitSerials(GuestShell guest, String serials) {
    MachinesRig.eventually(() -> serials(guest).equals(serials));
  }

  @Test
  void disks_comeAndGo_underAGuestThatRuns_andKeepTheirData() throws Exception {
    String uid = rig.running("web", "\"disks\": [{\"name\": \"first\", \"sizeGiB\": 1}],");
    String started =
        rig.machines().cluster().get("vms", "web").at("/status/lastStartedAt").asString("");
    try (GuestShell guest = rig.shell(uid)) {
      awaitSerials(guest, "first");
      disks("{\"name\": \"first\", \"sizeGiB\": 1}, {\"name\": \"logs\", \"sizeGiB\": 2}");
      awaitSerials(guest, "first logs");
      String logs = guest.ask("grep -l logs /sys/block/vd*/serial | cut -d/ -f4");
      assertEquals(
          Long.toString(2L << 30), guest.ask("echo $(($(cat /sys/block/" + logs + "/size)*512))"));
      guest.ask("echo precious >/dev/" + logs + "; sync");
      rig.machines().restart();
      disks("{\"name\": \"logs\", \"sizeGiB\": 2}");
      awaitSerials(guest, "logs");
      awaitDisks("first Kept logs Attached");
      disks("");
      awaitSerials(guest, "");
      awaitDisks("first Kept logs Kept");
      disks("{\"name\": \"logs\", \"sizeGiB\": 3, \"whenRemoved\": \"Delete\"}");
      awaitSerials(guest, "logs");
      logs = guest.ask("grep -l logs /sys/block/vd*/serial | cut -d/ -f4");
      assertEquals("precious", guest.ask("head -c 8 /dev/" + logs));
      String size = "cat /sys/block/" + logs + "/size";
      MachinesRig.eventually(() -> guest.ask(size).equals(Long.toString((3L << 30) / 512)));
      Path file = temp.resolve("pools/main/vms/" + uid + "/data-logs.qcow2");
      assertTrue(Files.exists(file));
      disks("");
      awaitSerials(guest, "");
      awaitDisks("first Kept");
      assertFalse(Files.exists(file));
    }
    assertEquals(Set.of(uid), rig.hypervisor().running());
    assertEquals("", rig.machines().cluster().condition("web", "RestartRequired"));
    assertEquals(
        started,
        rig.machines().cluster().get("vms", "web").at("/status/lastStartedAt").asString(""));
  }
}
