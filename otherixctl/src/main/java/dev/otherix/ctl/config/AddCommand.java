package dev.otherix.ctl.config;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Spec;

/// What can be added to the configuration.
@Command(
    name = "add",
    description = "Adds a cluster to the configuration.",
    mixinStandardHelpOptions = true)
public final class AddCommand implements Runnable {
  @Spec private CommandLine.Model.CommandSpec spec;

  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }
}
