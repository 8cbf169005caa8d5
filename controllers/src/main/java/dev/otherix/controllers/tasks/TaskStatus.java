package dev.otherix.controllers.tasks;

import dev.otherix.apimachinery.object.Time;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// The patches by which a task goes on.
final class TaskStatus {
  private static final int MESSAGE_MAX = 4096;

  private TaskStatus() {}

  static ObjectNode running(int attempt, Instant now, ObjectNode task) {
    ObjectNode patch = patch("running");
    ObjectNode status = patch.withObjectProperty("status").put("attempts", (long) attempt);
    if (!task.path("status").has("startedAt")) {
      status.put("startedAt", new Time(now).toString());
    }
    status.putNull("nextAttemptAt");
    return patch;
  }

  /// Nothing when that much was told before.
  static Optional<ObjectNode> progress(int percent, ObjectNode task) {
    if (percent <= task.at("/status/progress").asInt(0)) {
      return Optional.empty();
    }
    ObjectNode patch = JsonNodeFactory.instance.objectNode();
    patch.putObject("status").put("progress", (long) percent);
    return Optional.of(patch);
  }

  static ObjectNode again(String code, String message, Instant next) {
    ObjectNode patch = patch("pending");
    ObjectNode status = patch.withObjectProperty("status");
    status.put("nextAttemptAt", new Time(next).toString());
    error(status, code, message);
    return patch;
  }

  static ObjectNode success(Map<String, String> result, Instant now) {
    ObjectNode patch = ended("success", result, now);
    patch.withObjectProperty("status").put("progress", 100L).putNull("error");
    return patch;
  }

  static ObjectNode failed(String code, String message, Map<String, String> result, Instant now) {
    ObjectNode patch = ended("failed", result, now);
    error(patch.withObjectProperty("status"), code, message);
    return patch;
  }

  static ObjectNode cancelled(Instant now) {
    return ended("cancelled", Map.of(), now);
  }

  private static ObjectNode ended(String phase, Map<String, String> result, Instant now) {
    ObjectNode patch = patch(phase);
    ObjectNode status = patch.withObjectProperty("status");
    status.put("finishedAt", new Time(now).toString()).putNull("nextAttemptAt");
    if (!result.isEmpty()) {
      ObjectNode values = status.putObject("result");
      result.forEach(values::put);
    }
    return patch;
  }

  private static void error(ObjectNode status, String code, String message) {
    String text = message.length() > MESSAGE_MAX ? message.substring(0, MESSAGE_MAX) : message;
    status.putObject("error").put("code", code).put("message", text);
  }

  private static ObjectNode patch(String phase) {
    ObjectNode patch = JsonNodeFactory.instance.objectNode();
    patch.putObject("status").put("phase", phase);
    return patch;
  }
}
