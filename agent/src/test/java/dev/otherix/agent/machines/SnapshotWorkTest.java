package dev.otherix.agent.machines;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.agent.simulated.SimulatedHypervisor;
import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.object.ObjectKey;
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
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Snapshots of machines that are simulated; their disks are real.
@Tag("slow")
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

  private static final String LOGS = "\"disks\": [{\"name\": \"logs\", \"sizeGiB\": 1}],";

  private String stopped(String name) throws InterruptedException {
    String uid = rig.cluster().vm(name, image, "\"powerState\": \"Stopped\", " + LOGS);
    rig.awaitRunning(name, "False Stopped");
    return uid;
  }

  private String running(String name) throws InterruptedException {
    String uid = rig.cluster().vm(name, image, LOGS);
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

  /// Where the data of the machine's other disk are now; only once they are in one place.
  private Path logs(String uid) throws Exception {
    List<Path> found = new ArrayList<>();
    Path folder = temp.resolve("pools/main/vms/" + uid);
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "data-*")) {
      files.forEach(found::add);
    }
    assertEquals(1, found.size(), found::toString);
    return found.getFirst();
  }

  private void disks(String vm, String disks) throws InterruptedException {
    rig.cluster()
        .resource("vms")
        .mergePatch(
            ObjectKey.clusterScoped(vm),
            "",
            Json.parseObject("{\"spec\": {\"disks\": [" + disks + "]}}"));
  }

  private void awaitDisk(String vm, String state) {
    MachinesRig.eventually(
        () -> rig.cluster().get("vms", vm).at("/status/disks/0/state").asString("").equals(state));
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
    assertEquals("logs", rig.statusOf("s").at("/disks/0/name").asString(""));
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
    Path data = rig.copyOf(snapshot).resolveSibling("data-logs.qcow2");
    assertEquals(
        Files.size(rig.copyOf(snapshot)) + Files.size(data), status.path("sizeBytes").asLong(0));
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
  void allDisks_areCopied_andBroughtBack_inPlaceAndAnew() throws Exception {
    String uid = stopped("web");
    fill(disks(uid).getFirst(), "0xaa");
    fill(logs(uid), "0x11");
    String snapshot = rig.snapshot("s", "web", "best-effort");
    rig.awaitPhase("s", "ready");
    assertEquals("logs", rig.statusOf("s").at("/disks/0/name").asString(""));
    assertEquals(1L << 30, rig.statusOf("s").at("/disks/0/sizeBytes").asLong(0));
    assertTrue(rig.statusOf("s").path("excludedDisks").isMissingNode());
    fill(disks(uid).getFirst(), "0xbb");
    fill(logs(uid), "0x22");
    String boot = rig.snapshot("boot-only", "web", "best-effort", "boot");
    rig.awaitPhase("boot-only", "ready");
    assertEquals("logs", rig.statusOf("boot-only").at("/excludedDisks/0").asString(""));
    rig.restore("back", "web", snapshot);
    rig.awaitTask("back", "success");
    assertFilled(disks(uid).getFirst(), "0xaa");
    assertFilled(logs(uid), "0x11");
    rig.restore("boot-back", "web", boot);
    rig.awaitTask("boot-back", "success");
    assertFilled(disks(uid).getFirst(), "0xbb");
    assertFilled(logs(uid), "0x11");

    // What the spec has no more comes back all the same, and waits to be asked for.
    disks("web", "{\"name\": \"logs\", \"sizeGiB\": 1, \"whenRemoved\": \"Delete\"}");
    disks("web", "");
    MachinesRig.eventually(() -> rig.cluster().get("vms", "web").at("/status/disks").isEmpty());
    rig.restore("again", "web", snapshot);
    rig.awaitTask("again", "success");
    awaitDisk("web", "Kept");
    assertFilled(logs(uid), "0x11");
    disks("web", "{\"name\": \"logs\", \"sizeGiB\": 2}");
    rig.cluster().power("web", "Running");
    rig.awaitRunning("web", "True Started");
    awaitDisk("web", "Attached");
    assertEquals(logs(uid), hypervisor.plan(uid).dataDisks().getFirst().disk().file());
    assertFilled(logs(uid), "0x11");

    String copy = copyOf("copy", snapshot, "\"disks\": [{\"name\": \"logs\", \"sizeGiB\": 1}]");
    assertFilled(logs(copy), "0x11");
    assertEquals(logs(copy), hypervisor.plan(copy).dataDisks().getFirst().disk().file());
    String other = copyOf("other", snapshot, "\"disks\": []");
    assertEquals(List.of(), hypervisor.plan(other).dataDisks());
    awaitDisk("other", "Kept");
    assertFilled(logs(other), "0x11");
  }

  /// A new machine of a snapshot, that runs.
  private String copyOf(String name, String snapshot, String more) throws InterruptedException {
    String uid =
        rig.cluster()
            .resource("vms")
            .create(
                Json.parseObject(
                    """
                    {"apiVersion": "otherix/v1", "kind": "VM",
                     "metadata": {"name": "%s", "finalizers": ["otherix/agent"]},
                     "spec": {"sourceSnapshotID": "%s", "nodeName": "n1", %s}}
                    """
                        .formatted(name, snapshot, more)))
            .at("/metadata/uid")
            .asString("");
    rig.cluster().networkReady(name);
    rig.awaitRunning(name, "True Started");
    return uid;
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
  void machineWithoutADisk_isWaitedFor_andThatIsSaid() throws Exception {
    Path missing = image.resolveSibling("b.img");
    rig.cluster().vm("web", missing, "");
    rig.snapshot("s", "web", "best-effort");
    MachinesRig.eventually(
        () -> rig.statusOf("s").path("message").asString("").contains("no disk yet"));
    assertEquals("pending", rig.statusOf("s").path("phase").asString(""));
    Files.copy(image, missing);
    rig.awaitPhase("s", "ready");
    assertTrue(rig.statusOf("s").path("message").isMissingNode());
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
  @CsvSource({
    "agent.snapshot.afterClaim, 1",
    "agent.snapshot.afterFreeze, 1",
    "agent.snapshot.afterCopy, 1",
    "agent.file.beforeRename, 1",
    "agent.file.beforeRename, 2",
    "agent.snapshot.afterPublish, 1"
  })
  void snapshot_killedAtAnyStep_isMadeAllTheSame(String fault, int passes) throws Exception {
    String uid = running("web");
    hypervisor.freezeGuests(true);
    rig.killAt(fault, passes);
    String snapshot = rig.snapshot("s", "web", "filesystem-consistent");
    rig.awaitKilled();
    rig.restart();
    rig.awaitPhase("s", "ready");
    assertFalse(hypervisor.isFrozen(uid));
    run("qemu-img", "check", "-q", rig.copyOf(snapshot).toString());
    Path data = rig.copyOf(snapshot).resolveSibling("data-logs.qcow2");
    run("qemu-img", "check", "-q", data.toString());
    assertEquals(1, hypervisor.starts(uid));
  }

  @ParameterizedTest
  @CsvSource({
    "agent.file.beforeRename, 1",
    "agent.file.beforeRename, 2",
    "agent.file.beforeRename, 3",
    "agent.restore.afterCopy, 1",
    "agent.restore.afterSwitch, 1",
    "agent.restore.afterSweep, 1"
  })
  void restore_killedAtAnyStep_losesNoDisk(String fault, int passes) throws Exception {
    String uid = stopped("web");
    fill(disks(uid).getFirst(), "0xaa");
    fill(logs(uid), "0x11");
    String snapshot = rig.snapshot("s", "web", "best-effort");
    rig.awaitPhase("s", "ready");
    fill(disks(uid).getFirst(), "0xbb");
    fill(logs(uid), "0x22");
    rig.killAt(fault, passes);
    rig.restore("back", "web", snapshot);
    rig.awaitKilled();
    rig.restart();
    rig.awaitTask("back", "success");
    MachinesRig.eventually(() -> disks(uid).size() == 1);
    assertFilled(disks(uid).getFirst(), "0xaa");
    assertFilled(logs(uid), "0x11");
    rig.cluster().power("web", "Running");
    rig.awaitRunning("web", "True Started");
    assertEquals(logs(uid), hypervisor.plan(uid).dataDisks().getFirst().disk().file());
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
