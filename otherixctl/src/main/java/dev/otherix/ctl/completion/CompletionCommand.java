package dev.otherix.ctl.completion;

import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// Prints what makes a shell complete commands.
@Command(
    name = "completion",
    description = "Prints a script that makes a shell complete commands and objects' names.",
    footer = {
      "",
      "Examples:",
      "  source <(otherixctl completion bash)",
      "  source <(otherixctl completion zsh)",
      "  otherixctl completion fish > ~/.config/fish/completions/otherixctl.fish"
    },
    mixinStandardHelpOptions = true)
public final class CompletionCommand implements Callable<Integer> {
  enum Shell {
    BASH,
    ZSH,
    FISH;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private static final String BASH =
      """
      _otherixctl() {
        local IFS=$'\\n'
        COMPREPLY=($(otherixctl __complete -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
      }
      complete -o default -F _otherixctl otherixctl
      """;
  private static final String ZSH =
      """
      _otherixctl() {
        local -a found
        found=("${(@f)$(otherixctl __complete -- "${words[@]:1:$((CURRENT - 1))}" 2>/dev/null)}")
        compadd -a found
      }
      compdef _otherixctl otherixctl
      """;
  private static final String FISH =
      """
      function __otherixctl_complete
        set -l words (commandline -opc) (commandline -ct)
        otherixctl __complete -- $words[2..-1] 2>/dev/null
      end
      complete -c otherixctl -f -a '(__otherixctl_complete)'
      """;

  @Spec private CommandLine.Model.CommandSpec spec;

  @Parameters(paramLabel = "SHELL", description = "bash, zsh or fish.")
  private Shell shell;

  @Override
  public Integer call() {
    spec.commandLine()
        .getOut()
        .print(
            switch (shell) {
              case BASH -> BASH;
              case ZSH -> ZSH;
              case FISH -> FISH;
            });
    spec.commandLine().getOut().flush();
    return CommandLine.ExitCode.OK;
  }
}
