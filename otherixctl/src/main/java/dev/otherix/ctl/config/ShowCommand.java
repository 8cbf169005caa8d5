package dev.otherix.ctl.config;

import dev.otherix.apimachinery.client.Cluster;
import dev.otherix.apimachinery.client.ClusterFile;
import dev.otherix.ctl.connect.Session;
import dev.otherix.ctl.failure.Exit;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// Shows what is known of a cluster.
@Command(
    name = "show",
    description = "Shows what is known of a cluster, without its secrets.",
    mixinStandardHelpOptions = true)
public final class ShowCommand implements Callable<Integer> {
  private final Session session;

  @Spec private CommandLine.Model.CommandSpec spec;

  @Parameters(arity = "0..1", paramLabel = "NAME", description = "Default: the current one.")
  private String name = "";

  @Option(names = "--show-token", description = "The token too.")
  private boolean showToken;

  public ShowCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    ClusterFile file = ClusterFile.read(session.configFile());
    Cluster cluster = KnownCluster.namedOrCurrent(file, name, session);
    PrintWriter out = spec.commandLine().getOut();
    out.println("name: " + cluster.name());
    out.println("server: " + cluster.server());
    out.println("current: " + cluster.name().equals(file.current()));
    out.println("token: " + (showToken ? cluster.token() : given(cluster.token())));
    out.println("token_id: " + (cluster.tokenId().isEmpty() ? "<unset>" : cluster.tokenId()));
    out.println("certificate_authority: " + given(cluster.authority()));
    out.println("client_certificate: " + given(cluster.certificate()));
    out.flush();
    return Exit.OK.code();
  }

  private static String given(String value) {
    return value.isEmpty() ? "<unset>" : "<set>";
  }
}
