package dev.otherix.agent.kill;

import dev.otherix.agent.Agent;
import dev.otherix.agent.AgentCluster;
import dev.otherix.agent.AgentOptions;
import dev.otherix.agent.images.ImageLimits;
import dev.otherix.agent.qemu.QemuHypervisor;
import dev.otherix.apimachinery.client.ApiClient;
import dev.otherix.apimachinery.client.ClientOptions;
import dev.otherix.apimachinery.client.Http1Transport;
import dev.otherix.apimachinery.client.Pause;
import dev.otherix.apimachinery.fault.Fault;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Level;
import java.util.logging.Logger;

/// The process that is killed: an agent with this machine's QEMU. It begins with the first line
/// that it is sent, so that it can be there before it is needed. Each line is a number N and names:
/// it stops at the N-th fault point that it passes from then on, those with these names not
/// counted, and says which; 0 lets it pass all.
///
/// Arguments: its folder, the server's socket, the classes that have fault points.
final class KilledAgent {
  private static final AtomicInteger LEFT = new AtomicInteger();
  private static volatile List<String> uncounted = List.of();

  private KilledAgent() {}

  static void main(String[] arguments) throws Exception {
    Logger.getLogger("").setLevel(Level.WARNING);
    for (String each : FaultPoints.of(List.of(arguments[2].split(",")))) {
      Fault.arm(each, () -> passed(each));
    }
    Path folder = Path.of(arguments[0]);
    AgentOptions options =
        new AgentOptions(
            AgentCluster.NODE,
            folder,
            "amd64",
            "test",
            QemuHypervisor.onThisHost(AgentOptions.machines(folder), Pause.real()),
            null,
            ImageLimits.DEFAULT.withPrivateHosts(List.of("127.0.0.1")),
            InstantSource.system(),
            new Random(7),
            Pause.real());
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    if (in.readLine() == null) {
      return;
    }
    try (ApiClient client =
            new ApiClient(Http1Transport.unix(Path.of(arguments[1])), ClientOptions.of("test"));
        Agent _ = Agent.start(options, client)) {
      say("ready");
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        List<String> words = List.of(line.split(" "));
        uncounted = words.subList(1, words.size());
        LEFT.set(Integer.parseInt(words.getFirst()));
        say("armed");
      }
    }
  }

  private static void passed(String point) {
    if (!uncounted.contains(point) && LEFT.get() > 0 && LEFT.decrementAndGet() == 0) {
      say("at " + point);
      try {
        new CountDownLatch(1).await();
      } catch (InterruptedException e) {
        throw new IllegalStateException("interrupted while waiting to be killed", e);
      }
    }
  }

  private static void say(String line) {
    synchronized (KilledAgent.class) {
      System.out.println(line);
      System.out.flush();
    }
  }
}
