package dev.otherix.ctl.noun;

import dev.otherix.apimachinery.client.ApiClient;
import dev.otherix.apimachinery.object.GroupVersionResource;
import dev.otherix.apimachinery.object.ObjectKey;
import dev.otherix.ctl.connect.Session;
import dev.otherix.ctl.failure.Exit;
import dev.otherix.ctl.progress.Durations;
import dev.otherix.ctl.progress.Terminal;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Empties a node.
@Command(
    name = "drain",
    description = "Empties a node; it stays cordoned.",
    mixinStandardHelpOptions = true)
final class DrainCommand implements Callable<Integer> {
  private final Session session;
  private final Terminal terminal;

  @Spec private CommandLine.Model.CommandSpec spec;
  @Mixin private Tasks tasks;

  @Parameters(paramLabel = "NAME", description = "Of the node.")
  private String name;

  @Option(
      names = "--timeout",
      paramLabel = "DURATION",
      converter = Durations.class,
      description = "How long the drain may take. Default: the cluster's")
  private @Nullable Duration timeout;

  @Option(names = "--stop", description = "Stop machines that cannot move.")
  private boolean stop;

  DrainCommand(Session session, Terminal terminal) {
    this.session = session;
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws InterruptedException {
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    if (timeout != null) {
      body.put("timeoutSeconds", timeout.toSeconds());
    }
    if (stop) {
      body.put("stop", true);
    }
    ApiClient client = session.client();
    ObjectNode task =
        client
            .resource(new GroupVersionResource("otherix", "v1", "nodes"))
            .perform(ObjectKey.clusterScoped(name), "drain", body);
    PrintWriter out = spec.commandLine().getOut();
    out.println(Tasks.line("drain", task));
    out.flush();
    if (tasks.wait) {
      tasks.await(client, List.of(task), terminal, spec.commandLine().getErr());
    }
    return Exit.OK.code();
  }
}
