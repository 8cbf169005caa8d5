package dev.otherix.ctl.manifest;

import dev.otherix.apimachinery.client.WriteOptions;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apimachinery.status.Status;
import dev.otherix.apimachinery.status.StatusReason;
import dev.otherix.ctl.connect.Session;
import dev.otherix.ctl.failure.CommandFailure;
import dev.otherix.ctl.failure.Exit;
import dev.otherix.ctl.progress.Terminal;
import dev.otherix.schemas.Schemas;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.node.ObjectNode;

/// Makes objects what manifests say, by server-side apply.
@Command(
    name = "apply",
    description = {
      "Makes objects what manifests say: creates what is missing, changes the fields that are"
          + " named, and removes what an earlier apply named and this one does not.",
      "All documents are checked before the first is sent."
    },
    footer = {
      "",
      "Examples:",
      "  otherixctl diff -f site/ && otherixctl apply -f site/ --wait",
      "  otherixctl apply -f site/ --prune -l site=lab"
    },
    mixinStandardHelpOptions = true)
public final class ApplyCommand implements Callable<Integer> {
  private final Session session;
  private final Terminal terminal;

  @Spec private CommandLine.Model.CommandSpec spec;
  @Mixin private FileOptions from;
  @Mixin private WaitOptions waiting;

  @Option(
      names = "--dry-run",
      paramLabel = "WHERE",
      description = "client: ask no server. server: the server checks it and keeps nothing.")
  private DryRun dryRun = DryRun.NONE;

  @Option(
      names = "--force-conflicts",
      description = "Take over fields that others set to other values.")
  private boolean force;

  @Option(
      names = "--prune",
      description = {
        "Delete what an earlier apply made with the labels of -l and these manifests have no more."
      })
  private boolean prune;

  @Option(
      names = {"-l", "--selector"},
      paramLabel = "LABELS",
      description = "The labels of the set that --prune looks after, such as site=lab.")
  private String labels = "";

  public ApplyCommand(Session session, Terminal terminal) {
    this.session = session;
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws InterruptedException {
    if (from.files.isEmpty()) {
      throw new CommandFailure(Exit.USAGE, "name the manifests with -f, or - for standard input");
    }
    if (prune == labels.isEmpty()) {
      throw new CommandFailure(
          Exit.USAGE, "--prune and -l LABELS belong together: they say what may be deleted");
    }
    Plan plan = Plan.read(from.files, terminal.input(), Schemas.kinds(), true);
    Pruning pruning = prune ? Pruning.of(labels, plan) : null;
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    if (dryRun == DryRun.CLIENT) {
      plan.objects().forEach(each -> out.println("would apply " + each.title()));
      return Exit.OK.code();
    }
    PlanServer server = new PlanServer(session.client(), session.namespace());
    server.check(plan);
    List<PlanServer.Site> sent = new ArrayList<>();
    Outcomes outcomes = new Outcomes("apply", out, err);
    boolean whole = true;
    for (Planned planned : plan.objects()) {
      whole &=
          outcomes.run(
              "apply",
              planned,
              () -> {
                PlanServer.Site site = server.site(planned);
                String line = apply(site);
                sent.add(site);
                return line + dryRun.suffix();
              });
    }
    if (pruning != null && whole) {
      pruning.run(server, sent, dryRun, out);
    }
    if (waiting.wait && dryRun == DryRun.NONE) {
      waiting.await(sent, terminal, err);
    }
    outcomes.finish();
    return Exit.OK.code();
  }

  private String apply(PlanServer.Site site) throws InterruptedException {
    if (site.key().name().isEmpty()) {
      throw new CommandFailure(
          Exit.USAGE, "an applied object needs a name; use create for generateName");
    }
    Optional<ObjectNode> before = site.objects().find(site.key());
    ObjectNode after = send(site);
    String title = CreatedName.of(after);
    if (before.isEmpty()) {
      return "created " + title;
    }
    return (AppliedChange.between(before.get(), after) ? "configured " : "unchanged ") + title;
  }

  private ObjectNode send(PlanServer.Site site) throws InterruptedException {
    WriteOptions options = WriteOptions.DEFAULT.withFieldValidation("Strict");
    if (dryRun == DryRun.SERVER) {
      options = options.asDryRun();
    }
    try {
      return site.objects().apply(site.object(), "", force ? options.withForce() : options);
    } catch (ApiException e) {
      if (!force && isWithOurselves(e)) {
        return site.objects().apply(site.object(), "", options.withForce());
      }
      throw e.is(StatusReason.CONFLICT) ? explained(e) : e;
    }
  }

  /// Whether the fields were last set by this very tool, by a create or an edit: then the person's
  /// newer word counts.
  private static boolean isWithOurselves(ApiException e) {
    Status.Details details = e.status().details();
    return e.is(StatusReason.CONFLICT)
        && details != null
        && !details.causes().isEmpty()
        && details.causes().stream()
            .allMatch(each -> each.message().startsWith("conflict with \"otherixctl\""));
  }

  private static CommandFailure explained(ApiException e) {
    return new CommandFailure(
        Exit.CONFLICT,
        "api_error: Conflict: "
            + e.status().message()
            + "; leave the fields out to keep the others' values, or take them over with"
            + " --force-conflicts");
  }
}
