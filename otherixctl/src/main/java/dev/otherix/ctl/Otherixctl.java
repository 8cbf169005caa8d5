package dev.otherix.ctl;

import dev.otherix.ctl.connect.Session;
import dev.otherix.ctl.connect.SessionOptions;
import dev.otherix.ctl.failure.Failures;
import dev.otherix.ctl.verb.GetCommand;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.Spec;

/// The command line's entrance: the table of commands.
@Command(
    name = "otherixctl",
    description = "Works with Otherix manifests and, once there is one, with a server.",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class)
final class Otherixctl implements Runnable {
  private static final String SESSION = "session";

  @Spec private CommandLine.Model.CommandSpec spec;

  public static void main(String[] arguments) {
    System.exit(commandLine().execute(arguments));
  }

  static CommandLine commandLine() {
    return commandLine(new Session(System.getenv()));
  }

  static CommandLine commandLine(Session session) {
    CommandLine entrance =
        new CommandLine(new Otherixctl())
            .addMixin(SESSION, new SessionOptions())
            .addSubcommand(remote(new GetCommand(session)))
            .addSubcommand(new ValidateCommand())
            .addSubcommand(new ExplainCommand())
            .addSubcommand(new SchemaCommand())
            .addSubcommand(new ServerCommand())
            .addSubcommand(new AgentCommand())
            .addSubcommand(new ReferenceCommand())
            .setExecutionExceptionHandler(Otherixctl::failed)
            .setParameterExceptionHandler(Otherixctl::wrongUsage);
    session.tellTo(entrance.getErr());
    return entrance.setExecutionStrategy(parsed -> run(session, parsed));
  }

  /// A command that talks to a server.
  private static CommandLine remote(Object command) {
    CommandLine line = new CommandLine(command);
    return line.addMixin(SESSION, new SessionOptions());
  }

  private static int run(Session session, ParseResult parsed) {
    for (CommandLine command : parsed.asCommandLineList()) {
      CommandLine.Model.CommandSpec mixin = command.getCommandSpec().mixins().get(SESSION);
      if (mixin != null && mixin.userObject() instanceof SessionOptions options) {
        session.take(options);
      }
    }
    try (session) {
      return new CommandLine.RunLast().execute(parsed);
    }
  }

  /// A mistake of the user's or of the world's is one line; a bug of ours shows where it is.
  private static int failed(Exception e, CommandLine command, ParseResult parsed) throws Exception {
    Optional<Failures.Told> told = Failures.tell(e);
    if (told.isEmpty()) {
      throw e;
    }
    command.getOut().flush();
    command.getErr().println("error: " + told.get().line());
    return told.get().exit().code();
  }

  private static int wrongUsage(ParameterException e, String[] arguments) {
    CommandLine command = e.getCommandLine();
    command
        .getErr()
        .println(
            "error: "
                + e.getMessage()
                + "; see "
                + command.getCommandSpec().qualifiedName()
                + " --help");
    return CommandLine.ExitCode.USAGE;
  }

  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }
}
