package dev.otherix.ctl.noun;

import dev.otherix.apimachinery.object.GroupVersionResource;
import dev.otherix.apimachinery.object.ObjectKey;
import dev.otherix.ctl.connect.Session;
import dev.otherix.ctl.failure.Exit;
import dev.otherix.ctl.progress.Terminal;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Sets the password of a user.
@Command(
    name = "set-password",
    description = "Sets the password of a user, and ends the user's sessions.",
    mixinStandardHelpOptions = true)
final class SetPasswordCommand implements Callable<Integer> {
  private final Session session;
  private final Terminal terminal;

  @Spec private CommandLine.Model.CommandSpec spec;

  @Parameters(paramLabel = "NAME", description = "Of the user.")
  private String name;

  @Option(names = "--password-stdin", description = "Its first line of standard input.")
  private boolean fromInput;

  SetPasswordCommand(Session session, Terminal terminal) {
    this.session = session;
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws InterruptedException {
    ObjectNode patch = JsonNodeFactory.instance.objectNode();
    patch
        .putObject("spec")
        .put("password", NewPassword.read(terminal, fromInput, spec.commandLine().getErr()));
    session
        .client()
        .resource(new GroupVersionResource("otherix", "v1", "users"))
        .mergePatch(ObjectKey.clusterScoped(name), "", patch);
    spec.commandLine().getOut().println("password set user=" + name);
    return Exit.OK.code();
  }
}
