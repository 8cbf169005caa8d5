package dev.otherix.ctl.noun;

import dev.otherix.ctl.connect.Session;
import dev.otherix.ctl.failure.Exit;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// Creates a storage pool.
@Command(name = "create", description = "Creates a storage pool.", mixinStandardHelpOptions = true)
final class CreatePoolCommand implements Callable<Integer> {
  private final Session session;

  @Spec private CommandLine.Model.CommandSpec spec;

  @Parameters(paramLabel = "NAME", description = "Of the pool.")
  private String name;

  @Option(
      names = "--node",
      required = true,
      split = ",",
      paramLabel = "NAME",
      description = "The node, or the nodes, that have it.")
  private List<String> nodes;

  @Option(
      names = "--path",
      required = true,
      paramLabel = "PATH",
      description = "The folder on each node.")
  private String path;

  @Option(names = "--type", paramLabel = "TYPE", description = "local_dir.")
  private @Nullable String type;

  CreatePoolCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() throws InterruptedException {
    NewObject pool =
        new NewObject("StoragePool", "storagepools", name).with("type", type).with("path", path);
    NewObject placed =
        nodes.size() == 1 ? pool.with("node", nodes.getFirst()) : pool.with("nodeList", nodes);
    placed.send(session.client());
    spec.commandLine().getOut().println("created pool=" + name);
    return Exit.OK.code();
  }
}
