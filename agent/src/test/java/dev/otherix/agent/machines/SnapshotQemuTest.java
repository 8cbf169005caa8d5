package dev.otherix.agent.machines;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.agent.TestGuest;
import dev.otherix.agent.qemu.QemuHypervisor;
import dev.otherix.agent.qemu.SerialReader;
import dev.otherix.apimachinery.client.Pause;
import dev.otherix.apimachinery.codec.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.JsonNodeFactory;

/// Snapshots of a guest that boots and writes, with this machine's QEMU.
final class SnapshotQemuTest {
  /// Answers the three commands that matter as qemu-guest-agent does, and freezes for real.
  private static final String GUEST_AGENT =
      """
      #cloud-config
      runcmd:
        - (while true; do read -r l || { sleep 1; continue; }; case $l in *guest-sync*) id=${l##*id\\":}; printf '\\377{"return": %s}\\n' ${id%%\\}*};; *freeze-freeze*) fsfreeze --freeze /mnt/data; echo FROZEN >/dev/ttyS0; echo '{"return": 1}';; *freeze-thaw*) fsfreeze --unfreeze /mnt/data; echo THAWED >/dev/ttyS0; echo '{"return": 1}';; esac; done) <>"$(ls /dev/vport*p1)" >&0 2>/dev/null &
      """;

  @TempDir private Path temp;
  private QemuHypervisor hypervisor;
  private Path image;
  private MachinesRig rig;

  @BeforeEach
  void start() throws Exception {
    image = TestGuest.image();
    hypervisor = QemuHypervisor.onThisHost(temp.resolve("vms"), Pause.real());
    rig = new MachinesRig(temp, hypervisor, image.resolveSibling(""));
  }

  @AfterEach
  void stop() throws Exception {
    rig.close();
    for (String uid : hypervisor.running()) {
      hypervisor.kill(uid);
    }
  }

  private String booted(String name, String userData) throws Exception {
    String more =
        userData.isEmpty()
            ? ""
            : "\"userData\": " + JsonNodeFactory.instance.stringNode(userData) + ",";
    String uid = rig.cluster().vm(name, image, more);
    rig.awaitRunning(name, "True Started");
    return uid;
  }

  private SerialReader serial(String uid) throws IOException {
    SerialReader serial = SerialReader.of(temp.resolve("vms/" + uid + "/serial.sock"));
    MachinesRig.eventually(() -> serial.text().contains("guest# "));
    return serial;
  }

  /// What a command prints, in a line of its own that the echo of what was typed is not.
  private static String ask(SerialReader serial, String command) throws IOException {
    int from = serial.text().length();
    serial.type("echo \"[[$(" + command + ")]]\" | tr a-z a-z\r");
    MachinesRig.eventually(() -> serial.text().indexOf("]]\r\n", from) > 0);
    String text = serial.text();
    int end = text.indexOf("]]\r\n", from);
    return text.substring(text.lastIndexOf("[[", end) + 2, end);
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

  @Test
  void guestThatWrites_isCopiedFrozen_andRestored_inPlaceAndAnew() throws Exception {
    String uid = booted("web", GUEST_AGENT);
    String frozen;
    try (SerialReader serial = serial(uid)) {
      ask(serial, "echo one >/mnt/data/marker; sync");
      serial.type("(while true; do date >/mnt/data/noise; sync; done) &\r");
      frozen = rig.snapshot("frozen", "web", "filesystem-consistent");
      rig.awaitPhase("frozen", "ready");
      assertTrue(serial.text().contains("FROZEN"), serial::text);
      MachinesRig.eventually(() -> serial.text().contains("THAWED"));
      assertFalse(fileSystem(rig.copyOf(frozen)).contains("needs_recovery"));
      String torn = rig.snapshot("torn", "web", "crash-consistent");
      rig.awaitPhase("torn", "ready");
      assertTrue(fileSystem(rig.copyOf(torn)).contains("needs_recovery"));
      assertEquals("crash-consistent", rig.statusOf("torn").path("consistency").asString(""));
      ask(serial, "echo two >/mnt/data/marker; sync");
      assertEquals("two", ask(serial, "cat /mnt/data/marker"));
    }
    power("web", "Stopped", "False Stopped");
    rig.restore("back", "web", frozen);
    rig.awaitTask("back", "success");
    power("web", "Running", "True Started");
    try (SerialReader serial = serial(uid)) {
      assertEquals("one", ask(serial, "cat /mnt/data/marker"));
    }
    power("web", "Stopped", "False Stopped");
    rig.cluster()
        .resource("vms")
        .create(
            Json.parseObject(
                """
                {"apiVersion": "otherix/v1", "kind": "VM",
                 "metadata": {"name": "copy", "finalizers": ["otherix/agent"]},
                 "spec": {"sourceSnapshotID": "%s", "nodeName": "n1", "memoryMB": 256, "vcpus": 1}}
                """
                    .formatted(frozen)));
    rig.cluster().networkReady("copy");
    rig.awaitRunning("copy", "True Started");
    String copy = rig.cluster().get("vms", "copy").at("/metadata/uid").asString("");
    try (SerialReader serial = serial(copy)) {
      assertEquals("one", ask(serial, "cat /mnt/data/marker"));
    }
  }

  @Test
  void agentKilled_whileItsGuestIsFrozen_hasItGoOn() throws Exception {
    String uid = booted("web", GUEST_AGENT);
    try (SerialReader serial = serial(uid)) {
      rig.killAt("agent.snapshot.afterFreeze", 1);
      String snapshot = rig.snapshot("s", "web", "filesystem-consistent");
      rig.awaitKilled();
      MachinesRig.eventually(() -> serial.text().contains("FROZEN"));
      assertFalse(serial.text().contains("THAWED"));
      rig.restart();
      rig.awaitPhase("s", "ready");
      run("qemu-img", "check", "-q", rig.copyOf(snapshot).toString());
      ask(serial, "echo still >/mnt/data/marker; sync");
      assertEquals("still", ask(serial, "cat /mnt/data/marker"));
      assertEquals(Set.of(uid), hypervisor.running());
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
    assertEquals(Set.of(uid), hypervisor.running());
  }
}
