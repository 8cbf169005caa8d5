package dev.otherix.ctl.verb;

import dev.otherix.apimachinery.client.ServedType;
import dev.otherix.apimachinery.manifest.Suggestion;
import dev.otherix.apimachinery.object.GroupVersionResource;
import dev.otherix.apimachinery.object.ObjectKey;
import dev.otherix.apimachinery.schema.CustomResource;
import dev.otherix.apimachinery.schema.Explain;
import dev.otherix.apimachinery.schema.Kind;
import dev.otherix.apimachinery.schema.Kinds;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.ctl.connect.Session;
import dev.otherix.ctl.failure.CommandFailure;
import dev.otherix.ctl.failure.Exit;
import dev.otherix.schemas.Schemas;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.node.ObjectNode;

/// Tells what a kind and its fields mean: from the schemas of this build, and for custom kinds from
/// their definition on the server.
@Command(
    name = "explain",
    description = "Tells what a kind or one of its fields means.",
    mixinStandardHelpOptions = true)
public final class ExplainCommand implements Callable<Integer> {
  private static final GroupVersionResource DEFINITIONS =
      new GroupVersionResource("apiextensions.k8s.io", "v1", "customresourcedefinitions");

  private final Session session;

  @Spec private CommandLine.Model.CommandSpec spec;

  @Parameters(
      paramLabel = "KIND[.FIELD...]",
      description = "A kind and the way to a field, such as vm or network.spec.subnet.")
  private String path;

  @Option(
      names = "--recursive",
      description = "Name every field below instead of describing one level.")
  private boolean recursive;

  public ExplainCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() throws InterruptedException {
    List<String> words = List.of(path.split("\\.", -1));
    Optional<Kind> known = Schemas.kinds().word(words.getFirst().toLowerCase(Locale.ROOT));
    Kind kind = known.isPresent() ? known.get() : custom(words.getFirst());
    try {
      spec.commandLine()
          .getOut()
          .print(Explain.explain(kind, words.subList(1, words.size()), recursive));
      spec.commandLine().getOut().flush();
    } catch (ApiException e) {
      throw new CommandFailure(String.valueOf(e.getMessage()), e);
    }
    return Exit.OK.code();
  }

  private Kind custom(String word) throws InterruptedException {
    if (!session.hasTarget()) {
      throw unknown(word);
    }
    ServedType type = Types.of(session.client()).one(word);
    String name = type.resource().groupResource();
    Optional<ObjectNode> definition =
        session.client().resource(DEFINITIONS).find(ObjectKey.clusterScoped(name));
    List<Kind> kinds = definition.map(CustomResource::kinds).orElse(List.of());
    return kinds.stream()
        .filter(each -> each.version().equals(type.resource().version()))
        .findFirst()
        .orElseThrow(() ->
            new CommandFailure(
                Exit.NOT_FOUND,
                "nothing is known here about the fields of "
                    + name
                    + "; the server's own words are at: otherixctl raw /openapi/v3"));
  }

  private static CommandFailure unknown(String word) {
    Kinds kinds = Schemas.kinds();
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
