package dev.otherix.ctl.progress;

import tools.jackson.databind.JsonNode;

/// How far an object is on its way to what its spec asks for.
public sealed interface Readiness {
  record Ready(String what) implements Readiness {}

  /// @param why as the object's conditions tell it
  record Pending(String why) implements Readiness {}

  /// It will not become ready without somebody's doing.
  record Failed(String why) implements Readiness {}

  /// Reads it from the status.
  static Readiness of(JsonNode object) {
    if (object.path("metadata").has("deletionTimestamp")) {
      return new Failed("it is being deleted");
    }
    JsonNode status = object.path("status");
    boolean isOtherix = object.path("apiVersion").asString("").equals("otherix/v1");
    return isOtherix
        ? switch (object.path("kind").asString("")) {
          case "VM" -> machine(object, status);
          case "StoragePool" -> byCondition(object, status, "Ready", true);
          case "Task" -> task(status);
          case "VMSnapshot" -> snapshot(object, status);
          default -> byCondition(object, status, "Ready", false);
        }
        : byCondition(
            object,
            status,
            object.path("kind").asString("").equals("CustomResourceDefinition")
                ? "Established"
                : "Ready",
            false);
  }

  private static Readiness machine(JsonNode object, JsonNode status) {
    String phase = status.path("phase").asString("");
    String wanted =
        switch (object.at("/spec/powerState").asString("Running")) {
          case "Stopped" -> "stopped";
          case "Paused" -> "paused";
          default -> "running";
        };
    boolean seen =
        status.path("observedGeneration").asLong(0) >= object.at("/metadata/generation").asLong(0);
    if (phase.equals(wanted) && seen) {
      return new Ready(phase);
    }
    String why = because(phase.isEmpty() ? "pending" : phase, status);
    return phase.equals("error") ? new Failed(why) : new Pending(why);
  }

  private static Readiness snapshot(JsonNode object, JsonNode status) {
    String phase = status.path("phase").asString("pending");
    return phase.equals("failed")
        ? new Failed(because(phase, status))
        : byCondition(object, status, "Ready", true);
  }

  private static Readiness task(JsonNode status) {
    String phase = status.path("phase").asString("pending");
    String why = because(phase, status.has("error") ? status.path("error") : status);
    return switch (phase) {
      case "success" -> new Ready(phase);
      case "failed", "cancelled" -> new Failed(why);
      default -> new Pending(why);
    };
  }

  /// @param needed whether it counts as pending while it has no such condition
  private static Readiness byCondition(
      JsonNode object, JsonNode status, String type, boolean needed) {
    for (JsonNode condition : status.path("conditions")) {
      if (condition.path("type").asString("").equals(type)) {
        long generation = object.at("/metadata/generation").asLong(0);
        boolean seen = condition.path("observedGeneration").asLong(generation) >= generation;
        return condition.path("status").asString("").equals("True") && seen
            ? new Ready("ready")
            : new Pending(because("pending", condition));
      }
    }
    return needed ? new Pending("pending") : new Ready("exists");
  }

  private static String because(String word, JsonNode told) {
    String reason = told.path("reason").asString(told.path("code").asString(""));
    String message = told.path("message").asString("");
    if (reason.isEmpty() && message.isEmpty()) {
      return word;
    }
    String both =
        reason.isEmpty() || message.isEmpty() ? reason + message : reason + ": " + message;
    return word + " (" + both + ")";
  }
}
