package dev.otherix.agent.machines;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.agent.AgentCluster;
import dev.otherix.agent.qemu.CgroupsInGuest;
import dev.otherix.agent.qemu.QemuHypervisor;
import dev.otherix.agent.qemu.TriedHost;
import dev.otherix.apimachinery.client.Pause;
import dev.otherix.apimachinery.codec.Json;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.JsonNodeFactory;

/// A full Debian with cloud-init. Its name keeps it out of the usual run, because it takes minutes
/// where guests are emulated; `hack/e2e/debian` builds the image and runs it.
@Timeout(value = 30, unit = TimeUnit.MINUTES)
final class DebianGuest {
  private static final Duration BOOT_MAX = Duration.ofMinutes(15);

  private static final String USER_DATA =
      """
      #cloud-config
      hostname: full
      runcmd:
        - [sh, -c, 'echo ROOT=$(df -BG --output=size / | tail -1)= >/dev/ttyS0']
        - [sh, -c, 'echo NAME=$(hostname)= ADDRESS=$(hostname -I)= >/dev/ttyS0']
        - [sh, -c, 'systemctl is-active qemu-guest-agent ssh >/dev/ttyS0; echo DONE >/dev/ttyS0']
        - |
          CHECK
      """;

  @TempDir private Path temp;
  private Path image;
  private QemuHypervisor hypervisor;
  private MachinesRig rig;

  @BeforeEach
  void start() throws Exception {
    image = Path.of(System.getProperty("full.image"));
    hypervisor = QemuHypervisor.onThisHost(TriedHost.in(temp.resolve("vms")), Pause.real());
    rig = new MachinesRig(temp, hypervisor, image.resolveSibling(""));
  }

  @AfterEach
  void stop() throws Exception {
    rig.close();
    for (String uid : hypervisor.running()) {
      hypervisor.kill(uid);
    }
  }

  /// The guest's kernel has control groups of the second version, which this host's may lack: so a
  /// machine's limits are proved in it.
  @Test
  void debian_boots_takesItsUserData_limitsGroups_andFreezesForASnapshot() throws Exception {
    JavaForGuests java = JavaForGuests.serve(Files.createDirectory(temp.resolve("kit")));
    try (java) {
      boots(java.command(CgroupsInGuest.class));
    }
  }

  private void boots(String check) throws Exception {
    String uid =
        rig.cluster()
            .resource("vms")
            .create(
                Json.parseObject(
                    """
                    {"apiVersion": "otherix/v1", "kind": "VM",
                     "metadata": {"name": "full", "finalizers": ["otherix/agent"]},
                     "spec": {"arch": "amd64", "secureBoot": true, "tpm": true, "vcpus": 2,
                       "memoryMB": 1536, "diskGiB": 6, "nodeName": "%s", "imageURL": "%s",
                       "userData": %s}}
                    """
                        .formatted(
                            AgentCluster.NODE,
                            image.toUri(),
                            JsonNodeFactory.instance.stringNode(
                                USER_DATA.replace("CHECK", check)))))
            .at("/metadata/uid")
            .asString("");
    rig.cluster().networkReady("full");
    rig.awaitRunning("full", "True Started");
    Path log = temp.resolve("vms/" + uid + "/serial.log");
    await().atMost(BOOT_MAX).until(() -> text(log).contains("full login:"));
    await().atMost(BOOT_MAX).until(() -> text(log).contains("DONE"));
    await().atMost(BOOT_MAX).until(() -> text(log).contains(CgroupsInGuest.GOOD));
    String text = text(log);
    assertTrue(text.contains("ROOT= 6G="), text);
    assertTrue(text.contains("NAME=full= ADDRESS=10.0.2."), text);
    rig.snapshot("s", "full", "filesystem-consistent");
    await()
        .atMost(BOOT_MAX)
        .until(
            () -> Set.of("ready", "failed").contains(rig.statusOf("s").path("phase").asString("")));
    assertEquals("ready", rig.statusOf("s").path("phase").asString(""));
    rig.cluster().power("full", "Stopped");
    await()
        .atMost(BOOT_MAX)
        .until(() -> rig.cluster().condition("full", "Running").equals("False Stopped"));
  }

  private static String text(Path log) throws Exception {
    return Files.exists(log) ? Files.readString(log, StandardCharsets.ISO_8859_1) : "";
  }
}
