package dev.otherix.ctl.verb;

import dev.otherix.apimachinery.schema.JsonPath;
import dev.otherix.ctl.failure.CommandFailure;
import dev.otherix.ctl.failure.Exit;
import dev.otherix.ctl.print.ObjectFormat;
import dev.otherix.ctl.progress.Readiness;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// What `wait --for` waits for.
sealed interface WaitState {
  /// As it was asked for.
  String title();

  record Created(String title) implements WaitState {}

  record Deleted(String title) implements WaitState {}

  record ConditionIs(String title, String type, String status) implements WaitState {}

  /// @param value empty for any
  record FieldIs(String title, JsonPath path, String value) implements WaitState {}

  /// @throws CommandFailure for anything else
  static WaitState parse(String text) {
    if (text.equals("create")) {
      return new Created(text);
    }
    if (text.equals("delete")) {
      return new Deleted(text);
    }
    if (text.startsWith("condition=")) {
      String rest = text.substring("condition=".length());
      int equals = rest.indexOf('=');
      String type = equals < 0 ? rest : rest.substring(0, equals);
      if (!type.isEmpty()) {
        return new ConditionIs(text, type, equals < 0 ? "True" : rest.substring(equals + 1));
      }
    }
    if (text.startsWith("jsonpath=")) {
      String rest = text.substring("jsonpath=".length());
      int close = rest.lastIndexOf('}');
      boolean braced = rest.startsWith("{") && close > 0;
      int equals = rest.indexOf('=', braced ? close : 0);
      String path = equals < 0 ? rest : rest.substring(0, equals);
      String plain = braced ? path.substring(1, path.length() - 1) : path;
      return new FieldIs(
          text, ObjectFormat.path(plain), equals < 0 ? "" : rest.substring(equals + 1));
    }
    throw new CommandFailure(
        Exit.USAGE,
        "--for does not know \""
            + text
            + "\"; it takes condition=TYPE[=STATUS], jsonpath={.path}[=VALUE], create and delete");
  }

  /// @param object empty when there is none
  default Readiness look(Optional<ObjectNode> object) {
    boolean deletes = this instanceof Deleted;
    if (object.isEmpty()) {
      return deletes ? new Readiness.Ready("gone") : new Readiness.Pending("not there yet");
    }
    return switch (this) {
      case Created _ -> new Readiness.Ready("there");
      case Deleted _ -> new Readiness.Pending("still there");
      case ConditionIs(_, String type, String status) -> condition(object.get(), type, status);
      case FieldIs(_, JsonPath path, String value) -> {
        JsonNode found = path.first(object.get());
        String text = found == null || found.isNull() ? "" : found.asString(found.toString());
        boolean met = value.isEmpty() ? !text.isEmpty() : text.equals(value);
        yield met ? new Readiness.Ready(text) : new Readiness.Pending("is \"" + text + "\"");
      }
    };
  }

  private static Readiness condition(ObjectNode object, String type, String status) {
    for (JsonNode condition : object.at("/status/conditions")) {
      if (condition.path("type").asString("").equalsIgnoreCase(type)) {
        long generation = object.at("/metadata/generation").asLong(0);
        boolean seen = condition.path("observedGeneration").asLong(generation) >= generation;
        String is = condition.path("status").asString("");
        return is.equalsIgnoreCase(status) && seen
            ? new Readiness.Ready(type + "=" + is)
            : new Readiness.Pending(type + "=" + is + " " + condition.path("reason").asString(""));
      }
    }
    return new Readiness.Pending("has no condition " + type);
  }
}
