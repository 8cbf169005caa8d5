package dev.otherix.ctl.manifest;

import dev.otherix.apimachinery.client.ApiClient;
import dev.otherix.apimachinery.client.DeleteOptions;
import dev.otherix.apimachinery.client.ListOptions;
import dev.otherix.apimachinery.client.ResourceClient;
import dev.otherix.apimachinery.object.ObjectKey;
import dev.otherix.ctl.connect.Session;
import dev.otherix.ctl.failure.CommandFailure;
import dev.otherix.ctl.failure.Exit;
import dev.otherix.ctl.progress.Durations;
import dev.otherix.ctl.progress.Terminal;
import dev.otherix.ctl.verb.Types;
import dev.otherix.ctl.verb.Wanted;
import dev.otherix.schemas.Schemas;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// Deletes objects, by name, by label, or those of manifests.
@Command(
    name = "delete",
    description = {
      "Deletes objects and waits until they are gone.",
      "With -f in the reverse order of create: machines before the networks that they are on."
    },
    footer = {
      "",
      "Examples:",
      "  otherixctl delete vm web-0 web-1",
      "  otherixctl delete vms -l app=web --wait=false",
      "  otherixctl delete -f site/"
    },
    mixinStandardHelpOptions = true)
public final class DeleteCommand implements Callable<Integer> {
  private static final int PAGE_ITEMS = 500;

  private final Session session;
  private final Terminal terminal;
  private final String kind;

  @Spec private CommandLine.Model.CommandSpec spec;
  @Mixin private FileOptions from;

  @Parameters(
      arity = "0..*",
      paramLabel = "KIND [NAME...] | KIND/NAME...",
      description = "What to delete, if not with -f.")
  private List<String> what = List.of();

  @Option(
      names = {"-l", "--selector"},
      paramLabel = "LABELS",
      description = "All of the kind with these labels.")
  private String labels = "";

  @Option(names = "--all", description = "All of the kind.")
  private boolean all;

  @Option(
      names = "--wait",
      arity = "0..1",
      defaultValue = "true",
      fallbackValue = "true",
      paramLabel = "true|false",
      description = "Whether to wait until they are gone. Default: true")
  private boolean wait;

  @Option(
      names = {"--timeout", "--wait-timeout"},
      paramLabel = "DURATION",
      converter = Durations.class,
      description = "How long to wait; the server goes on anyway. Default: 5m")
  private Duration timeout = Duration.ofMinutes(5);

  @Option(
      names = "--cascade",
      paramLabel = "HOW",
      description =
          "What becomes of objects that they own: background (they go after), foreground (they go"
              + " before), orphan (they stay). Default: background")
  private DeleteOptions.Propagation cascade = DeleteOptions.Propagation.BACKGROUND;

  @Option(names = "--force", description = "Ask no question.")
  private boolean force;

  @Option(names = "--ignore-not-found", description = "Objects that are not there are no failure.")
  private boolean ignoreNotFound;

  @Option(
      names = "--dry-run",
      paramLabel = "WHERE",
      description = "client: ask no server. server: the server checks it and deletes nothing.")
  private DryRun dryRun = DryRun.NONE;

  public DeleteCommand(Session session, Terminal terminal) {
    this(session, terminal, "");
  }

