package dev.otherix.agent;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.agent.images.ImageLimits;
import dev.otherix.agent.kill.TinyGuest;
import dev.otherix.agent.node.Doctor;
import dev.otherix.agent.qemu.QemuHypervisor;
import dev.otherix.apimachinery.client.DeleteOptions;
import dev.otherix.apimachinery.client.Pause;
import dev.otherix.apimachinery.object.ObjectKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// A machine whose QEMU runs as somebody who may do nothing.
@Tag("slow")
final class ConfinedAgentTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /// Every Debian has this one.
  private static final String USER = "nobody";

  private Path temp;
  private AgentCluster cluster;
  private QemuHypervisor hypervisor;
  private Agent agent;

  @BeforeEach
  void start() throws Exception {
    Assumptions.assumeTrue(
        "root".equals(System.getProperty("user.name")),
        "only root can run machines as another user; run the tests as root");
    // Not a folder of JUnit's: others may not pass through those.
    temp =
        Files.createTempDirectory(
            "otherix-confined-",
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx--x--x")));
    Files.setPosixFilePermissions(temp, PosixFilePermissions.fromString("rwx--x--x"));
    cluster = new AgentCluster();
    cluster.node();
    cluster.nodesNamespace();
    cluster.pool(temp.resolve("pools/main"));
    hypervisor = QemuHypervisor.asUser(USER, temp.resolve("agent/vms"), Pause.real());
    agent = startAgent();
  }

  @AfterEach
  void stop() throws Exception {
    if (agent == null) {
      return;
    }
    agent.close();
    for (String uid : hypervisor.running()) {
      hypervisor.kill(uid);
    }
    cluster.close();
    dev.otherix.agent.state.RecordStore.deleteTree(temp);
  }

  private Agent startAgent() throws Exception {
    Files.createDirectories(temp.resolve("agent"));
    Files.setPosixFilePermissions(
        temp.resolve("agent"), PosixFilePermissions.fromString("rwx------"));
    Path offered = Files.createDirectories(temp.resolve("offered"));
    AgentOptions options =
        new AgentOptions(
            AgentCluster.NODE,
            temp.resolve("agent"),
            "amd64",
            "test",
            hypervisor,
            null,
            ImageLimits.DEFAULT.withFolders(List.of(offered)),
            InstantSource.system(),
            new Random(7),
            Pause.real());
    return Agent.start(options, cluster.client());
  }

  private void awaitRunning(String condition) {
    await()
        .atMost(PATIENCE)
        .untilAsserted(() -> assertEquals(condition, cluster.condition("web", "Running")));
  }

  private static String statusOf(String uid, String field) throws IOException {
    ProcessHandle qemu =
        ProcessHandle.allProcesses()
            .filter(each -> each.info().commandLine().orElse("").contains("-uuid " + uid))
            .findFirst()
            .orElseThrow();
    return Files.readAllLines(Path.of("/proc/" + qemu.pid() + "/status")).stream()
        .filter(each -> each.startsWith(field + ":"))
        .findFirst()
        .orElseThrow()
        .substring(field.length() + 1)
        .strip();
  }

  @Test
  void machine_itsWholeLife_runsWithoutRights() throws Exception {
    Path image = Files.write(temp.resolve("offered/tiny.img"), TinyGuest.disk());
    String uid = cluster.vm("web", image, "\"diskGiB\": 1, \"userData\": \"#secret\",");
    awaitRunning("True Started");
    int own = (int) Files.getAttribute(disk(uid), "unix:uid");
    assertTrue(own > 0, "the disk belongs to root");
    assertEquals("%1$d\t%1$d\t%1$d\t%1$d".formatted(own), statusOf(uid, "Uid"));
    for (String each : List.of("CapEff", "CapPrm", "CapBnd", "CapInh", "CapAmb")) {
      assertEquals("0000000000000000", statusOf(uid, each), each);
    }
    assertEquals("1", statusOf(uid, "NoNewPrivs"));
    assertEquals("2", statusOf(uid, "Seccomp"));
    nothingIsForOthers(uid);
    assertEquals(0, Files.getAttribute(temp.resolve("agent/vms/" + uid), "unix:uid"));
    assertEquals(
        0, Files.getAttribute(temp.resolve("agent/vms/" + uid + "/record.json"), "unix:uid"));
    Path log = temp.resolve("agent/vms/" + uid + "/serial.log");
    await().atMost(PATIENCE).until(() -> TinyGuest.boots(log) == 1);

    agent.close();
    agent = startAgent();
    cluster.power("web", "Stopped");
    awaitRunning("False Stopped");
    cluster.power("web", "Running");
    awaitRunning("True Started");
    await().atMost(PATIENCE).until(() -> TinyGuest.boots(log) == 2);
    cluster.resource("vms").delete(ObjectKey.clusterScoped("web"), DeleteOptions.DEFAULT);
    await().atMost(PATIENCE).until(() -> !cluster.exists("vms", "web"));
    assertFalse(Files.exists(disk(uid)));
  }

  private Path disk(String uid) {
    return temp.resolve("pools/main/vms/" + uid + "/disk0.qcow2");
  }

  /// Disks, seeds, images, records, logs: either the file or its folder is closed to others.
  private void nothingIsForOthers(String uid) throws IOException {
    for (String each : List.of("agent/vms/" + uid, "agent/images", "pools/main/vms")) {
      try (Stream<Path> files = Files.walk(temp.resolve(each))) {
        for (Path file : files.filter(Files::isRegularFile).toList()) {
          if (!Files.getPosixFilePermissions(file.resolveSibling(""))
              .contains(PosixFilePermission.OTHERS_EXECUTE)) {
            continue;
          }
          assertFalse(
              Files.getPosixFilePermissions(file).contains(PosixFilePermission.OTHERS_READ),
              file + " is for everybody");
        }
      }
    }
  }

  @Test
  void confinement_ofTheHost_isToldByNodeAndDoctor() {
    await()
        .atMost(PATIENCE)
        .until(() ->
            cluster
                .get("nodes", AgentCluster.NODE)
                .at("/status/capabilities/confinement/user")
                .asString("")
                .equals(USER));
    List<Doctor.Finding> findings = Doctor.examine(hypervisor.facts(), System.getenv("PATH"), temp);
    assertTrue(
        findings.stream().anyMatch(each -> each.detail().equals("machines run as user nobody")),
        findings::toString);
    boolean limited = hypervisor.facts().confinement().limits();
    assertEquals(
        !limited,
        findings.stream().anyMatch(each -> each.detail().startsWith("machines have no limits")),
        findings::toString);
  }
}
