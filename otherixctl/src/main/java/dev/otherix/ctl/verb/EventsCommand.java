package dev.otherix.ctl.verb;

import dev.otherix.apimachinery.client.ApiClient;
import dev.otherix.apimachinery.client.ApiWatch;
import dev.otherix.apimachinery.client.ListOptions;
import dev.otherix.apimachinery.client.ListPage;
import dev.otherix.apimachinery.client.WatchEvent;
import dev.otherix.apimachinery.client.WatchOptions;
import dev.otherix.ctl.connect.Session;
import dev.otherix.ctl.failure.CommandFailure;
import dev.otherix.ctl.failure.Exit;
import dev.otherix.ctl.print.Description;
import dev.otherix.ctl.print.TextTable;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.node.ObjectNode;

/// Shows what happened.
@Command(
    name = "events",
    description = "Shows what happened, oldest first.",
    mixinStandardHelpOptions = true)
public final class EventsCommand implements Callable<Integer> {
  private static final Duration QUIET = Duration.ofMinutes(10);

  private final Session session;

  @Spec private CommandLine.Model.CommandSpec spec;

  @Option(
      names = "--for",
      paramLabel = "KIND/NAME",
      description = "Only what happened to this object.")
  private String about = "";

  @Option(
      names = "--types",
      split = ",",
      paramLabel = "TYPE",
      description = "Only Normal, or only Warning.")
  private List<String> kinds = List.of();

  @Option(
      names = {"-A", "--all-namespaces"},
      description = "Of every namespace.")
  private boolean everywhere;

  @Option(
      names = {"-w", "--watch"},
      description = "And then as it happens; ends with Ctrl-C.")
  private boolean watch;

  @Option(names = "--no-headers", description = "Rows only.")
  private boolean noHeaders;

  public EventsCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() throws InterruptedException {
    ApiClient client = session.client();
    String fields = about.isEmpty() ? "" : selector(client);
    boolean all = everywhere || !about.isEmpty();
    String namespace = all ? "" : session.namespace();
    PrintWriter out = spec.commandLine().getOut();
    TextTable table = TextTable.growing(Description.EVENT_COLUMNS.size());
    ListPage page =
        client
            .resource(Events.RESOURCE)
            .list(ListOptions.ALL.inNamespace(namespace).withSelectors("", fields).withLimit(1));
    List<ObjectNode> found = Events.list(client, namespace, fields);
    List<List<String>> rows = new ArrayList<>();
    found.stream().filter(this::shown).forEach(each -> rows.add(Description.eventRow(each)));
    if (rows.isEmpty() && !watch) {
      spec.commandLine().getErr().println("No events found.");
      return Exit.OK.code();
    }
    out.print(table.more(noHeaders ? List.of() : Description.EVENT_COLUMNS, rows));
    out.flush();
    if (watch) {
      follow(client, namespace, fields, page.resourceVersion(), table, out);
    }
    return Exit.OK.code();
  }

  private String selector(ApiClient client) throws InterruptedException {
    List<Wanted> wanted = Wanted.named(List.of(about), Types.of(client), session.namespace());
    Wanted one = wanted.getFirst();
    return "involvedObject.kind="
        + one.type().kind()
        + ",involvedObject.name="
        + one.names().getFirst();
  }

  private boolean shown(ObjectNode event) {
    return kinds.isEmpty() || kinds.contains(event.path("type").asString(""));
  }

  private void follow(
      ApiClient client,
      String namespace,
      String fields,
      String revision,
      TextTable table,
      PrintWriter out)
      throws InterruptedException {
    WatchOptions options =
        WatchOptions.ALL.inNamespace(namespace).withSelectors("", fields).after(revision);
    try (ApiWatch changes = client.resource(Events.RESOURCE).watch(options)) {
      while (true) {
        switch (changes.next(QUIET)) {
          case WatchEvent.Changed(WatchEvent.Type type, ObjectNode event) -> {
            if (type != WatchEvent.Type.DELETED && shown(event)) {
              out.print(table.more(List.of(), List.of(Description.eventRow(event))));
              out.flush();
            }
          }
          case WatchEvent.Bookmark _, WatchEvent.Quiet _ -> {}
          case WatchEvent.End _ ->
              throw new CommandFailure("the server ended the stream of events; start again");
        }
      }
    }
  }
}
