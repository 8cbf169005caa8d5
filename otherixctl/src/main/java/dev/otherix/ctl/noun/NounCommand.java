package dev.otherix.ctl.noun;

import dev.otherix.ctl.option.CommandModel;
import picocli.CommandLine.Model.CommandSpec;

/// A word that only gathers commands: by itself it shows them.
final class NounCommand implements Runnable {
  private final CommandSpec spec = CommandModel.of(this, "noun").spec();

  CommandSpec spec() {
    return spec;
  }

  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }
}
