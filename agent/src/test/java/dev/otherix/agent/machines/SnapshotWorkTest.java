package dev.otherix.agent.machines;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.agent.simulated.SimulatedHypervisor;
import dev.otherix.apimachinery.codec.Json;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Snapshots of machines that are simulated; their disks are real.
final class SnapshotWorkTest {
  private static final int BLOCK = 65_536;
  private static final int IMAGE_BYTES = 4 * BLOCK;

  @TempDir private Path temp;
  private final SimulatedHypervisor hypervisor = new SimulatedHypervisor();
  private MachinesRig rig;
  private Path image;

  @BeforeEach
  void start() throws Exception {
    Path offered = Files.createDirectory(temp.resolve("offered"));
    byte[] content = "as-in-the-image".getBytes(StandardCharsets.UTF_8);
    byte[] bytes = new byte[IMAGE_BYTES];
    System.arraycopy(content, 0, bytes, 0, content.length);
    image = Files.write(offered.resolve("a.img"), bytes);
    rig = new MachinesRig(temp, hypervisor, offered);
  }

  @AfterEach
  void stop() {
    rig.close();
  }

  private String stopped(String name) throws InterruptedException {
    String uid = rig.cluster().vm(name, image, "\"powerState\": \"Stopped\",");
    rig.awaitRunning(name, "False Stopped");
    return uid;
  }

  private String running(String name) throws InterruptedException {
    String uid = rig.cluster().vm(name, image, "");
    rig.awaitRunning(name, "True Started");
    return uid;
  }

