package dev.otherix.agent.machines;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.agent.hypervisor.MachinePlan;
import dev.otherix.agent.simulated.SimulatedHypervisor;
import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.object.ObjectKey;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/// Disks besides the boot disk, on machines that are simulated.
final class DataDisksTest {
  private static final String LOGS = "{\"name\": \"logs\", \"sizeGiB\": 1}";
  private static final String CACHE =
      "{\"name\": \"cache\", \"sizeGiB\": 2, \"whenRemoved\": \"Delete\"}";

  @TempDir private Path temp;
  private final SimulatedHypervisor hypervisor = new SimulatedHypervisor();
  private MachinesRig rig;
  private Path image;

  @BeforeEach
  void start() throws Exception {
    Path offered = Files.createDirectory(temp.resolve("offered"));
    image = Files.write(offered.resolve("a.img"), new byte[65_536]);
    rig = new MachinesRig(temp, hypervisor, offered);
  }

  @AfterEach
  void stop() {
    rig.close();
  }

  private String running(String disks) throws InterruptedException {
    String uid = rig.cluster().vm("web", image, "\"disks\": [" + disks + "],");
    rig.awaitRunning("web", "True Started");
    return uid;
  }

  private void disks(String disks) throws InterruptedException {
    rig.cluster()
        .resource("vms")
        .mergePatch(
            ObjectKey.clusterScoped("web"),
            "",
            Json.parseObject("{\"spec\": {\"disks\": [" + disks + "]}}"));
  }

  private Path file(String uid, String disk) {
    return temp.resolve("pools/main/vms/" + uid + "/data-" + disk + ".qcow2");
  }

  private void awaitState(String disk, String state) {
    MachinesRig.eventually(() -> {
      for (JsonNode each : rig.cluster().get("vms", "web").at("/status/disks")) {
        if (each.path("name").asString("").equals(disk)) {
          return each.path("state").asString("").equals(state);
        }
      }
      return state.isEmpty();
    });
  }

  @Test
  void machine_isStartedWithItsDisks() throws Exception {
    String uid = running(LOGS + "," + CACHE);
    assertEquals(
        List.of("logs", "cache"),
        hypervisor.plan(uid).dataDisks().stream().map(MachinePlan.DataDisk::name).toList());
    awaitState("logs", "Attached");
    assertTrue(Files.exists(file(uid, "logs")));
  }

  @Test
  void disk_comesAndGoes_whileTheMachineRuns() throws Exception {
    String uid = running("");
    disks(LOGS + "," + CACHE);
    awaitState("cache", "Attached");
    assertEquals(Set.of("logs", "cache"), hypervisor.dataDisks(uid));
    Files.writeString(file(uid, "logs"), "what the guest wrote");
    disks("");
    awaitState("cache", "");
    awaitState("logs", "Kept");
    assertEquals(Set.of(), hypervisor.dataDisks(uid));
    assertFalse(Files.exists(file(uid, "cache")));
    disks(LOGS);
    awaitState("logs", "Attached");
    assertEquals("what the guest wrote", Files.readString(file(uid, "logs")));
    assertEquals(1, hypervisor.starts(uid));
    assertEquals("", rig.cluster().condition("web", "RestartRequired"));
  }

  @Test
  void guestThatHoldsADisk_losesItWhenItStops_withItsDataOnlyIfAsked() throws Exception {
    String uid = running(LOGS + "," + CACHE);
    hypervisor.holdDevices(true);
    disks("");
    awaitState("cache", "Waiting");
    assertEquals("True DevicesChanged", rig.cluster().condition("web", "RestartRequired"));
    assertTrue(Files.exists(file(uid, "cache")));
    rig.cluster().power("web", "Stopped");
    awaitState("cache", "");
    assertFalse(Files.exists(file(uid, "cache")));
    assertTrue(Files.exists(file(uid, "logs")));
    assertEquals("", rig.cluster().condition("web", "RestartRequired"));
  }

  @Test
  void machineThatTakesNoMore_getsItsDiskWithTheNextStart() throws Exception {
    String uid = running(LOGS);
    hypervisor.limitDataDisks(1);
    disks(LOGS + "," + CACHE);
    awaitState("cache", "Waiting");
    assertEquals("True DevicesChanged", rig.cluster().condition("web", "RestartRequired"));
    rig.cluster().power("web", "Stopped");
    rig.awaitRunning("web", "False Stopped");
    rig.cluster().power("web", "Running");
    rig.awaitRunning("web", "True Started");
    assertEquals(Set.of("logs", "cache"), hypervisor.dataDisks(uid));
    awaitState("cache", "Attached");
  }

  @Test
  void disk_grows_andNeverShrinks() throws Exception {
    running(LOGS);
    disks("{\"name\": \"logs\", \"sizeGiB\": 3}");
    MachinesRig.eventually(() ->
        rig.cluster().get("vms", "web").at("/status/disks/0/sizeBytes").asLong(0) == 3L << 30);
    assertEquals(3L << 30, hypervisor.grownTo(Path.of("logs")));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "agent.disk.afterMake",
        "agent.disk.afterAttach",
        "agent.disk.afterDetach",
        "agent.disk.afterDelete"
      })
  void agentKilled_atAnyStep_endsWithTheDisksOfTheSpec(String fault) throws Exception {
    String uid = running(CACHE);
    rig.killAt(fault, 1);
    disks(LOGS);
    rig.awaitKilled();
    rig.restart();
    awaitState("logs", "Attached");
    awaitState("cache", "");
    assertEquals(Set.of("logs"), hypervisor.dataDisks(uid));
    assertFalse(Files.exists(file(uid, "cache")));
    rig.delete("vms", "web");
    MachinesRig.eventually(() -> !rig.cluster().exists("vms", "web"));
    assertFalse(Files.exists(file(uid, "logs")));
  }
}
