package dev.otherix.ctl;

import picocli.CommandLine;
import picocli.CommandLine.Command;
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
    return new CommandLine(new Otherixctl())
        .addSubcommand("server", new AbsentProcess("the API server"))
        .addSubcommand("agent", new AbsentProcess("the agent"));
  }

  @Override
  public void run() {
    spec.commandLine().usage(System.out);
  }
}
