package dev.otherix.ctl.verb;

import dev.otherix.apimachinery.client.ApiClient;
import dev.otherix.apimachinery.client.ListOptions;
import dev.otherix.apimachinery.client.ResourceClient;
import dev.otherix.apimachinery.object.ObjectKey;
import dev.otherix.ctl.connect.Session;
import dev.otherix.ctl.failure.CommandFailure;
import dev.otherix.ctl.failure.Exit;
import dev.otherix.ctl.progress.Durations;
import dev.otherix.ctl.progress.Terminal;
import dev.otherix.ctl.progress.Waiting;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// Waits for a state of objects.
@Command(
    name = "wait",
    description = {
      "Waits until objects are in a state. An object that is not there yet is waited for.",
    },
    footer = {
      "",
      "Examples:",
      "  otherixctl wait vm/web-0 --for=condition=Ready",
      "  otherixctl wait vm/web-0 --for=jsonpath='{.status.phase}'=running --timeout=2m",
      "  otherixctl wait vm/web-0 --for=delete"
    },
    mixinStandardHelpOptions = true)
public final class WaitCommand implements Callable<Integer> {
  private static final int PAGE_ITEMS = 500;

  private final Session session;
  private final Terminal terminal;

  @Spec private CommandLine.Model.CommandSpec spec;

  @Parameters(
      arity = "1..*",
      paramLabel = "KIND NAME... | KIND/NAME...",
      description = "Which objects.")
  private List<String> what;

  @Option(
      names = "--for",
      required = true,
      paramLabel = "STATE",
      description = {
        "condition=TYPE[=STATUS], jsonpath={.path}[=VALUE], create, or delete.",
      })
  private String state;

  @Option(
      names = {"-l", "--selector"},
      paramLabel = "LABELS",
      description = "The objects of the kind that have these labels now.")
  private String labels = "";

  @Option(
      names = "--timeout",
      paramLabel = "DURATION",
      converter = Durations.class,
      description = "How long to wait. Default: 30s")
  private Duration timeout = Duration.ofSeconds(30);

  public WaitCommand(Session session, Terminal terminal) {
    this.session = session;
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws InterruptedException {
    WaitState wanted = WaitState.parse(state);
    ApiClient client = session.client();
    PrintWriter err = spec.commandLine().getErr();
    Waiting waiting = new Waiting(terminal, err, "nothing was changed by waiting");
    List<String> titles = new ArrayList<>();
    for (Wanted each : Wanted.parse(what, Types.of(client), session.namespace())) {
      ResourceClient objects = client.resource(each.type().resource());
      List<ObjectKey> keys = new ArrayList<>(each.keys());
      if (each.names().isEmpty()) {
        if (labels.isEmpty()) {
          throw new CommandFailure(
              Exit.USAGE, "name the objects: " + each.title() + " NAME, or choose them with -l");
        }
        objects.forEach(
            ListOptions.ALL
                .inNamespace(each.namespace())
                .withSelectors(labels, "")
                .withLimit(PAGE_ITEMS),
            object -> keys.add(ResourceClient.keyOf(object)));
      }
      for (ObjectKey key : keys) {
        String title = each.type().kind() + "/" + key.name();
        titles.add(title);
        waiting.add(title, () -> wanted.look(objects.find(key)));
      }
    }
    if (titles.isEmpty()) {
      throw new CommandFailure(Exit.NOT_FOUND, "no object has the labels " + labels);
    }
    waiting.run(timeout);
    PrintWriter out = spec.commandLine().getOut();
    titles.forEach(each -> out.println(each + " met " + wanted.title()));
    out.flush();
    return Exit.OK.code();
  }
}
