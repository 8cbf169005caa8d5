package dev.otherix.ctl.config;

import dev.otherix.apimachinery.client.Cluster;
import dev.otherix.apimachinery.client.ClusterAuthority;
import dev.otherix.apimachinery.client.ClusterFile;
import dev.otherix.apimachinery.client.Transport;
import dev.otherix.ctl.connect.Session;
import dev.otherix.ctl.failure.Exit;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// Takes over whom a cluster trusts now.
@Command(
    name = "update-ca",
    description = {
      "Has the configuration trust the CAs that the cluster trusts now.",
      "The server must be one that is trusted already; see: otherixctl cert rotate-ca --help"
    },
    mixinStandardHelpOptions = true)
public final class UpdateCaCommand implements Callable<Integer> {
  private final Session session;

  @Spec private CommandLine.Model.CommandSpec spec;

  @Parameters(
      paramLabel = "NAME",
      arity = "0..1",
      description = "Of the cluster. Default: the current one")
  private String name = "";

  public UpdateCaCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() throws InterruptedException {
    ClusterFile file = ClusterFile.read(session.configFile());
    Cluster cluster = KnownCluster.namedOrCurrent(file, name, session);
    String bundle;
    try (Transport transport = cluster.connect()) {
      bundle = ClusterAuthority.current(transport).bundle();
    }
    boolean same = bundle.equals(cluster.authority());
    if (!same) {
      file.with(cluster.withAuthority(bundle), false).write(session.configFile());
    }
    spec.commandLine()
        .getOut()
        .println(
            "cluster " + cluster.name() + (same ? ": nothing is new" : ": the CAs were replaced"));
    return Exit.OK.code();
  }
}
