package dev.otherix.ctl.noun;

import dev.otherix.ctl.connect.Session;
import dev.otherix.ctl.failure.Exit;
import dev.otherix.ctl.progress.Terminal;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// Creates a user.
@Command(
    name = "create",
    description = "Creates a user; the password is asked for, or read with --password-stdin.",
    mixinStandardHelpOptions = true)
final class CreateUserCommand implements Callable<Integer> {
  private final Session session;
  private final Terminal terminal;

  @Spec private CommandLine.Model.CommandSpec spec;

  @Parameters(paramLabel = "NAME", description = "Of the user.")
  private String name;

  @Option(
      names = "--role",
      required = true,
      paramLabel = "ROLE",
      description = "admin, operator, developer or viewer.")
  private String role;

  @Option(names = "--display-name", paramLabel = "TEXT", description = "For people.")
  private @Nullable String displayName;

  @Option(names = "--email", paramLabel = "ADDRESS", description = "For people.")
  private @Nullable String email;

  @Option(names = "--password-stdin", description = "Its first line of standard input.")
  private boolean fromInput;

  CreateUserCommand(Session session, Terminal terminal) {
    this.session = session;
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws InterruptedException {
    String password = NewPassword.read(terminal, fromInput, spec.commandLine().getErr());
    new NewObject("User", "users", name)
        .with("role", role)
        .with("displayName", displayName)
        .with("email", email)
        .with("password", password)
        .send(session.client());
    spec.commandLine().getOut().println("created user=" + name + " role=" + role);
    return Exit.OK.code();
  }
}
