package dev.otherix.ctl.manifest;

import dev.otherix.apimachinery.client.WriteOptions;
import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.codec.Yaml;
import dev.otherix.ctl.connect.Session;
import dev.otherix.ctl.failure.CommandFailure;
import dev.otherix.ctl.failure.Exit;
import dev.otherix.ctl.print.LineDiff;
import dev.otherix.ctl.progress.Terminal;
import dev.otherix.schemas.Schemas;
import java.io.PrintWriter;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Shows what an apply would change.
@Command(
    name = "diff",
    description = {
      "Shows what an apply would change. Exit code 0: nothing; 1: something. Secrets are masked."
    },
    mixinStandardHelpOptions = true)
public final class DiffCommand implements Callable<Integer> {
  private static final int RED = 31;
  private static final int GREEN = 32;
  private static final int CYAN = 36;

  private final Session session;
  private final Terminal terminal;

  @Spec private CommandLine.Model.CommandSpec spec;
  @Mixin private FileOptions from;

  public DiffCommand(Session session, Terminal terminal) {
    this.session = session;
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws InterruptedException {
    if (from.files.isEmpty()) {
      throw new CommandFailure(Exit.USAGE, "name the manifests with -f, or - for standard input");
    }
    Plan plan = Plan.read(from.files, terminal.input(), Schemas.kinds(), true);
    PlanServer server = new PlanServer(session.client(), session.namespace());
    server.check(plan);
    PrintWriter out = spec.commandLine().getOut();
    boolean differs = false;
    for (Planned planned : plan.objects()) {
      Optional<PlanServer.Site> site = server.find(planned);
      differs |= site.isEmpty() ? whole(planned, out) : compare(planned, site.get(), out);
    }
    out.flush();
    return differs ? Exit.FAILURE.code() : Exit.OK.code();
  }

  /// Of a kind that the plan itself defines, all is new.
  private boolean whole(Planned planned, PrintWriter out) {
    return show(planned.title(), JsonNodeFactory.instance.objectNode(), planned.object(), out);
  }

  private boolean compare(Planned planned, PlanServer.Site site, PrintWriter out)
      throws InterruptedException {
    WriteOptions options = WriteOptions.DEFAULT.asDryRun().withForce();
    Optional<ObjectNode> live = site.objects().find(site.key());
    ObjectNode after = site.objects().apply(site.object(), "", options);
    ObjectNode before = live.orElse(JsonNodeFactory.instance.objectNode());
    return show(planned.title(), before, after, out);
  }

  private boolean show(String title, ObjectNode live, ObjectNode after, PrintWriter out) {
    ObjectNode left = compared(live);
    ObjectNode right = compared(after);
    if (Json.equal(left, right)) {
      return false;
    }
    mask(left, right);
    String before = left.isEmpty() ? "" : Yaml.write(left);
    out.println(terminal.coloured(CYAN, "--- " + title + (left.isEmpty() ? " (none)" : "")));
    out.println(terminal.coloured(CYAN, "+++ " + title));
    for (LineDiff.Line line : LineDiff.of(before, Yaml.write(right))) {
      String text = line.mark() + line.text();
      out.println(
          switch (line.mark()) {
            case '-' -> terminal.coloured(RED, text);
            case '+' -> terminal.coloured(GREEN, text);
            case '@' -> terminal.coloured(CYAN, text);
            default -> text;
          });
    }
    return true;
  }

  /// Without what changes with every write and says nothing.
  private static ObjectNode compared(ObjectNode object) {
    ObjectNode copy = object.deepCopy();
    if (copy.get("metadata") instanceof ObjectNode metadata) {
      metadata.remove("managedFields");
      metadata.remove("resourceVersion");
      metadata.remove("generation");
      metadata.remove("uid");
      metadata.remove("creationTimestamp");
    }
    return copy;
  }

  private static void mask(ObjectNode left, ObjectNode right) {
    boolean isSecret =
        right.path("kind").asString("").equals("Secret")
            && right.path("apiVersion").asString("").equals("v1");
    if (isSecret) {
      mask(left, right, "data");
      mask(left, right, "stringData");
    }
    hide(left.get("spec"), right.get("spec"), "password");
  }

  private static void mask(ObjectNode left, ObjectNode right, String member) {
    for (JsonNode each : new JsonNode[] {left.path(member), right.path(member)}) {
      for (String name : each.propertyNames().stream().toList()) {
        hide(left.get(member), right.get(member), name);
      }
    }
  }

  /// The reader sees whether a value changed, not what it is.
  private static void hide(@Nullable JsonNode left, @Nullable JsonNode right, String name) {
    JsonNode former = left == null ? null : left.get(name);
    JsonNode latter = right == null ? null : right.get(name);
    boolean same = former != null && latter != null && Json.equal(former, latter);
    if (left instanceof ObjectNode object && former != null) {
      object.put(name, same ? "***" : "*** (before)");
    }
    if (right instanceof ObjectNode object && latter != null) {
      object.put(name, same ? "***" : "*** (after)");
    }
  }
}
