package dev.otherix.ctl.manifest;

import dev.otherix.apimachinery.client.WriteOptions;
import dev.otherix.ctl.connect.Session;
import dev.otherix.ctl.failure.CommandFailure;
import dev.otherix.ctl.failure.Exit;
import dev.otherix.ctl.print.ObjectFormat;
import dev.otherix.ctl.progress.Terminal;
import dev.otherix.schemas.Schemas;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.node.ObjectNode;

/// Creates what manifests ask for.
@Command(
    name = "create",
    description = {
      "Creates the objects of manifests; what is there already is a failure.",
      "All documents are checked before the first is sent."
    },
    footer = {
      "",
      "Examples:",
      "  otherixctl create -f vm.yaml --wait",
      "  otherixctl create -f - --dry-run=server < vm.yaml"
    },
    mixinStandardHelpOptions = true)
public final class CreateCommand implements Callable<Integer> {
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
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      description = "Print the objects instead of a line for each: yaml, json, name, ...")
  private String output = "";

  public CreateCommand(Session session, Terminal terminal) {
    this.session = session;
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws InterruptedException {
    if (from.files.isEmpty()) {
      throw new CommandFailure(Exit.USAGE, "name the manifests with -f, or - for standard input");
    }
    ObjectFormat format = output.isEmpty() ? null : ObjectFormat.parse(output);
    Plan plan = Plan.read(from.files, terminal.input(), Schemas.kinds(), true);
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    if (dryRun == DryRun.CLIENT) {
      plan.objects().forEach(each -> out.println("would create " + each.title()));
      return Exit.OK.code();
    }
    PlanServer server = new PlanServer(session.client(), session.namespace());
    server.check(plan);
    List<PlanServer.Site> sent = new ArrayList<>();
    List<ObjectNode> created = new ArrayList<>();
    WriteOptions options =
        dryRun == DryRun.SERVER ? WriteOptions.DEFAULT.asDryRun() : WriteOptions.DEFAULT;
    Outcomes outcomes = new Outcomes("create", format == null ? out : err, err);
    for (Planned planned : plan.objects()) {
      outcomes.run(
          "create",
          planned,
          () -> {
            PlanServer.Site site = server.site(planned);
            ObjectNode object =
                site.objects().create(site.object(), options.withFieldValidation("Strict"));
            created.add(object);
            sent.add(new PlanServer.Site(site.type(), site.objects(), object));
            return "created " + CreatedName.of(object) + dryRun.suffix();
          });
    }
    if (format != null && !created.isEmpty()) {
      out.print(format.print(created, created.size() == 1));
      out.flush();
    }
    if (waiting.wait && dryRun == DryRun.NONE) {
      waiting.await(sent, terminal, err);
    }
    outcomes.finish();
    return Exit.OK.code();
  }
}
