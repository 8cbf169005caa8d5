package dev.otherix.ctl.config;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Spec;

/// The configuration.
@Command(
    name = "config",
    description = "The servers that you know, and which of them is meant.",
    mixinStandardHelpOptions = true)
public final class ConfigCommand implements Runnable {
  @Spec private CommandLine.Model.CommandSpec spec;

  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }
}
