package dev.otherix.ctl;

import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Spec;

/// Stands where a process will start that this build does not contain, and says so with a failing
/// exit code, so that no script takes it for a running server.
@Command(
    description = "Not in this build yet; README.md says what works.",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class)
final class AbsentProcess implements Callable<Integer> {
  @Spec private CommandLine.Model.CommandSpec spec;

  private final String process;

  AbsentProcess(String process) {
    this.process = process;
  }

  @Override
  public Integer call() {
    spec.commandLine()
        .getErr()
        .println(
            "error: this build of Otherix does not contain " + process + " yet; see README.md");
    return CommandLine.ExitCode.SOFTWARE;
  }
}
