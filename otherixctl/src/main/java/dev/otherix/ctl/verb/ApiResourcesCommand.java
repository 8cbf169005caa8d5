package dev.otherix.ctl.verb;

import dev.otherix.apimachinery.client.ServedType;
import dev.otherix.ctl.connect.Session;
import dev.otherix.ctl.failure.CommandFailure;
import dev.otherix.ctl.failure.Exit;
import dev.otherix.ctl.print.TextTable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// Lists the kinds that the server serves.
@Command(
    name = "api-resources",
    description = "Lists the kinds that the server serves.",
    mixinStandardHelpOptions = true)
public final class ApiResourcesCommand implements Callable<Integer> {
  private final Session session;

  @Spec private CommandLine.Model.CommandSpec spec;

  @Option(
      names = "--api-group",
      paramLabel = "GROUP",
      description = "Only of this group; '' for the core group.")
  private @Nullable String group;

  @Option(
      names = "--namespaced",
      arity = "1",
      paramLabel = "true|false",
      description = "Only kinds that are in namespaces, or only others.")
  private @Nullable Boolean namespaced;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      description = "wide adds verbs and categories; name prints names only.")
  private String output = "";

  @Option(names = "--no-headers", description = "Rows only.")
  private boolean noHeaders;

  public ApiResourcesCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() throws InterruptedException {
    if (!List.of("", "wide", "name").contains(output)) {
      throw new CommandFailure(
          Exit.USAGE, "-o does not know \"" + output + "\"; it takes wide and name");
    }
    boolean wide = output.equals("wide");
    List<List<String>> rows = new ArrayList<>();
    Types.of(session.client()).all().stream()
        .filter(each -> group == null || each.resource().group().equals(group))
        .filter(each -> namespaced == null || each.namespaced() == namespaced)
        .sorted(
            Comparator.comparing((ServedType each) -> each.resource().group())
                .thenComparing(each -> each.resource().resource()))
        .forEach(each -> rows.add(row(each, wide)));
    List<String> header = new ArrayList<>();
    if (!noHeaders && !output.equals("name")) {
      header.addAll(List.of("NAME", "SHORTNAMES", "APIVERSION", "NAMESPACED", "KIND"));
      if (wide) {
        header.addAll(List.of("VERBS", "CATEGORIES"));
      }
    }
    spec.commandLine().getOut().print(TextTable.of(header, rows));
    spec.commandLine().getOut().flush();
    return Exit.OK.code();
  }

  private List<String> row(ServedType type, boolean wide) {
    if (output.equals("name")) {
      return List.of(type.resource().groupResource());
    }
    List<String> row =
        new ArrayList<>(
            List.of(
                type.resource().resource(),
                String.join(",", type.shortNames()),
                type.gvk().apiVersion(),
                Boolean.toString(type.namespaced()),
                type.kind()));
    if (wide) {
      row.add(String.join(",", type.verbs().stream().sorted().toList()));
      row.add(String.join(",", type.categories()));
    }
    return row;
  }
}
