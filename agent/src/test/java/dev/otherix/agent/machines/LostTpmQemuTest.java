package dev.otherix.agent.machines;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A TPM that ends while its machine runs, with this machine's QEMU.
@Tag("slow")
final class LostTpmQemuTest {
  @TempDir private Path temp;
  private QemuRig qemu;

  @BeforeEach
  void start() throws Exception {
    qemu = QemuRig.in(temp);
  }

  @AfterEach
  void stop() throws Exception {
    qemu.close();
  }

  /// The processes that are the machine's TPM.
  private static List<ProcessHandle> tpms(String uid) {
    return ProcessHandle.allProcesses()
        .filter(each -> {
          String command = each.info().commandLine().orElse("");
          return command.contains("swtpm socket") && command.contains(uid + "/run/tpm.sock");
        })
        .toList();
  }

  @Test
  void tpmThatEnds_isToldWithItsRemedy_andIsThereAgainAfterAStart() throws Exception {
    MachinesRig rig = qemu.machines();
    String uid = qemu.running("web", "\"tpm\": true,");
    ProcessHandle first = tpms(uid).getFirst();
    assertTrue(first.destroyForcibly());
    rig.awaitRunning("web", "False PartFailed");
    String message = rig.cluster().get("vms", "web").at("/status/conditions").toString();
    assertTrue(message.contains("its TPM ended unexpectedly"), message);
    assertTrue(message.contains("reboot the machine"), message);
    assertEquals(Set.of(uid), qemu.hypervisor().running());

    // Another agent finds a machine whose TPM has been missing all the time.
    rig.restart();
    rig.cluster().power("web", "Paused");
    rig.awaitRunning("web", "False Paused");
    rig.cluster().power("web", "Running");
    rig.awaitRunning("web", "False PartFailed");

    rig.cluster().power("web", "Stopped");
    rig.cluster().task("off", "vm.poweroff", "web");
    rig.awaitRunning("web", "False Stopped");
    rig.cluster().power("web", "Running");
    rig.awaitRunning("web", "True Started");
    assertNotEquals(first.pid(), tpms(uid).getFirst().pid());
    rig.restart();
    rig.cluster().power("web", "Paused");
    rig.awaitRunning("web", "False Paused");
    rig.cluster().power("web", "Running");
    rig.awaitRunning("web", "True Started");
  }
}