  /// @param kind whose objects are deleted, so that only names are given; empty for any
  public DeleteCommand(Session session, Terminal terminal, String kind) {
    this.kind = kind;
    this.session = session;
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    if (kind.isEmpty() && from.files.isEmpty() == what.isEmpty()) {
      throw new CommandFailure(Exit.USAGE, "name what to delete: KIND NAME, or -f FILE");
    }
    Plan plan =
        from.files.isEmpty()
            ? null
            : Plan.read(from.files, terminal.input(), Schemas.kinds(), false).reversed();
    if (plan != null && dryRun == DryRun.CLIENT) {
      plan.objects().forEach(each -> out.println("would delete " + each.title()));
      return Exit.OK.code();
    }
    ApiClient client = session.client();
    List<List<Doomed>> groups = plan == null ? named(client) : planned(client, plan);
    if (dryRun == DryRun.CLIENT) {
      groups.forEach(group -> group.forEach(each -> out.println("would delete " + each.title())));
      return Exit.OK.code();
    }
    if (!confirmed(groups, err)) {
      return Exit.OK.code();
    }
    boolean waits = wait && dryRun == DryRun.NONE;
    DeleteOptions options = DeleteOptions.DEFAULT.with(cascade);
    new Deletion(dryRun == DryRun.SERVER ? options.asDryRun() : options, ignoreNotFound, terminal)
        .run(groups, waits ? timeout : Duration.ZERO, out, err);
    return Exit.OK.code();
  }

  private boolean confirmed(List<List<Doomed>> groups, PrintWriter err) {
    if (force || !terminal.interactive() || dryRun != DryRun.NONE) {
      return true;
    }
    List<String> titles = new ArrayList<>();
    groups.forEach(group -> group.forEach(each -> titles.add(each.title())));
    return terminal.confirm("delete " + String.join(", ", titles) + "?", err);
  }

  private List<List<Doomed>> planned(ApiClient client, Plan plan) throws InterruptedException {
    PlanServer server = new PlanServer(client, session.namespace());
    List<List<Doomed>> groups = new ArrayList<>();
    int rank = -1;
    for (Planned planned : plan.objects()) {
      if (planned.name().isEmpty()) {
        throw new CommandFailure(
            Exit.USAGE, planned.place() + ": an object without a name cannot be deleted by it");
      }
      Optional<PlanServer.Site> site = server.find(planned);
      if (site.isEmpty() && ignoreNotFound) {
        continue;
      }
      if (groups.isEmpty() || rank != planned.rank()) {
        groups.add(new ArrayList<>());
        rank = planned.rank();
      }
      PlanServer.Site found = site.isEmpty() ? server.site(planned) : site.get();
      groups
          .getLast()
          .add(doomed(planned.title(), found.objects(), found.key(), plan.objects().size()));
    }
    return groups;
  }

  private List<List<Doomed>> named(ApiClient client) throws InterruptedException {
    List<Doomed> doomed = new ArrayList<>();
    List<String> words =
        kind.isEmpty() ? what : Stream.concat(Stream.of(kind), what.stream()).toList();
    List<Wanted> wanted = Wanted.parse(words, Types.of(client), session.namespace());
    int named = wanted.stream().mapToInt(each -> each.names().size()).sum();
    for (Wanted each : wanted) {
      ResourceClient objects = client.resource(each.type().resource());
      List<ObjectKey> keys = new ArrayList<>(each.keys());
      if (each.names().isEmpty()) {
        if (labels.isEmpty() && !all) {
          throw new CommandFailure(
              Exit.USAGE,
              "name the objects: " + each.title() + " NAME, or choose them with -l or --all");
        }
        objects.forEach(
            ListOptions.ALL
                .inNamespace(each.namespace())
                .withSelectors(labels, "")
                .withLimit(PAGE_ITEMS),
            object -> keys.add(ResourceClient.keyOf(object)));
      } else if (!labels.isEmpty() || all) {
        throw new CommandFailure(Exit.USAGE, "give names, or -l, or --all; not several of them");
      }
      boolean listed = each.names().isEmpty();
      for (ObjectKey key : keys) {
        String title = each.type().kind() + "/" + key.name();
        doomed.add(
            listed ? new Doomed(title, objects, key, true) : doomed(title, objects, key, named));
      }
    }
    return List.of(doomed);
  }

  /// Looks whether it is there, unless it is the only one: then no other can take it along.
  private static Doomed doomed(String title, ResourceClient objects, ObjectKey key, int count)
      throws InterruptedException {
    return new Doomed(title, objects, key, count > 1 && objects.find(key).isPresent());
  }
}
