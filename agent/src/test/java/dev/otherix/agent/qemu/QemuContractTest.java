package dev.otherix.agent.qemu;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.otherix.agent.TestGuest;
import dev.otherix.agent.hypervisor.Hypervisor;
import dev.otherix.agent.hypervisor.HypervisorContract;
import dev.otherix.agent.hypervisor.MachinePlan;
import dev.otherix.apimachinery.client.Pause;
import dev.otherix.apimachinery.codec.Json;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;

@Tag("slow")
final class QemuContractTest extends HypervisorContract {
  @Override
  protected Hypervisor open(Path folder) throws InterruptedException {
    return QemuHypervisor.onThisHost(TriedHost.in(folder), Pause.real());
  }

  @Override
  protected Path disk(Path folder) throws Exception {
    Path disk = folder.resolve("disk.qcow2");
    Process made =
        new ProcessBuilder(
                "qemu-img",
                "create",
                "-q",
                "-f",
                "qcow2",
                "-F",
                "qcow2",
                "-b",
                TestGuest.image().toString(),
                disk.toString())
            .inheritIO()
            .start();
    assertEquals(0, made.waitFor());
    return disk;
  }

  @Override
  protected long bytes(Path disk) throws Exception {
    Process shown =
        new ProcessBuilder("qemu-img", "info", "--output=json", disk.toString()).start();
    byte[] told = shown.getInputStream().readAllBytes();
    assertEquals(0, shown.waitFor());
    return Json.parseObject(new String(told, StandardCharsets.UTF_8)).path("virtual-size").asLong();
  }

  @Override
  protected void awaitBooted(MachinePlan.Place place) {
    await().atMost(PATIENCE).until(() -> text(place.consoleLog()).contains("guest# "));
  }
}
