package dev.otherix.ctl.verb;

import dev.otherix.apimachinery.client.ApiClient;
import dev.otherix.apimachinery.client.ResourceClient;
import dev.otherix.apimachinery.object.ObjectKey;
import dev.otherix.ctl.connect.Session;
import dev.otherix.ctl.failure.CommandFailure;
import dev.otherix.ctl.failure.Exit;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Sets how many there should be, of kinds that can be scaled.
@Command(
    name = "scale",
    description = "Sets the number of replicas, of kinds that have one.",
    mixinStandardHelpOptions = true)
public final class ScaleCommand implements Callable<Integer> {
  private final Session session;

  @Spec private CommandLine.Model.CommandSpec spec;

  @Parameters(
      arity = "1..*",
      paramLabel = "KIND NAME... | KIND/NAME...",
      description = "Which objects.")
  private List<String> what;

  @Option(names = "--replicas", required = true, paramLabel = "N", description = "How many.")
  private int replicas;

  @Option(
      names = "--current-replicas",
      paramLabel = "N",
      description = "Only if there should be so many now.")
  private @Nullable Integer current;

  public ScaleCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() throws InterruptedException {
    ApiClient client = session.client();
    PrintWriter out = spec.commandLine().getOut();
    for (Wanted each : Wanted.named(what, Types.of(client), session.namespace())) {
      ResourceClient objects = client.resource(each.type().resource());
      for (ObjectKey key : each.keys()) {
        String title = each.type().kind() + "/" + key.name();
        ObjectNode patch = JsonNodeFactory.instance.objectNode();
        if (current != null) {
          ObjectNode scale = objects.get(key, "scale");
          long present = scale.at("/spec/replicas").asLong(0);
          if (present != current) {
            throw new CommandFailure(
                Exit.CONFLICT, title + " should have " + present + " replicas, not " + current);
          }
          patch
              .putObject("metadata")
              .put("resourceVersion", scale.at("/metadata/resourceVersion").asString(""));
        }
        patch.putObject("spec").put("replicas", replicas);
        objects.mergePatch(key, "scale", patch);
        out.println("scaled " + title);
      }
    }
    out.flush();
    return Exit.OK.code();
  }
}
