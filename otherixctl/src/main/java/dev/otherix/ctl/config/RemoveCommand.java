package dev.otherix.ctl.config;

import dev.otherix.apimachinery.client.ClusterFile;
import dev.otherix.ctl.connect.Session;
import dev.otherix.ctl.failure.CommandFailure;
import dev.otherix.ctl.failure.Exit;
import dev.otherix.ctl.progress.Terminal;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// Forgets a cluster.
@Command(
    name = "remove",
    description = {
      "Forgets a cluster. Its API token stays valid; revoke it with: otherixctl api-token revoke"
    },
    mixinStandardHelpOptions = true)
public final class RemoveCommand implements Callable<Integer> {
  private final Session session;
  private final Terminal terminal;

  @Spec private CommandLine.Model.CommandSpec spec;

  @Parameters(paramLabel = "NAME", description = "Of the cluster.")
  private String name;

  @Option(names = "--force", description = "Ask no question.")
  private boolean force;

  public RemoveCommand(Session session, Terminal terminal) {
    this.session = session;
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    ClusterFile file = ClusterFile.read(session.configFile());
    KnownCluster.named(file, name, session);
    PrintWriter err = spec.commandLine().getErr();
    if (!force) {
      if (!terminal.interactive()) {
        throw new CommandFailure(Exit.USAGE, "give --force: nobody can be asked here");
      }
      if (!terminal.confirm("forget cluster " + name + "?", err)) {
        return Exit.OK.code();
      }
    }
    ClusterFile left = file.without(name);
    left.write(session.configFile());
    spec.commandLine()
        .getOut()
        .println(
            "cluster removed: name="
                + name
                + " current="
                + (left.current().isEmpty() ? "<none>" : left.current()));
    return Exit.OK.code();
  }
}
