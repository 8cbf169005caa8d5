package dev.otherix.ctl.top;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Spec;

/// What is used, of nodes or of machines.
@Command(
    name = "top",
    description = "Shows what nodes or machines use of what there is.",
    mixinStandardHelpOptions = true)
public final class TopGroup implements Runnable {
  @Spec private CommandLine.Model.CommandSpec spec;

  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }
}
