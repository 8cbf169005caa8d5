package dev.otherix.ctl.manifest;

import dev.otherix.apimachinery.client.ResourceClient;
import dev.otherix.apimachinery.object.ObjectKey;
import dev.otherix.ctl.progress.Durations;
import dev.otherix.ctl.progress.Readiness;
import dev.otherix.ctl.progress.Terminal;
import dev.otherix.ctl.progress.Waiting;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import picocli.CommandLine.Option;

/// Whether a command that sends objects waits until they are what they should be.
final class WaitOptions {
  @Option(
      names = "--wait",
      description = "Wait until the objects are ready: machines run, pools are usable.")
  boolean wait;

  @Option(
      names = "--wait-timeout",
      paramLabel = "DURATION",
      converter = Durations.class,
      description = "How long to wait; the server goes on anyway. Default: 5m")
  Duration timeout = Duration.ofMinutes(5);

  void await(List<PlanServer.Site> sites, Terminal terminal, PrintWriter err)
      throws InterruptedException {
    Waiting waiting =
        new Waiting(terminal, err, "the server goes on; see how far it is with: otherixctl get -w");
    for (PlanServer.Site site : sites) {
      waiting.add(title(site), () -> readiness(site.objects(), site.key()));
    }
    waiting.run(timeout);
  }

  private static String title(PlanServer.Site site) {
    return site.type().kind() + "/" + site.key().name();
  }

  private static Readiness readiness(ResourceClient objects, ObjectKey key)
      throws InterruptedException {
    return objects
        .find(key)
        .map(Readiness::of)
        .orElse(new Readiness.Failed("it was deleted meanwhile"));
  }
}
