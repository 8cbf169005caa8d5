package dev.otherix.agent.machines;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.apimachinery.codec.Json;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.JsonNodeFactory;

/// Snapshots of a guest that boots and writes, with this machine's QEMU.
@Tag("slow")
final class SnapshotQemuTest {
  /// Answers the three commands that matter as qemu-guest-agent does, and freezes for real.
  private static final String GUEST_AGENT =
      """
      #cloud-config
      runcmd:
        - (while true; do read -r l || { sleep 1; continue; }; \
      case $l in *guest-sync*) id=${l##*id\\":}; \
      echo '{"error": {"class": "GenericError", "desc": "JSON parse error, stray byte"}}'; \
      printf '\\377{"return": %s}\\n' ${id%%\\}*};; \
      *freeze-freeze*) fsfreeze --freeze /mnt/data; echo FROZEN >/dev/ttyS0; \
      echo '{"return": 1}';; *freeze-thaw*) fsfreeze --unfreeze /mnt/data; \
      echo THAWED >/dev/ttyS0; echo '{"return": 1}';; esac; \
      done) <>"$(ls /dev/vport*p1)" >&0 2>/dev/null &
      """;

  private static final int FIRST = 105;

  @TempDir private Path temp;
  private QemuRig qemu;
  private MachinesRig rig;

  @BeforeEach
  void start() throws Exception {
    qemu = QemuRig.in(temp);
    rig = qemu.machines();
  }

  @AfterEach
  void stop() throws Exception {
    qemu.close();
  }

  private String booted(String name, String userData) throws Exception {
    return booted(name, userData, "");
  }

  private String booted(String name, String userData, String disks) throws Exception {
    String more =
        userData.isEmpty()
            ? ""
            : "\"userData\": " + JsonNodeFactory.instance.stringNode(userData) + ",";
    return qemu.running(name, more + disks);
  }

  private void power(String vm, String state, String condition) throws Exception {
    rig.cluster().power(vm, state);
    rig.awaitRunning(vm, condition);
  }

