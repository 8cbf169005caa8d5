package dev.otherix.ctl;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Spec;

/// The daemon of a host that runs machines, and what belongs to it.
@Command(
    name = "agent",
    description = "Runs on each host: makes its machines what the server wants them to be.",
    subcommands = {AgentBootstrap.class, AgentServe.class, AgentDoctor.class},
    mixinStandardHelpOptions = true,
    versionProvider = Version.class)
final class AgentCommand implements Runnable {
  static final String DATA_DIR = "/var/lib/otherix/agent";

  @Spec private CommandLine.Model.CommandSpec spec;

  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }

  /// As the cluster names the host's architecture.
  static String architecture() {
    String name = System.getProperty("os.arch", "");
    return name.equals("aarch64") ? "arm64" : name;
  }
}
