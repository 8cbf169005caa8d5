package dev.otherix.ctl.completion;

import dev.otherix.apimachinery.client.ApiClient;
import dev.otherix.apimachinery.client.ConnectionException;
import dev.otherix.apimachinery.client.ListOptions;
import dev.otherix.apimachinery.client.ServedType;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.ctl.connect.Session;
import dev.otherix.ctl.failure.CommandFailure;
import dev.otherix.ctl.verb.Types;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// Prints what may stand in the place of the last word, one to a line. For the shells' scripts.
@Command(name = "__complete", hidden = true)
public final class CompleteCommand implements Callable<Integer> {
  private static final int NAMES_MAX = 500;

  /// Commands whose first word is a kind and the others names of it.
  private static final Set<String> OF_KINDS =
      Set.of("get", "describe", "delete", "edit", "patch", "label", "annotate", "wait", "scale");

  /// Nouns whose commands take names of a kind.
  private static final Map<String, String> NOUNS =
      Map.of(
          "vm", "vms",
          "snapshot", "vmsnapshots",
          "node", "nodes",
          "pool", "storagepools",
          "network", "networks",
          "task", "tasks",
          "user", "users",
          "api-token", "apitokens");

  private final Session session;

  @Spec private CommandLine.Model.CommandSpec spec;

  @Parameters(arity = "0..*", paramLabel = "WORD", description = "Of the command so far.")
  private List<String> words = List.of();

  public CompleteCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() throws InterruptedException {
    List<String> before = words.isEmpty() ? words : words.subList(0, words.size() - 1);
    String last = words.isEmpty() ? "" : words.getLast();
    CommandLine command = spec.commandLine().getParent();
    List<String> path = new ArrayList<>();
    List<String> rest = new ArrayList<>();
    for (String word : before) {
      CommandLine below = command.getSubcommands().get(word);
      if (below != null && rest.isEmpty()) {
        command = below;
        path.add(word);
      } else if (!word.startsWith("-")) {
        rest.add(word);
      }
    }
    Set<String> found = new TreeSet<>();
    if (last.startsWith("-")) {
      for (OptionSpec option : command.getCommandSpec().options()) {
        found.add(option.longestName());
      }
    } else if (!command.getSubcommands().isEmpty()) {
      command
          .getSubcommands()
          .forEach((name, each) -> {
            if (!each.getCommandSpec().usageMessage().hidden()) {
              found.add(name);
            }
          });
    } else {
      objects(path, rest, found);
    }
    found.removeIf(each -> !each.startsWith(last));
    found.forEach(each -> spec.commandLine().getOut().println(each));
    spec.commandLine().getOut().flush();
    return CommandLine.ExitCode.OK;
  }

  private void objects(List<String> path, List<String> rest, Set<String> found)
      throws InterruptedException {
    String first = path.isEmpty() ? "" : path.getFirst();
    String noun = NOUNS.getOrDefault(first, "");
    boolean takesKind = OF_KINDS.contains(first);
    if (!takesKind && (noun.isEmpty() || path.getLast().equals("create"))) {
      return;
    }
    try {
      ApiClient client = session.client();
      Types types = Types.of(client);
      if (takesKind && rest.isEmpty()) {
        types.all().forEach(each -> found.add(each.resource().resource()));
        return;
      }
      ServedType type = types.one(takesKind ? rest.getFirst() : noun);
      ListOptions page =
          ListOptions.ALL
              .inNamespace(type.namespaced() ? session.namespace() : "")
              .withLimit(NAMES_MAX);
      client
          .resource(type.resource())
          .metadataOnly()
          .list(page)
          .items()
          .forEach(each -> found.add(each.at("/metadata/name").asString("")));
    } catch (ApiException | ConnectionException | CommandFailure _) {
      // Somebody who types wants no error in the line; without a server there are no names.
      found.clear();
    }
  }
}
