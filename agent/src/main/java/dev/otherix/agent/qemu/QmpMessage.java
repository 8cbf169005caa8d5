package dev.otherix.agent.qemu;

import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.codec.Limits;
import dev.otherix.apimachinery.status.ApiException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// What QEMU's monitor says, one line each.
sealed interface QmpMessage {
  /// The longest line that is read. Answers to what the agent asks are far shorter.
  int LINE_BYTES_MAX = 4 * 1024 * 1024;

  Limits LIMITS = new Limits(LINE_BYTES_MAX, 60, 0, 200_000, 1);

  /// The first thing that it says.
  record Greeting(String version) implements QmpMessage {}

  record Answer(long id, JsonNode value) implements QmpMessage {}

  record Refusal(long id, String kind, String description) implements QmpMessage {}

  record Event(String name, ObjectNode data) implements QmpMessage {}

  /// @throws QmpException when the line is none of these
  static QmpMessage read(byte[] line) {
    JsonNode tree;
    try {
      tree = Json.decode(line, LIMITS).tree();
    } catch (ApiException e) {
      throw new QmpException("the monitor sent what is not JSON: " + e.getMessage(), e);
    }
    if (!(tree instanceof ObjectNode object)) {
      throw new QmpException("the monitor sent JSON that is no object");
    }
    if (object.get("QMP") instanceof ObjectNode greeting) {
      JsonNode version = greeting.path("version").path("qemu");
      return new Greeting(number(version, "major") + "." + number(version, "minor"));
    }
    if (object.has("event")) {
      ObjectNode data =
          object.get("data") instanceof ObjectNode found ? found : object.objectNode();
      return new Event(object.path("event").asString(""), data);
    }
    if (object.get("error") instanceof ObjectNode error) {
      return new Refusal(
          id(object), error.path("class").asString(""), error.path("desc").asString(""));
    }
    JsonNode value = object.get("return");
    if (value == null) {
      throw new QmpException("the monitor sent an object that is no message");
    }
    return new Answer(id(object), value);
  }

  private static long number(JsonNode in, String member) {
    return in.path(member).asLong(0);
  }

  /// Requests are numbered from 1; 0 is nobody's.
  private static long id(ObjectNode object) {
    return object.path("id").asLong(0);
  }
}
