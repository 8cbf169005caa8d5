package dev.otherix.ctl;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.agent.qemu.QemuHypervisor;
import dev.otherix.apimachinery.client.ByteSocket;
import dev.otherix.apimachinery.client.Pause;
import dev.otherix.apimachinery.object.ObjectKey;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.ObjectNode;

/// The streams of a guest that this machine's QEMU boots.
@Tag("slow")
final class QemuStreamsTest {
  private static final Duration PATIENCE = Duration.ofSeconds(90);

  @TempDir Path folder;
  private QemuHypervisor hypervisor;
  private NodeScene scene;

  @BeforeEach
  void start() throws Exception {
    Path machines = Files.createDirectories(folder.resolve("agent/vms"));
    hypervisor = QemuHypervisor.onThisHost(machines, Pause.real());
    scene = new NodeScene(folder, hypervisor, guest());
    scene.machine("web");
  }

  private static Path guest() throws IOException, InterruptedException {
    Process process = new ProcessBuilder("../hack/image/build").start();
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      String last = lines.readAllLines().getLast();
      assertEquals(0, process.waitFor());
      return Path.of(last);
    }
  }

  @AfterEach
  void stop() throws InterruptedException {
    scene.close();
    for (String each : hypervisor.running()) {
      hypervisor.kill(each);
    }
  }

  private ByteSocket open(String stream) throws InterruptedException {
    ObjectNode ticket =
        scene.admin().resource(NodeScene.VMS).perform(ObjectKey.clusterScoped("web"), stream, null);
    return scene.admin().socket("/v1/streams", "token=" + ticket.path("token").asString(""));
  }

  private static void awaitText(ByteSocket socket, String text) throws InterruptedException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    while (!all.toString(StandardCharsets.UTF_8).contains(text)) {
      byte[] part = socket.receive();
      assertNotNull(part, () -> "ended after: " + all.toString(StandardCharsets.UTF_8));
      all.writeBytes(part);
    }
  }

  private static void type(ByteSocket socket, String text) throws InterruptedException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    socket.send(bytes, 0, bytes.length);
  }

  private String log(String query) throws InterruptedException {
    byte[] text = scene.admin().raw("GET", "/apis/otherix/v1/vms/web/log", query, null);
    return new String(text, StandardCharsets.UTF_8);
  }

  @Test
  void console_screenAndLog_ofARealGuest() throws Exception {
    try (ByteSocket console = open("console")) {
      awaitText(console, "OTHERIX-READY");
      awaitText(console, "guest# ");
      type(console, "echo sum=$((20+22))\r");
      awaitText(console, "sum=42");
    }
    await().atMost(PATIENCE).until(() -> log("tail=5").contains("sum=42"));
    assertTrue(log("").contains("OTHERIX-READY"));
    try (ByteSocket screen = open("vnc")) {
      awaitText(screen, "RFB 003.");
    }
    // Another agent finds the guest where it was.
    scene.stopAgent();
    scene.startAgentAgain();
    await()
        .atMost(PATIENCE)
        .ignoreExceptions()
        .until(() -> {
          try (ByteSocket again = open("console")) {
            awaitText(again, "sum=42");
            type(again, "echo again=$((1+1))\r");
            awaitText(again, "again=2");
            return true;
          }
        });
  }

  @Test
  void consoleCommand_underATerminal_leavesItAsItWas() throws Exception {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    Path script = folder.resolve("session.sh");
    Files.writeString(
        script,
        """
        before=$(stty -g)
        "%s" -cp "$CP" dev.otherix.ctl.Otherixctl vm console web
        echo "exit=$?"
        [ "$before" = "$(stty -g)" ] && echo "terminal=same"
        """
            .formatted(java));
    ProcessBuilder builder =
        new ProcessBuilder("script", "-qec", "sh " + script, "/dev/null").redirectErrorStream(true);
    builder.environment().put("CP", System.getProperty("java.class.path"));
    builder.environment().put("OTHERIX_SERVER", scene.endpoint());
    Process session = builder.start();
    ByteArrayOutputStream shown = new ByteArrayOutputStream();
    Thread reader =
        Thread.ofVirtual()
            .start(() -> {
              try {
                session.getInputStream().transferTo(shown);
              } catch (IOException e) {
                throw new IllegalStateException(e);
              }
            });
    try {
      await()
          .atMost(PATIENCE)
          .until(() -> shown.toString(StandardCharsets.UTF_8).contains("guest# "));
      session.outputWriter().write("echo sum=$((20+22))\r");
      session.outputWriter().flush();
      await()
          .atMost(PATIENCE)
          .until(() -> shown.toString(StandardCharsets.UTF_8).contains("sum=42"));
      session.outputWriter().write("\u001d");
      session.outputWriter().flush();
      assertTrue(session.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS));
      reader.join();
    } finally {
      session.destroyForcibly();
    }
    String all = shown.toString(StandardCharsets.UTF_8);
    for (String each : new String[] {"detached from web", "exit=0", "terminal=same"}) {
      assertTrue(all.contains(each), each + " in " + all);
    }
  }
}
