package dev.otherix.ctl.config;

import dev.otherix.apimachinery.client.ClusterFile;
import dev.otherix.ctl.connect.Session;
import dev.otherix.ctl.failure.Exit;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// Makes another cluster the current one.
@Command(
    name = "use",
    description = "Makes a cluster the current one.",
    mixinStandardHelpOptions = true)
public final class UseCommand implements Callable<Integer> {
  private final Session session;

  @Spec private CommandLine.Model.CommandSpec spec;

  @Parameters(paramLabel = "NAME", description = "Of the cluster.")
  private String name;

  public UseCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    ClusterFile file = ClusterFile.read(session.configFile());
    KnownCluster.named(file, name, session);
    file.using(name).write(session.configFile());
    spec.commandLine().getOut().println("current cluster: " + name);
    return Exit.OK.code();
  }
}
