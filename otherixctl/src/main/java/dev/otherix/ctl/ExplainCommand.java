package dev.otherix.ctl;

import dev.otherix.apimachinery.manifest.Suggestion;
import dev.otherix.apimachinery.schema.Explain;
import dev.otherix.apimachinery.schema.Kind;
import dev.otherix.apimachinery.schema.Kinds;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.ctl.failure.CommandFailure;
import dev.otherix.schemas.Schemas;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// Tells what a kind and its fields mean, from the schemas of this build.
@Command(
    name = "explain",
    description = "Tells what a kind or one of its fields means.",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class)
final class ExplainCommand implements Callable<Integer> {
  @Spec private CommandLine.Model.CommandSpec spec;

  @Parameters(
      paramLabel = "KIND[.FIELD...]",
      description = "A kind and the way to a field, such as vm or network.spec.subnet.")
  private String path;

  @Option(
      names = "--recursive",
      description = "Name every field below instead of describing one level.")
  private boolean recursive;

  @Override
  public Integer call() {
    List<String> words = List.of(path.split("\\.", -1));
    Kinds kinds = Schemas.kinds();
    Kind kind =
        kinds
            .word(words.getFirst().toLowerCase(Locale.ROOT))
            .orElseThrow(() -> unknown(words.getFirst(), kinds));
    try {
      spec.commandLine()
          .getOut()
          .print(Explain.explain(kind, words.subList(1, words.size()), recursive));
      spec.commandLine().getOut().flush();
    } catch (ApiException e) {
      throw new CommandFailure(String.valueOf(e.getMessage()), e);
    }
    return CommandLine.ExitCode.OK;
  }

  private static CommandFailure unknown(String word, Kinds kinds) {
    List<String> known = kinds.all().stream().map(Kind::singular).toList();
    return new CommandFailure(
        "there is no kind \""
            + word
            + "\""
            + Suggestion.forWord(word, known)
            + " Known are "
            + String.join(", ", known));
  }
}
