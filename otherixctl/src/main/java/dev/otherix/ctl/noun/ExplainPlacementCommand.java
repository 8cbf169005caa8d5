package dev.otherix.ctl.noun;

import dev.otherix.apimachinery.object.GroupVersionResource;
import dev.otherix.apimachinery.object.ObjectKey;
import dev.otherix.ctl.connect.Session;
import dev.otherix.ctl.failure.Exit;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Tells why a machine is where it is, or why it is nowhere.
@Command(
    name = "explain-placement",
    description = "Tells where a machine was placed, or why no node can take it.",
    mixinStandardHelpOptions = true)
final class ExplainPlacementCommand implements Callable<Integer> {
  private final Session session;

  @Spec private CommandLine.Model.CommandSpec spec;

  @Parameters(paramLabel = "NAME", description = "Of the machine.")
  private String name;

  ExplainPlacementCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() throws InterruptedException {
    ObjectNode vm =
        session
            .client()
            .resource(new GroupVersionResource("otherix", "v1", "vms"))
            .get(ObjectKey.clusterScoped(name));
    PrintWriter out = spec.commandLine().getOut();
    out.println("node: " + vm.at("/spec/nodeName").asString("<none>"));
    for (JsonNode condition : vm.at("/status/conditions")) {
      if (condition.path("type").asString("").equals("Scheduled")) {
        out.println("scheduled: " + condition.path("status").asString(""));
        out.println("reason: " + condition.path("reason").asString(""));
        out.println("message: " + condition.path("message").asString(""));
        return Exit.OK.code();
      }
    }
    out.println("scheduled: the scheduler has not looked at it yet");
    return Exit.OK.code();
  }
}
