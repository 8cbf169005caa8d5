package dev.otherix.ctl.print;

import dev.otherix.apimachinery.object.Time;
import dev.otherix.apimachinery.schema.HumanDuration;
import dev.otherix.apimachinery.status.ApiException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// An object for people: fields as an indented list, conditions and events as tables.
public final class Description {
  public static final List<String> EVENT_COLUMNS =
      List.of("LAST SEEN", "TYPE", "REASON", "OBJECT", "COUNT", "MESSAGE");

  private static final int OBJECT_COLUMN = 3;
  private static final int LINES_MAX = 8;
  private static final List<String> HIDDEN =
      List.of("managedFields", "name", "namespace", "resourceVersion", "generateName");

  private final StringBuilder out = new StringBuilder();

  private Description() {}

  /// @param events of the object, oldest first
  public static String of(ObjectNode object, List<ObjectNode> events) {
    Description text = new Description();
    JsonNode metadata = object.path("metadata");
    text.line(0, "Name", metadata.path("name").asString(""));
    if (metadata.has("namespace")) {
      text.line(0, "Namespace", metadata.path("namespace").asString(""));
    }
    text.line(0, "Kind", object.path("kind").asString(""));
    text.line(0, "API version", object.path("apiVersion").asString(""));
    for (Map.Entry<String, JsonNode> each : metadata.properties()) {
      if (!HIDDEN.contains(each.getKey())) {
        text.value(0, title(each.getKey()), each.getValue());
      }
    }
    for (Map.Entry<String, JsonNode> each : object.properties()) {
      switch (each.getKey()) {
        case "apiVersion", "kind", "metadata", "status" -> {}
        default -> text.value(0, title(each.getKey()), each.getValue());
      }
    }
    JsonNode status = object.path("status").deepCopy();
    if (status instanceof ObjectNode members) {
      JsonNode conditions = members.remove("conditions");
      text.value(0, "Status", members);
      if (conditions != null) {
        text.conditions(conditions);
      }
    }
    text.events(events);
    return text.out.toString();
  }

  private static String title(String member) {
    return Character.toUpperCase(member.charAt(0)) + member.substring(1);
  }

  private void line(int depth, String name, String text) {
    out.repeat(' ', 2 * depth).append(name).append(':');
    if (text.contains("\n")) {
      out.append('\n');
      List<String> lines = text.lines().toList();
      lines.stream()
          .limit(LINES_MAX)
          .forEach(each -> out.repeat(' ', 2 * depth + 2).append(clean(each)).append('\n'));
      if (lines.size() > LINES_MAX) {
        out.repeat(' ', 2 * depth + 2).append("... ");
        out.append(lines.size() - LINES_MAX).append(" more lines\n");
      }
      return;
    }
    out.append(text.isEmpty() ? "" : " ").append(clean(text)).append('\n');
  }

  /// What a server sends must not move the cursor of a terminal.
  private static String clean(String text) {
    return text.codePoints()
        .map(each -> Character.isISOControl(each) ? ' ' : each)
        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
        .toString();
  }

  private void value(int depth, String name, JsonNode value) {
    if (value.isObject()) {
      line(depth, name, value.isEmpty() ? "{}" : "");
      value.properties().forEach(each -> value(depth + 1, each.getKey(), each.getValue()));
    } else if (value.isArray() && hasContainers(value)) {
      line(depth, name, "");
      int index = 0;
      for (JsonNode item : value) {
        value(depth + 1, Integer.toString(index++), item);
      }
    } else if (value.isArray()) {
      List<String> items = new ArrayList<>();
      value.forEach(item -> items.add(JsonPathTemplate.text(item)));
      line(depth, name, String.join(", ", items));
    } else {
      line(depth, name, JsonPathTemplate.text(value));
    }
  }

  private static boolean hasContainers(JsonNode array) {
    for (JsonNode item : array) {
      if (item.isContainer()) {
        return true;
      }
    }
    return false;
  }

  private void conditions(JsonNode conditions) {
    List<List<String>> rows = new ArrayList<>();
    for (JsonNode each : conditions) {
      rows.add(
          List.of(
              "  " + each.path("type").asString(""),
              each.path("status").asString(""),
              each.path("reason").asString(""),
              ago(each.path("lastTransitionTime").asString("")),
              each.path("message").asString("")));
    }
    out.append("Conditions:\n");
    out.append(TextTable.of(List.of("  TYPE", "STATUS", "REASON", "SINCE", "MESSAGE"), rows));
  }

  private void events(List<ObjectNode> events) {
    if (events.isEmpty()) {
      out.append("Events: <none>\n");
      return;
    }
    out.append("Events:\n");
    List<List<String>> rows = new ArrayList<>();
    for (ObjectNode each : events) {
      List<String> row = new ArrayList<>(eventRow(each));
      row.set(0, "  " + row.getFirst());
      row.remove(OBJECT_COLUMN);
      rows.add(row);
    }
    List<String> header = new ArrayList<>(EVENT_COLUMNS);
    header.set(0, "  " + header.getFirst());
    header.remove(OBJECT_COLUMN);
    out.append(TextTable.of(header, rows));
  }

  /// An event's cells in a table with [#EVENT_COLUMNS].
  public static List<String> eventRow(JsonNode event) {
    String time = event.path("lastTimestamp").asString(event.path("eventTime").asString(""));
    JsonNode about = event.path("involvedObject");
    return List.of(
        ago(time.isEmpty() ? event.at("/metadata/creationTimestamp").asString("") : time),
        event.path("type").asString(""),
        event.path("reason").asString(""),
        about.path("kind").asString("") + "/" + about.path("name").asString(""),
        event.path("count").asString(event.at("/series/count").asString("1")),
        event.path("message").asString(""));
  }

  private static String ago(String time) {
    if (time.isEmpty()) {
      return "<unknown>";
    }
    try {
      Duration since = Duration.between(Time.parse(time).instant(), Instant.now());
      return HumanDuration.print(since.isNegative() ? Duration.ZERO : since);
    } catch (ApiException | IllegalArgumentException _) {
      return time;
    }
  }
}
