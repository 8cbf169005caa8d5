package dev.otherix.agent.machines;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.otherix.agent.AgentCluster;
import dev.otherix.agent.simulated.SimulatedHypervisor;
import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.object.ObjectKey;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.ObjectNode;

/// Interfaces of machines that run; what the network controller would do is done by hand.
final class InterfacesTest {
  @TempDir private Path temp;
  private final SimulatedHypervisor hypervisor = new SimulatedHypervisor();
  private MachinesRig rig;
  private String uid;

  @BeforeEach
  void start() throws Exception {
    Path offered = Files.createDirectory(temp.resolve("offered"));
    Path image = Files.write(offered.resolve("a.img"), new byte[65_536]);
    rig = new MachinesRig(temp, hypervisor, offered);
    uid = rig.cluster().vm("web", image, "\"powerState\": \"Stopped\",");
    port(0);
    interfaces(1);
    rig.awaitRunning("web", "False Stopped");
    rig.cluster().power("web", "Running");
    interfaces(1);
    rig.awaitRunning("web", "True Started");
  }

  @AfterEach
  void stop() {
    rig.close();
  }

  private void port(int order) throws InterruptedException {
    rig.cluster()
        .resource("ports")
        .create(
            Json.parseObject(
                """
                {"apiVersion": "otherix/v1", "kind": "Port",
                 "metadata": {"name": "web-%d", "ownerReferences": [{"apiVersion": "otherix/v1",
                   "kind": "VM", "name": "web", "uid": "%s"}]},
                 "spec": {"vmName": "web", "order": %d, "network": "lab", "nodeName": "%s",
                   "macAddress": "02:00:00:00:00:0%d"}}
                """
                    .formatted(order, uid, order, AgentCluster.NODE, order)));
  }

  /// What the network controller says when all ports of the present spec are there.
  private void interfaces(int count) throws InterruptedException {
    StringBuilder nics = new StringBuilder();
    for (int i = 0; i < count; i++) {
      nics.append(i == 0 ? "" : ", ")
          .append("{\"network\": \"lab\", \"macAddress\": \"02:00:00:00:00:0" + i + "\"}");
    }
    var conditions = rig.cluster().get("vms", "web").at("/status/conditions").deepCopy();
    long generation = rig.cluster().get("vms", "web").at("/metadata/generation").asLong(0);
    conditions.forEach(each -> {
      if (each.path("type").asString("").equals("NetworkReady")) {
        ((ObjectNode) each).put("observedGeneration", generation);
      }
    });
    rig.cluster()
        .resource("vms")
        .mergePatch(
            ObjectKey.clusterScoped("web"),
            "status",
            Json.parseObject(
                "{\"status\": {\"nics\": [" + nics + "], \"conditions\": " + conditions + "}}"));
  }

  private void awaitNics(Set<Integer> orders) {
    MachinesRig.eventually(() -> hypervisor.nics(uid).equals(orders));
  }

  @Test
  void interface_comesAndGoes_withItsPort() throws Exception {
    assertEquals(Set.of(0), hypervisor.nics(uid));
    port(1);
    interfaces(2);
    awaitNics(Set.of(0, 1));
    rig.delete("ports", "web-1");
    interfaces(1);
    awaitNics(Set.of(0));
    assertEquals(1, hypervisor.starts(uid));
  }

  @Test
  void portsThatAreNotAllKnown_changeNothing() throws Exception {
    rig.delete("ports", "web-0");
    port(1);
    interfaces(2);
    rig.cluster().task("reset", "vm.reset", "web");
    rig.awaitTask("reset", "success");
    assertEquals(Set.of(0), hypervisor.nics(uid));
  }

  @Test
  void guestThatHoldsAnInterface_isTold() throws Exception {
    port(1);
    interfaces(2);
    awaitNics(Set.of(0, 1));
    hypervisor.holdDevices(true);
    rig.delete("ports", "web-1");
    interfaces(1);
    MachinesRig.eventually(
        () -> rig.cluster().condition("web", "RestartRequired").equals("True DevicesChanged"));
    hypervisor.holdDevices(false);
    interfaces(1);
    rig.restart();
    awaitNics(Set.of(0));
    MachinesRig.eventually(() -> rig.cluster().condition("web", "RestartRequired").isEmpty());
  }
}
