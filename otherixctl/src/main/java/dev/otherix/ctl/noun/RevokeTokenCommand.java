package dev.otherix.ctl.noun;

import dev.otherix.apimachinery.object.GroupVersionResource;
import dev.otherix.apimachinery.object.ObjectKey;
import dev.otherix.ctl.connect.Session;
import dev.otherix.ctl.failure.Exit;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Makes an API token worthless.
@Command(
    name = "revoke",
    description = "Makes an API token worthless, for good.",
    mixinStandardHelpOptions = true)
final class RevokeTokenCommand implements Callable<Integer> {
  private final Session session;

  @Spec private CommandLine.Model.CommandSpec spec;

  @Parameters(paramLabel = "NAME", description = "Of the token.")
  private String name;

  RevokeTokenCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() throws InterruptedException {
    ObjectNode patch = JsonNodeFactory.instance.objectNode();
    patch.putObject("spec").put("revoked", true);
    session
        .client()
        .resource(new GroupVersionResource("otherix", "v1", "apitokens"))
        .mergePatch(ObjectKey.clusterScoped(name), "", patch);
    spec.commandLine().getOut().println("revoked api-token=" + name);
    return Exit.OK.code();
  }
}
