package dev.otherix.agent;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.otherix.agent.images.ImageLimits;
import dev.otherix.agent.qemu.QemuHypervisor;
import dev.otherix.agent.qemu.SerialReader;
import dev.otherix.agent.qemu.TriedHost;
import dev.otherix.apimachinery.client.DeleteOptions;
import dev.otherix.apimachinery.client.Pause;
import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.object.ObjectKey;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// From an object on a server to a guest that boots, with this machine's QEMU.
@Tag("slow")
final class QemuAgentTest {
  private static final Duration PATIENCE = Duration.ofSeconds(90);

  @TempDir private Path temp;
  private AgentCluster cluster;
  private QemuHypervisor hypervisor;
  private Path image;
  private Agent agent;

  @BeforeEach
  void start() throws Exception {
    cluster = new AgentCluster();
    cluster.node();
    cluster.pool(temp.resolve("pools/main"));
    image = TestGuest.image();
    hypervisor = QemuHypervisor.onThisHost(TriedHost.in(temp.resolve("vms")), Pause.real());
    agent = startAgent();
  }

  @AfterEach
  void stop() throws Exception {
    agent.close();
    for (String uid : hypervisor.running()) {
      hypervisor.kill(uid);
    }
    cluster.close();
  }

  private Agent startAgent() throws Exception {
    AgentOptions options =
        new AgentOptions(
            AgentCluster.NODE,
            temp,
            "amd64",
            "test",
            hypervisor,
            null,
            ImageLimits.DEFAULT.withFolders(List.of(image.resolveSibling(""))),
            InstantSource.system(),
            new Random(7),
            Pause.real());
    return Agent.start(options, cluster.client());
  }

  private void awaitRunning(String reason) {
    await().atMost(PATIENCE).until(() -> cluster.condition("web", "Running").equals(reason));
  }

  @Test
  void machine_itsWholeLife_isWhatTheObjectSays() throws Exception {
    String userData = "#cloud-config\\nruncmd:\\n  - echo HELLO-FROM-USER-DATA\\n";
    String uid = cluster.vm("web", image, "\"diskGiB\": 1, \"userData\": \"" + userData + "\",");
    awaitRunning("True Started");
    Path console = temp.resolve("vms/" + uid + "/run/serial.sock");
    try (SerialReader serial = SerialReader.of(console)) {
      await().atMost(PATIENCE).until(() -> serial.text().contains("OTHERIX-READY"));
      String text = serial.text();
      for (String each :
          List.of(
              "HELLO-FROM-USER-DATA",
              "hostname=web",
              "instance=iid-otherix-" + uid,
              "boots=1",
              "disk=" + (1L << 30))) {
        assertEquals(true, text.contains(each), each + " in " + text);
      }
      cluster
          .resource("vms")
          .mergePatch(
              ObjectKey.clusterScoped("web"), "", Json.parseObject("{\"spec\": {\"diskGiB\": 2}}"));
      await()
          .atMost(PATIENCE)
          .until(() -> cluster.get("vms", "web").at("/status/diskSizeBytes").asLong(0) == 2L << 30);
      serial.type("echo grown=$(($(cat /sys/class/block/vda/size) * 512))\r");
      await().atMost(PATIENCE).until(() -> serial.text().contains("grown=" + (2L << 30)));
      // An agent that comes later finds the machine; the guest notices nothing.
      agent.close();
      assertEquals(Set.of(uid), hypervisor.running());
      agent = startAgent();
      cluster.task("reset", "vm.reset", "web");
      await().atMost(PATIENCE).until(() -> serial.text().contains("boots=2"));
      assertEquals("success", cluster.taskPhase("reset"));
    }
    cluster.power("web", "Stopped");
    awaitRunning("False Stopped");
    assertEquals(Set.of(), hypervisor.running());
    cluster.power("web", "Running");
    awaitRunning("True Started");
    cluster.power("web", "Paused");
    awaitRunning("False Paused");
    cluster.resource("vms").delete(ObjectKey.clusterScoped("web"), DeleteOptions.DEFAULT);
    await().atMost(PATIENCE).until(() -> !cluster.exists("vms", "web"));
    assertEquals(Set.of(), hypervisor.running());
    assertFalse(Files.exists(temp.resolve("pools/main/vms/" + uid)));
  }

  @Test
  void machine_whoseProcessIsKilled_isStartedAgainOnTheSameDisk() throws Exception {
    String uid = cluster.vm("web", image, "");
    awaitRunning("True Started");
    Path console = temp.resolve("vms/" + uid + "/run/serial.sock");
    try (SerialReader serial = SerialReader.of(console)) {
      await().atMost(PATIENCE).until(() -> serial.text().contains("boots=1"));
    }
    String before = cluster.get("vms", "web").at("/status/lastStartedAt").asString("");
    hypervisor.kill(uid);
    await()
        .atMost(PATIENCE)
        .until(() ->
            hypervisor.running().contains(uid)
                && !cluster
                    .get("vms", "web")
                    .at("/status/lastStartedAt")
                    .asString("")
                    .equals(before));
    try (SerialReader serial = SerialReader.of(console)) {
      await().atMost(PATIENCE).until(() -> serial.text().contains("boots=2"));
    }
  }
}