  private static String run(String... command) throws Exception {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), said);
    return said;
  }

  /// The guest's file system as it is in a copy.
  private String fileSystem(Path copy) throws Exception {
    Path raw = temp.resolve("copy.raw");
    run("qemu-img", "convert", "-O", "raw", copy.toString(), raw.toString());
    String start =
        run(
            "sh",
            "-c",
            "sfdisk -d " + raw + " | sed -n 's/.*raw2 *: start= *\\([0-9]*\\).*/\\1/p'");
    Path part = temp.resolve("part.raw");
    run("dd", "if=" + raw, "of=" + part, "bs=512", "skip=" + start.strip(), "conv=sparse");
    return run("sh", "-c", "PATH=$PATH:/usr/sbin dumpe2fs -h " + part + " 2>&1");
  }

  /// The guest counts on its boot disk and then on its data disk, so a copy of one moment has the
  /// same number on both, or the boot disk is one ahead.
  @Test
  void guestThatWrites_isCopiedFrozen_allDisksAtOneMoment_andRestored_inPlaceAndAnew()
      throws Exception {
    String disks = "\"disks\": [{\"name\": \"logs\", \"sizeGiB\": 1}],";
    String uid = booted("web", GUEST_AGENT, disks);
    String frozen;
    try (GuestShell guest = qemu.shell(uid)) {
      guest.type("d=$(grep -l logs /sys/block/vd*/serial | cut -d/ -f4)");
      guest.type(
          "(i=100; while true; do i=$((i+1)); for t in '/dev/vda seek=1000' \"/dev/$d seek=0\"; do"
              + " printf '%-15d\\n' $i | dd bs=512 of=$t conv=notrunc,fsync 2>/dev/null; done;"
              + " done) &");
      MachinesRig.eventually(() -> count(guest, true) > FIRST);
      guest.ask("echo one >/mnt/data/marker; sync");
      guest.type("(while true; do date >/mnt/data/noise; sync; done) &");
      frozen = rig.snapshot("frozen", "web", "filesystem-consistent");
      rig.awaitPhase("frozen", "ready");
      assertEquals("logs", rig.statusOf("frozen").at("/disks/0/name").asString(""));
      assertTrue(guest.text().contains("FROZEN"), guest::text);
      MachinesRig.eventually(() -> guest.text().contains("THAWED"));
      assertFalse(fileSystem(rig.copyOf(frozen)).contains("needs_recovery"));
      String torn = rig.snapshot("torn", "web", "crash-consistent");
      rig.awaitPhase("torn", "ready");
      assertTrue(fileSystem(rig.copyOf(torn)).contains("needs_recovery"));
      assertEquals("crash-consistent", rig.statusOf("torn").path("consistency").asString(""));
      guest.ask("echo two >/mnt/data/marker; sync");
      assertEquals("two", guest.ask("cat /mnt/data/marker"));
    }
    power("web", "Stopped", "False Stopped");
    rig.restore("back", "web", frozen);
    rig.awaitTask("back", "success");
    power("web", "Running", "True Started");
    int counted;
    try (GuestShell guest = qemu.shell(uid)) {
      assertEquals("one", guest.ask("cat /mnt/data/marker"));
      counted = ofOneMoment(guest);
    }
    rig.cluster().power("web", "Stopped");
    rig.cluster().task("off", "vm.poweroff", "web");
    rig.awaitRunning("web", "False Stopped");
    rig.cluster()
        .resource("vms")
        .create(
            Json.parseObject(
                """
                {"apiVersion": "otherix/v1", "kind": "VM",
                 "metadata": {"name": "copy", "finalizers": ["otherix/agent"]},
                 "spec": {"sourceSnapshotID": "%s", "nodeName": "n1", %s "memoryMB": 256,
                   "vcpus": 1}}
                """
                    .formatted(frozen, disks)));
    rig.cluster().networkReady("copy");
    rig.awaitRunning("copy", "True Started");
    String copy = rig.cluster().get("vms", "copy").at("/metadata/uid").asString("");
    try (GuestShell guest = qemu.shell(copy)) {
      assertEquals("one", guest.ask("cat /mnt/data/marker"));
      assertEquals(counted, ofOneMoment(guest));
    }
  }

  private static int ofOneMoment(GuestShell guest) throws Exception {
    int boot = count(guest, false);
    int data = count(guest, true);
    assertTrue(data > FIRST, "data disk: " + data);
    assertTrue(boot == data || boot == data + 1, "boot disk: " + boot + ", data disk: " + data);
    return data;
  }

  private static int count(GuestShell guest, boolean data) throws Exception {
    String disk =
        data ? "/dev/$(grep -l logs /sys/block/vd*/serial | cut -d/ -f4)" : "/dev/vda skip=1000";
    String told = guest.ask("dd bs=512 count=1 if=" + disk + " 2>/dev/null | head -c 15");
    return told.isBlank() ? 0 : Integer.parseInt(told.strip());
  }

  @Test
  void agentKilled_whileItsGuestIsFrozen_hasItGoOn() throws Exception {
    String uid = booted("web", GUEST_AGENT);
    try (GuestShell guest = qemu.shell(uid)) {
      rig.killAt("agent.snapshot.afterFreeze", 1);
      String snapshot = rig.snapshot("s", "web", "filesystem-consistent");
      rig.awaitKilled();
      MachinesRig.eventually(() -> guest.text().contains("FROZEN"));
      assertFalse(guest.text().contains("THAWED"));
      rig.restart();
      rig.awaitPhase("s", "ready");
      run("qemu-img", "check", "-q", rig.copyOf(snapshot).toString());
      guest.ask("echo still >/mnt/data/marker; sync");
      assertEquals("still", guest.ask("cat /mnt/data/marker"));
      assertEquals(Set.of(uid), qemu.hypervisor().running());
    }
  }

  @Test
  void copyUnderWay_whenItsSnapshotIsDeleted_leavesNothing() throws Exception {
    String uid = booted("web", "");
    rig.killAt("agent.snapshot.afterCopy", 1);
    String first = rig.snapshot("s", "web", "best-effort");
    rig.awaitKilled();
    rig.delete("vmsnapshots", "s");
    rig.restart();
    MachinesRig.eventually(() -> !rig.cluster().exists("vmsnapshots", "s"));
    assertFalse(Files.exists(rig.copyOf(first).resolveSibling("")));
    String second = rig.snapshot("again", "web", "best-effort");
    rig.awaitPhase("again", "ready");
    assertTrue(Files.exists(rig.copyOf(second)));
    assertEquals(Set.of(uid), qemu.hypervisor().running());
  }
}