  /// All boot disks of a machine that are there.
  private List<Path> disks(String uid) throws Exception {
    List<Path> found = new ArrayList<>();
    Path folder = temp.resolve("pools/main/vms/" + uid);
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "disk0*")) {
      files.forEach(found::add);
    }
    return found;
  }

  private static void run(String... command) throws Exception {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), said);
  }

  private static void fill(Path disk, String pattern) throws Exception {
    run("qemu-io", "-f", "qcow2", "-c", "write -P " + pattern + " 0 64k", disk.toString());
  }

  private static void assertFilled(Path disk, String pattern) throws Exception {
    Process process =
        new ProcessBuilder(
                "qemu-io", "-f", "qcow2", "-c", "read -P " + pattern + " 0 64k", disk.toString())
            .redirectErrorStream(true)
            .start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    process.waitFor();
    assertFalse(said.contains("failed"), said);
  }

  @Test
  void variablesAndTpm_areCopied_andRestored_inPlaceAndAnew() throws Exception {
    String uid =
        rig.cluster()
            .vm("web", image, "\"tpm\": true, \"disks\": [{\"name\": \"logs\", \"sizeGiB\": 1}],");
    rig.awaitRunning("web", "True Started");
    Path folder = temp.resolve("pools/main/vms/" + uid);
    Files.writeString(folder.resolve("variables.fd"), "boot order 1");
    // What a machine's process could put there to have the agent read something else.
    Files.createSymbolicLink(folder.resolve("tpm/link"), image);
    String snapshot = rig.snapshot("s", "web", "crash-consistent");
    rig.awaitPhase("s", "ready");
    assertEquals("logs", rig.statusOf("s").at("/excludedDisks/0").asString(""));
    Path copy = rig.copyOf(snapshot);
    assertEquals("boot order 1", Files.readString(copy.resolveSibling("variables.fd")));
    assertEquals(uid, Files.readString(copy.resolveSibling("tpm/state")));
    assertFalse(Files.exists(copy.resolveSibling("tpm/link")));

    rig.cluster().power("web", "Stopped");
    rig.awaitRunning("web", "False Stopped");
    Files.writeString(folder.resolve("variables.fd"), "boot order 2");
    Files.writeString(folder.resolve("tpm/state"), "cleared");
    rig.restore("back", "web", snapshot);
    rig.awaitTask("back", "success");
    rig.cluster().power("web", "Running");
    rig.awaitRunning("web", "True Started");
    Path state = Objects.requireNonNull(hypervisor.plan(uid).tpm());
    assertEquals(uid, Files.readString(state.resolve("state")));
    assertFalse(Files.exists(folder.resolve("tpm")));
    BootFiles files = BootFiles.of(disks(uid).getFirst());
    assertEquals("boot order 1", Files.readString(files.variables()));
    assertEquals(files.tpm(), state);

    String other =
        rig.cluster()
            .resource("vms")
            .create(
                Json.parseObject(
                    """
                    {"apiVersion": "otherix/v1", "kind": "VM",
                     "metadata": {"name": "copy", "finalizers": ["otherix/agent"]},
                     "spec": {"sourceSnapshotID": "%s", "nodeName": "n1", "tpm": true}}
                    """
                        .formatted(snapshot)))
            .at("/metadata/uid")
            .asString("");
    rig.cluster().networkReady("copy");
    rig.awaitRunning("copy", "True Started");
    Path own = Objects.requireNonNull(hypervisor.plan(other).tpm());
    assertEquals(uid, Files.readString(own.resolve("state")));
  }

  @Test
  void stoppedMachine_isCopied_changed_andRestored() throws Exception {
    String uid = stopped("web");
    fill(disks(uid).getFirst(), "0xaa");
    String snapshot = rig.snapshot("s", "web", "filesystem-consistent");
    rig.awaitPhase("s", "ready");
    var status = rig.statusOf("s");
    assertEquals("filesystem-consistent", status.path("consistency").asString(""));
    assertEquals("main", status.path("pool").asString(""));
    assertEquals(IMAGE_BYTES, status.path("diskSizeBytes").asLong(0));
    assertEquals(Files.size(rig.copyOf(snapshot)), status.path("sizeBytes").asLong(0));
    assertFilled(rig.copyOf(snapshot), "0xaa");
    fill(disks(uid).getFirst(), "0xbb");
    rig.restore("back", "web", snapshot);
    rig.awaitTask("back", "success");
    assertEquals(1, disks(uid).size());
    assertFilled(disks(uid).getFirst(), "0xaa");
    rig.cluster().power("web", "Running");
    rig.awaitRunning("web", "True Started");
    assertEquals(disks(uid).getFirst(), hypervisor.plan(uid).disks().getFirst().file());
  }

  @Test
  void newMachine_ofASnapshot_hasItsDataAndFirmware() throws Exception {
    String uid = stopped("web");
    fill(disks(uid).getFirst(), "0xaa");
    String snapshot = rig.snapshot("s", "web", "best-effort");
    rig.awaitPhase("s", "ready");
    rig.cluster()
        .resource("vms")
        .create(
            Json.parseObject(
                """
                {"apiVersion": "otherix/v1", "kind": "VM",
                 "metadata": {"name": "copy", "finalizers": ["otherix/agent"]},
                 "spec": {"sourceSnapshotID": "%s", "nodeName": "n1"}}
                """
                    .formatted(snapshot)));
    rig.cluster().networkReady("copy");
    rig.awaitRunning("copy", "True Started");
    String copy = rig.cluster().get("vms", "copy").at("/metadata/uid").asString("");
    assertFilled(disks(copy).getFirst(), "0xaa");
    assertEquals(hypervisor.plan(copy).firmware().name(), "BIOS");
    rig.delete("vmsnapshots", "s");
    MachinesRig.eventually(() -> !rig.cluster().exists("vmsnapshots", "s"));
    assertFilled(disks(copy).getFirst(), "0xaa");
  }

  @Test
  void runningMachine_isFrozenWhileItsCopyBegins() throws Exception {
    String uid = running("web");
    hypervisor.freezeGuests(true);
    rig.snapshot("s", "web", "filesystem-consistent");
    rig.awaitPhase("s", "ready");
    assertEquals("filesystem-consistent", rig.statusOf("s").path("consistency").asString(""));
    assertTrue(hypervisor.wasCopiedFrozen(uid));
    assertFalse(hypervisor.isFrozen(uid));
    rig.snapshot("unasked", "web", "crash-consistent");
    rig.awaitPhase("unasked", "ready");
    assertFalse(hypervisor.wasCopiedFrozen(uid));
  }

  @Test
  void guestWithoutAgent_isCopiedAsItIs_orNotAtAll() throws Exception {
    running("web");
    rig.snapshot("any", "web", "best-effort");
    rig.awaitPhase("any", "ready");
    assertEquals("crash-consistent", rig.statusOf("any").path("consistency").asString(""));
    String strict = rig.snapshot("strict", "web", "filesystem-consistent");
    rig.awaitPhase("strict", "failed");
    assertTrue(
        rig.statusOf("strict").path("message").asString("").contains("run qemu-guest-agent"));
    assertFalse(Files.exists(rig.copyOf(strict)));
  }

  @Test
  void machineThatCrashed_isNotSaidToBeAtRest() throws Exception {
    String uid = rig.cluster().vm("web", image, "\"runPolicy\": \"Manual\",");
    rig.awaitRunning("web", "True Started");
    hypervisor.crash(uid);
    rig.awaitRunning("web", "False Crashed");
    rig.snapshot("any", "web", "best-effort");
    rig.awaitPhase("any", "ready");
    assertEquals("crash-consistent", rig.statusOf("any").path("consistency").asString(""));
    rig.snapshot("strict", "web", "filesystem-consistent");
    rig.awaitPhase("strict", "failed");
  }

  @Test
  void copyThatFails_isTold_andTheMachineGoesOn() throws Exception {
    String uid = running("web");
    hypervisor.failCopies("No space left on device");
    String snapshot = rig.snapshot("s", "web", "best-effort");
    rig.awaitPhase("s", "failed");
    assertTrue(rig.statusOf("s").path("message").asString("").contains("No space left on device"));
    assertFalse(Files.exists(rig.copyOf(snapshot)));
    assertEquals(Set.of(uid), hypervisor.running());
  }

  @Test
  void restore_ofAMachineThatRuns_isRefused() throws Exception {
    running("web");
    String snapshot = rig.snapshot("s", "web", "best-effort");
    rig.awaitPhase("s", "ready");
    rig.restore("back", "web", snapshot);
    rig.awaitTask("back", "failed");
    assertEquals(
        "conflict", rig.cluster().get("tasks", "back").at("/status/error/code").asString(""));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "agent.snapshot.afterClaim",
        "agent.snapshot.afterFreeze",
        "agent.snapshot.afterCopy",
        "agent.file.beforeRename",
        "agent.snapshot.afterPublish"
      })
  void snapshot_killedAtAnyStep_isMadeAllTheSame(String fault) throws Exception {
    String uid = running("web");
    hypervisor.freezeGuests(true);
    rig.killAt(fault, 1);
    String snapshot = rig.snapshot("s", "web", "filesystem-consistent");
    rig.awaitKilled();
    rig.restart();
    rig.awaitPhase("s", "ready");
    assertFalse(hypervisor.isFrozen(uid));
    run("qemu-img", "check", "-q", rig.copyOf(snapshot).toString());
    assertEquals(1, hypervisor.starts(uid));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "agent.file.beforeRename",
        "agent.restore.afterCopy",
        "agent.restore.afterSwitch",
        "agent.restore.afterSweep"
      })
  void restore_killedAtAnyStep_losesNoDisk(String fault) throws Exception {
    String uid = stopped("web");
    fill(disks(uid).getFirst(), "0xaa");
    String snapshot = rig.snapshot("s", "web", "best-effort");
    rig.awaitPhase("s", "ready");
    fill(disks(uid).getFirst(), "0xbb");
    rig.killAt(fault, 1);
    rig.restore("back", "web", snapshot);
    rig.awaitKilled();
    rig.restart();
    rig.awaitTask("back", "success");
    MachinesRig.eventually(() -> disks(uid).size() == 1);
    assertFilled(disks(uid).getFirst(), "0xaa");
    rig.cluster().power("web", "Running");
    rig.awaitRunning("web", "True Started");
  }

  @Test
  void delete_killedInTheMidst_isFinished() throws Exception {
    stopped("web");
    String snapshot = rig.snapshot("s", "web", "best-effort");
    rig.awaitPhase("s", "ready");
    rig.killAt("agent.snapshot.afterDelete", 1);
    rig.delete("vmsnapshots", "s");
    rig.awaitKilled();
    assertTrue(rig.cluster().exists("vmsnapshots", "s"));
    rig.restart();
    MachinesRig.eventually(() -> !rig.cluster().exists("vmsnapshots", "s"));
    assertFalse(Files.exists(rig.copyOf(snapshot)));
  }

  @Test
  void snapshot_outlivesItsMachine_andIsDeletedWithout() throws Exception {
    stopped("web");
    String snapshot = rig.snapshot("s", "web", "best-effort");
    rig.awaitPhase("s", "ready");
    rig.delete("vms", "web");
    MachinesRig.eventually(() -> !rig.cluster().exists("vms", "web"));
    assertTrue(Files.exists(rig.copyOf(snapshot)));
    rig.delete("vmsnapshots", "s");
    MachinesRig.eventually(() -> !rig.cluster().exists("vmsnapshots", "s"));
    assertFalse(Files.exists(rig.copyOf(snapshot)));
  }
}
