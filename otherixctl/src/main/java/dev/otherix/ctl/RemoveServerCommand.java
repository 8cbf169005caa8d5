package dev.otherix.ctl;

import dev.otherix.ctl.connect.Session;
import dev.otherix.ctl.failure.Exit;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// Takes a server out of the cluster.
@Command(
    name = "remove",
    description = {
      "Takes a server out of a cluster whose servers run their etcds themselves. It ends, and does"
          + " not come back unless it joins again.",
      "Refused when the others would be without a majority, and while another one is joining."
    },
    mixinStandardHelpOptions = true)
final class RemoveServerCommand implements Callable<Integer> {
  private final Session session;

  @Spec private CommandLine.Model.CommandSpec spec;

  @Parameters(
      paramLabel = "NAME",
      description = "As server members shows it; of one that has not started, its ID.")
  private String name;

  RemoveServerCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() throws InterruptedException {
    session.client().raw("DELETE", "/v1/servers/members/" + name, "", null);
    spec.commandLine().getOut().println("removed server=" + name);
    return Exit.OK.code();
  }
}
