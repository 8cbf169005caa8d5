package dev.otherix.ctl.noun;

import dev.otherix.apimachinery.codec.Json;
import dev.otherix.ctl.connect.Session;
import dev.otherix.ctl.failure.CommandFailure;
import dev.otherix.ctl.failure.Exit;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Replaces the cluster's authority, step by step.
@Command(
    name = "rotate-ca",
    description = {
      "Replaces the cluster's CA, step by step, while everything runs; without a step it shows how"
          + " far it is.",
      "start: a new CA stands beside the present one; both are trusted.",
      "switch: the new one signs; agents renew by themselves.",
      "finish: servers show the new one, and the former is trusted no more.",
      "cancel: takes start back."
    },
    footer = {
      "",
      "Before finish, have every other client trust both: otherixctl config update-ca, or a new"
          + " copy of admin.kubeconfig."
    },
    mixinStandardHelpOptions = true)
final class RotateCaCommand implements Callable<Integer> {
  private static final String PATH = "/v1/ca/rotation";
  private static final List<String> STEPS = List.of("start", "switch", "finish", "cancel");

  private final Session session;

  @Spec private CommandLine.Model.CommandSpec spec;

  @Parameters(paramLabel = "STEP", arity = "0..1", description = "start, switch, finish or cancel.")
  private String step = "";

  @Option(
      names = "--force",
      description = "With finish: although nodes have no certificate of the new CA. They are out.")
  private boolean force;

  RotateCaCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() throws InterruptedException {
    if (!step.isEmpty() && !STEPS.contains(step)) {
      throw new CommandFailure(
          Exit.USAGE, "the step \"" + step + "\" is none of " + String.join(", ", STEPS));
    }
    byte[] answer;
    if (step.isEmpty()) {
      answer = session.client().raw("GET", PATH, "", null);
    } else {
      ObjectNode body = JsonNodeFactory.instance.objectNode().put("step", step);
      answer = session.client().raw("POST", PATH, "", force ? body.put("force", true) : body);
    }
    show(Json.parseObject(new String(answer, StandardCharsets.UTF_8)));
    return Exit.OK.code();
  }

  private void show(ObjectNode state) {
    PrintWriter out = spec.commandLine().getOut();
    out.println("phase: " + state.path("phase").asString(""));
    for (JsonNode each : state.path("authorities")) {
      out.println(
          "ca: sha256:"
              + each.path("fingerprint_sha256").asString("")
              + " until "
              + each.path("not_after").asString("")
              + (each.path("vouches_for_servers").asBoolean(false) ? " (servers)" : "")
              + (each.path("signs_clients").asBoolean(false) ? " (signs)" : ""));
    }
    for (JsonNode each : state.path("nodes_behind")) {
      out.println("node without a certificate of the new ca: " + each.asString(""));
    }
    for (JsonNode each : state.path("servers_behind")) {
      out.println("server whose etcd does not go along yet: " + each.asString(""));
    }
    out.flush();
  }
}
