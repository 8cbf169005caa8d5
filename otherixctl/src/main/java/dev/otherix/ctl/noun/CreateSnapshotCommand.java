package dev.otherix.ctl.noun;

import dev.otherix.apimachinery.client.ApiClient;
import dev.otherix.apimachinery.client.ResourceClient;
import dev.otherix.ctl.connect.Session;
import dev.otherix.ctl.failure.Exit;
import dev.otherix.ctl.progress.Durations;
import dev.otherix.ctl.progress.Readiness;
import dev.otherix.ctl.progress.Terminal;
import dev.otherix.ctl.progress.Waiting;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.node.ObjectNode;

/// Takes a snapshot of a machine's disks.
@Command(
    description = "Takes a snapshot of a machine's disks, while it runs or not.",
    mixinStandardHelpOptions = true)
final class CreateSnapshotCommand implements Callable<Integer> {
  private final Session session;
  private final Terminal terminal;

  @Spec private CommandLine.Model.CommandSpec spec;

  @Parameters(paramLabel = "VM", description = "The machine.")
  private String machine;

  @Option(
      names = "--name",
      paramLabel = "NAME",
      description = "Of the snapshot. Default: the machine's, completed by the server.")
  private @Nullable String name;

  @Option(names = "--description", paramLabel = "TEXT", description = "For people.")
  private @Nullable String description;

  @Option(
      names = "--consistency",
      paramLabel = "LEVEL",
      description =
          "best-effort freezes the guest's file systems for a moment if its agent answers,"
              + " filesystem-consistent fails otherwise, crash-consistent does not ask. Default:"
              + " best-effort")
  private @Nullable String consistency;

  @Option(
      names = "--disks",
      paramLabel = "WHICH",
      description = "all of the machine, or boot for the boot disk alone. Default: all")
  private @Nullable String disks;

  @Option(names = "--wait", description = "Wait until it is whole.")
  private boolean wait;

  @Option(
      names = "--wait-timeout",
      paramLabel = "DURATION",
      converter = Durations.class,
      description = "How long to wait; the server goes on anyway. Default: 10m")
  private Duration timeout = Duration.ofMinutes(10);

  CreateSnapshotCommand(Session session, Terminal terminal) {
    this.session = session;
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws InterruptedException {
    ApiClient client = session.client();
    NewObject snapshot =
        new NewObject("VMSnapshot", "vmsnapshots", name == null ? machine + "-" : name)
            .with("vmName", machine)
            .with("description", description)
            .with("consistency", consistency)
            .with("disks", disks);
    ObjectNode made = snapshot.send(client);
    String title = made.at("/metadata/name").asString("");
    PrintWriter out = spec.commandLine().getOut();
    out.println(
        "created snapshot="
            + title
            + " id="
            + made.at("/metadata/uid").asString("")
            + " status="
            + made.at("/status/phase").asString("pending"));
    out.flush();
    if (wait) {
      ResourceClient snapshots = client.resource(snapshot.resource());
      new Waiting(
              terminal,
              spec.commandLine().getErr(),
              "the server goes on; see how far it is with: otherixctl snapshot get " + title)
          .add(
              "VMSnapshot/" + title,
              () ->
                  snapshots
                      .find(ResourceClient.keyOf(made))
                      .map(Readiness::of)
                      .orElse(new Readiness.Failed("it was deleted meanwhile")))
          .run(timeout);
      out.println("snapshot ready name=" + title);
    }
    return Exit.OK.code();
  }
}
