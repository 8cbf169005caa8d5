package dev.otherix.ctl.noun;

import dev.otherix.apimachinery.client.ResourceClient;
import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.codec.Limits;
import dev.otherix.apimachinery.codec.Yaml;
import dev.otherix.apimachinery.codec.YamlDocument;
import dev.otherix.apimachinery.object.GroupVersionResource;
import dev.otherix.apimachinery.object.ObjectKey;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apimachinery.status.StatusReason;
import dev.otherix.ctl.connect.Session;
import dev.otherix.ctl.failure.CommandFailure;
import dev.otherix.ctl.failure.Exit;
import dev.otherix.ctl.manifest.ManifestSource;
import dev.otherix.ctl.print.TextTable;
import dev.otherix.ctl.progress.Terminal;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Tells where a machine would go now, and what speaks against every other node.
@Command(
    name = "explain-placement",
    description =
        "Tells where a machine would be placed now, and why other nodes cannot take it. Those who"
            + " may not see nodes in detail are told what the scheduler said.",
    mixinStandardHelpOptions = true)
final class ExplainPlacementCommand implements Callable<Integer> {
  private static final String ACTION = "explain-placement";

  private final Session session;
  private final Terminal terminal;

  @Spec private CommandLine.Model.CommandSpec spec;

  @ArgGroup(multiplicity = "1")
  private Which which = new Which();

  /// Of which machine.
  static final class Which {
    @Parameters(paramLabel = "NAME", description = "A machine that is there.")
    private @Nullable String name;

    @Option(
        names = {"-f", "--filename"},
        paramLabel = "FILE",
        description = "The manifest of a machine that need not be there; nothing is made.")
    private @Nullable String file;
  }

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      description = "text or json. Default: text")
  private String output = "text";

  ExplainPlacementCommand(Session session, Terminal terminal) {
    this.session = session;
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws InterruptedException {
    if (!List.of("text", "json").contains(output)) {
      throw new CommandFailure(
          Exit.USAGE, "-o does not know \"" + output + "\"; it takes text and json");
    }
    ObjectNode manifest = which.file == null ? null : manifest(which.file);
    String name =
        manifest == null
            ? String.valueOf(which.name)
            : manifest.path("metadata").path("name").asString("unnamed");
    ObjectKey key = ObjectKey.clusterScoped(name);
    ResourceClient vms =
        session.client().resource(new GroupVersionResource("otherix", "v1", "vms"));
    PrintWriter out = spec.commandLine().getOut();
    try {
      ObjectNode answer = vms.perform(key, ACTION, manifest);
      out.print(output.equals("json") ? Json.pretty(answer) + "\n" : text(answer));
    } catch (ApiException e) {
      if (manifest != null || !e.is(StatusReason.FORBIDDEN) || output.equals("json")) {
        throw e;
      }
      out.print(said(vms.get(key)));
    }
    return Exit.OK.code();
  }

  private ObjectNode manifest(String file) {
    List<ManifestSource> sources = ManifestSource.of(List.of(file), terminal.input());
    if (sources.size() == 1) {
      List<YamlDocument> documents = Yaml.readAll(sources.getFirst().bytes(), Limits.MANIFEST);
      if (documents.size() == 1 && documents.getFirst().tree() instanceof ObjectNode tree) {
        return tree;
      }
    }
    throw new CommandFailure(Exit.USAGE, file + " must hold one VM");
  }

  private static String text(ObjectNode answer) {
    StringBuilder text = new StringBuilder(512);
    for (String each : List.of("boundTo", "node", "reason", "message")) {
      if (answer.has(each)) {
        String title = each.equals("boundTo") ? "bound to" : each;
        text.append(title).append(": ").append(answer.path(each).asString()).append('\n');
      }
    }
    List<List<String>> rows = new ArrayList<>();
    for (JsonNode each : answer.path("candidates")) {
      boolean fits = each.path("fits").asBoolean(false);
      rows.add(
          List.of(
              each.path("node").asString(""),
              fits ? "yes" : "no",
              fits ? String.format(Locale.ROOT, "%.3f", each.path("score").asDouble(0)) : "-",
              fits ? "-" : each.path("reason").asString(""),
              fits ? "" : each.path("message").asString("")));
    }
    if (!rows.isEmpty()) {
      text.append(TextTable.of(List.of("NODE", "FITS", "SCORE", "REASON", "MESSAGE"), rows));
    }
    return text.toString();
  }

  /// What the machine's condition has.
  private static String said(ObjectNode vm) {
    StringBuilder text = new StringBuilder(256);
    text.append("bound to: ").append(vm.at("/spec/nodeName").asString("<none>")).append('\n');
    for (JsonNode condition : vm.at("/status/conditions")) {
      if (condition.path("type").asString("").equals("Scheduled")) {
        text.append("reason: ").append(condition.path("reason").asString("")).append('\n');
        text.append("message: ").append(condition.path("message").asString("")).append('\n');
        return text.toString();
      }
    }
    return text.append("the scheduler has not looked at it yet\n").toString();
  }
}
