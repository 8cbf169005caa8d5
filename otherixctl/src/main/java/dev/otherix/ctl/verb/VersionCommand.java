package dev.otherix.ctl.verb;

import dev.otherix.ctl.connect.Session;
import dev.otherix.ctl.failure.Exit;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.node.ObjectNode;

/// Tells the versions of both sides.
@Command(
    name = "version",
    description = "Tells the versions of this tool and of the server.",
    mixinStandardHelpOptions = true)
public final class VersionCommand implements Callable<Integer> {
  private final Session session;
  private final String own;

  @Spec private CommandLine.Model.CommandSpec spec;

  @Option(names = "--client", description = "This tool's only; asks no server.")
  private boolean clientOnly;

  /// @param own this build's
  public VersionCommand(Session session, String own) {
    this.session = session;
    this.own = own;
  }

  @Override
  public Integer call() throws InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    out.println("client: " + own);
    out.flush();
    if (!clientOnly && session.hasTarget()) {
      ObjectNode version = session.client().getRaw("/version");
      out.println("server: " + version.path("gitVersion").asString("unknown"));
    } else if (!clientOnly) {
      out.println("server: none is known");
    }
    out.flush();
    return Exit.OK.code();
  }
}
