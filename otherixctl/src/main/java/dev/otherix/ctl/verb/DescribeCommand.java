package dev.otherix.ctl.verb;

import dev.otherix.apimachinery.client.ApiClient;
import dev.otherix.apimachinery.client.ListOptions;
import dev.otherix.apimachinery.client.ResourceClient;
import dev.otherix.apimachinery.object.ObjectKey;
import dev.otherix.ctl.connect.Session;
import dev.otherix.ctl.failure.CommandFailure;
import dev.otherix.ctl.failure.Exit;
import dev.otherix.ctl.print.Description;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.node.ObjectNode;

/// Tells everything about objects: fields, conditions, and what happened to them.
@Command(
    name = "describe",
    description = "Tells everything about objects: fields, conditions, recent events.",
    mixinStandardHelpOptions = true)
public final class DescribeCommand implements Callable<Integer> {
  private static final int PAGE_ITEMS = 500;

  private final Session session;

  @Spec private CommandLine.Model.CommandSpec spec;

  @Parameters(
      arity = "1..*",
      paramLabel = "KIND [NAME...] | KIND/NAME...",
      description = "Which objects; all of the kind when no name is given.")
  private List<String> what;

  @Option(
      names = {"-l", "--selector"},
      paramLabel = "LABELS",
      description = "Only objects with these labels.")
  private String labels = "";

  public DescribeCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() throws InterruptedException {
    ApiClient client = session.client();
    List<ObjectNode> found = new ArrayList<>();
    for (Wanted each : Wanted.parse(what, Types.remembered(session, what), session.namespace())) {
      ResourceClient objects = client.resource(each.type().resource());
      for (ObjectKey key : each.keys()) {
        found.add(objects.get(key));
      }
      if (each.names().isEmpty()) {
        objects.forEach(
            ListOptions.ALL
                .inNamespace(each.namespace())
                .withSelectors(labels, "")
                .withLimit(PAGE_ITEMS),
            found::add);
      }
    }
    if (found.isEmpty()) {
      throw new CommandFailure(Exit.NOT_FOUND, "there is none; see: otherixctl get");
    }
    PrintWriter out = spec.commandLine().getOut();
    String gap = "";
    for (ObjectNode each : found) {
      out.print(gap + Description.of(each, Events.about(client, each)));
      gap = "\n\n";
    }
    out.flush();
    return Exit.OK.code();
  }
}
