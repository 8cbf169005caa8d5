package dev.otherix.ctl.noun;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Spec;

/// A word that only gathers commands: by itself it shows them.
@Command(mixinStandardHelpOptions = true)
final class NounCommand implements Runnable {
  @Spec private CommandLine.Model.CommandSpec spec;

  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }
}
