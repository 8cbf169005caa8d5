package dev.otherix.ctl.config;

import dev.otherix.apimachinery.client.Cluster;
import dev.otherix.apimachinery.client.ClusterFile;
import dev.otherix.apimachinery.client.Kubeconfig;
import dev.otherix.ctl.connect.Session;
import dev.otherix.ctl.failure.CommandFailure;
import dev.otherix.ctl.failure.Exit;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// Takes a cluster over from a kubeconfig.
@Command(
    name = "import-kubeconfig",
    description = "Takes a cluster over from a kubeconfig, and makes it the current one.",
    mixinStandardHelpOptions = true)
public final class ImportCommand implements Callable<Integer> {
  private final Session session;

  @Spec private CommandLine.Model.CommandSpec spec;

  @Parameters(paramLabel = "FILE", description = "The kubeconfig.")
  private Path file;

  @Option(
      names = "--name",
      required = true,
      paramLabel = "NAME",
      description = "What the cluster is called here.")
  private String name;

  @Option(
      names = "--context",
      paramLabel = "CONTEXT",
      description = "Of the kubeconfig. Default: its current one")
  private String context = "";

  @Option(names = "--force", description = "Replace a cluster of the same name.")
  private boolean force;

  public ImportCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    ClusterFile clusters = ClusterFile.read(session.configFile());
    if (clusters.find(name).isPresent() && !force) {
      throw new CommandFailure(
          Exit.CONFLICT, "cluster " + name + " is known already; replace it with --force");
    }
    try {
      Cluster cluster = Cluster.of(name, Kubeconfig.read(file, context));
      clusters.with(cluster, true).write(session.configFile());
      spec.commandLine()
          .getOut()
          .println("cluster added: name=" + name + " server=" + cluster.server() + " current=true");
    } catch (IOException e) {
      throw new CommandFailure("cannot read " + file + ": " + e.getMessage(), e);
    }
    return Exit.OK.code();
  }
}
