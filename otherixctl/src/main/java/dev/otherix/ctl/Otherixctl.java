package dev.otherix.ctl;

import dev.otherix.ctl.connect.Session;
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
            .addMixin("session", session)
            .addSubcommand(new GetCommand(session))
            .addSubcommand(new ValidateCommand())
            .addSubcommand(new ExplainCommand())
            .addSubcommand(new SchemaCommand())
            .addSubcommand(new ServerCommand())
            .addSubcommand("agent", new AbsentProcess("the agent"))
            .addSubcommand(new ReferenceCommand())
            .setExecutionExceptionHandler(Otherixctl::failed)
            .setParameterExceptionHandler(Otherixctl::wrongUsage);
    session.tellTo(entrance.getErr());
    return entrance;
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
