package dev.otherix.ctl.noun;

import dev.otherix.apimachinery.client.ApiClient;
import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.object.GroupVersionResource;
import dev.otherix.apimachinery.object.ObjectKey;
import dev.otherix.ctl.connect.Session;
import dev.otherix.ctl.failure.CommandFailure;
import dev.otherix.ctl.failure.Exit;
import dev.otherix.ctl.progress.Terminal;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.node.ObjectNode;

/// Asks the server for an action on objects: start a machine, cordon a node.
@Command(mixinStandardHelpOptions = true)
final class ActionCommand implements Callable<Integer> {
  private final Session session;
  private final Terminal terminal;
  private final GroupVersionResource resource;
  private final String action;

  @Spec private CommandLine.Model.CommandSpec spec;
  @Mixin private Tasks tasks;

  @Parameters(arity = "1..*", paramLabel = "NAME", description = "On which.")
  private List<String> names;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      description = "text or json. Default: text")
  private String output = "text";

  ActionCommand(Session session, Terminal terminal, GroupVersionResource resource, String action) {
    this.session = session;
    this.terminal = terminal;
    this.resource = resource;
    this.action = action;
  }

  @Override
  public Integer call() throws InterruptedException {
    if (!List.of("text", "json").contains(output)) {
      throw new CommandFailure(
          Exit.USAGE, "-o does not know \"" + output + "\"; it takes text and json");
    }
    ApiClient client = session.client();
    PrintWriter out = spec.commandLine().getOut();
    List<ObjectNode> begun = new ArrayList<>();
    for (String name : names) {
      ObjectNode answer =
          client.resource(resource).perform(ObjectKey.clusterScoped(name), action, null);
      List<ObjectNode> made = Tasks.in(answer);
      begun.addAll(made);
      if (output.equals("json")) {
        out.println(Json.pretty(answer));
      } else if (made.isEmpty()) {
        out.println(action + " " + answer.path("kind").asString("") + "/" + name);
      } else {
        made.forEach(each -> out.println(Tasks.line(action, each)));
      }
      out.flush();
    }
    if (tasks.wait && !begun.isEmpty()) {
      tasks.await(client, begun, terminal, spec.commandLine().getErr());
    }
    return Exit.OK.code();
  }
}
