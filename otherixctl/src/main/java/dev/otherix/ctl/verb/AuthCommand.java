package dev.otherix.ctl.verb;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Spec;

/// Who one is, and what one may do.
@Command(
    name = "auth",
    description = "Tells who you are to the server, and what you may do there.",
    mixinStandardHelpOptions = true)
public final class AuthCommand implements Runnable {
  @Spec private CommandLine.Model.CommandSpec spec;

  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }
}
