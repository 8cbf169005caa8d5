package dev.otherix.ctl.noun;

import dev.otherix.apimachinery.client.DeleteOptions;
import dev.otherix.apimachinery.client.ResourceClient;
import dev.otherix.apimachinery.object.GroupVersionResource;
import dev.otherix.apimachinery.object.ObjectKey;
import dev.otherix.ctl.connect.Session;
import dev.otherix.ctl.failure.Exit;
import dev.otherix.ctl.manifest.Deletion;
import dev.otherix.ctl.manifest.Doomed;
import dev.otherix.ctl.progress.Durations;
import dev.otherix.ctl.progress.Terminal;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Takes a node out of the cluster.
@Command(
    name = "delete",
    description = "Takes a node out of the cluster; drain it first.",
    mixinStandardHelpOptions = true)
final class DeleteNodeCommand implements Callable<Integer> {
  private static final String FORCE = "otherix/force-removal";

  private final Session session;
  private final Terminal terminal;

  @Spec private CommandLine.Model.CommandSpec spec;

  @Parameters(paramLabel = "NAME", description = "Of the node.")
  private String name;

  @Option(names = "--force", description = "Even if machines are on it: they become orphans.")
  private boolean force;

  @Option(
      names = "--timeout",
      paramLabel = "DURATION",
      converter = Durations.class,
      description = "How long to wait until it is gone. Default: 5m")
  private Duration timeout = Duration.ofMinutes(5);

  DeleteNodeCommand(Session session, Terminal terminal) {
    this.session = session;
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws InterruptedException {
    PrintWriter err = spec.commandLine().getErr();
    if (!force && terminal.interactive() && !terminal.confirm("delete node " + name + "?", err)) {
      return Exit.OK.code();
    }
    ResourceClient nodes =
        session.client().resource(new GroupVersionResource("otherix", "v1", "nodes"));
    ObjectKey key = ObjectKey.clusterScoped(name);
    if (force) {
      ObjectNode patch = JsonNodeFactory.instance.objectNode();
      patch.putObject("metadata").putObject("annotations").put(FORCE, "true");
      nodes.mergePatch(key, "", patch);
    }
    new Deletion(DeleteOptions.DEFAULT, false, terminal)
        .run(
            List.of(List.of(new Doomed("Node/" + name, nodes, key, false))),
            timeout,
            spec.commandLine().getOut(),
            err);
    return Exit.OK.code();
  }
}
