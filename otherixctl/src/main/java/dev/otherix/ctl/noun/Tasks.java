package dev.otherix.ctl.noun;

import dev.otherix.apimachinery.client.ApiClient;
import dev.otherix.apimachinery.client.ResourceClient;
import dev.otherix.apimachinery.object.GroupVersionResource;
import dev.otherix.apimachinery.object.ObjectKey;
import dev.otherix.ctl.progress.Durations;
import dev.otherix.ctl.progress.Readiness;
import dev.otherix.ctl.progress.Terminal;
import dev.otherix.ctl.progress.Waiting;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// The tasks that a command began, and whether it waits for them.
final class Tasks {
  static final GroupVersionResource RESOURCE = new GroupVersionResource("otherix", "v1", "tasks");

  @Option(names = "--wait", description = "Wait until it is done.")
  boolean wait;

  @Option(
      names = "--wait-timeout",
      paramLabel = "DURATION",
      converter = Durations.class,
      description = "How long to wait; the server goes on anyway. Default: 10m")
  Duration timeout = Duration.ofMinutes(10);

  /// The tasks in the answer to an action; none when it was done at once.
  static List<ObjectNode> in(ObjectNode answer) {
    List<ObjectNode> tasks = new ArrayList<>();
    switch (answer.path("kind").asString("")) {
      case "Task" -> tasks.add(answer);
      case "TaskList" -> {
        for (JsonNode each : answer.path("items")) {
          if (each instanceof ObjectNode task) {
            tasks.add(task);
          }
        }
      }
      default -> {}
    }
    return tasks;
  }

  static String line(String what, ObjectNode task) {
    return what
        + " task="
        + task.at("/metadata/name").asString("")
        + " status="
        + task.at("/status/phase").asString("pending");
  }

  void await(ApiClient client, List<ObjectNode> tasks, Terminal terminal, PrintWriter err)
      throws InterruptedException {
    Waiting waiting =
        new Waiting(
            terminal, err, "the server goes on; see how far it is with: otherixctl task list");
    ResourceClient all = client.resource(RESOURCE);
    for (ObjectNode each : tasks) {
      ObjectKey key = ResourceClient.keyOf(each);
      String title = each.at("/spec/type").asString("") + " task=" + key.name();
      waiting.add(
          title,
          () ->
              all.find(key)
                  .map(Readiness::of)
                  .orElse(new Readiness.Failed("the task is there no more")));
    }
    waiting.run(timeout);
  }
}
