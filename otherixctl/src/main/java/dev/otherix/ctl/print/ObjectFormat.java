package dev.otherix.ctl.print;

import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.codec.Yaml;
import dev.otherix.apimachinery.schema.JsonPath;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.ctl.failure.CommandFailure;
import dev.otherix.ctl.failure.Exit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// A form in which whole objects are printed: what `-o` names, tables apart.
public sealed interface ObjectFormat {

  /// As the server sends it.
  record AsYaml() implements ObjectFormat {}

  record AsJson() implements ObjectFormat {}

  /// `vm/web-0`, or `widget.example.io/w`.
  record Names() implements ObjectFormat {}

  /// Text with paths in braces.
  record Template(JsonPathTemplate template) implements ObjectFormat {}

  /// A column for each path.
  record Columns(List<String> names, List<JsonPath> paths) implements ObjectFormat {
    public Columns {
      names = List.copyOf(names);
      paths = List.copyOf(paths);
    }
  }

  String KNOWN = "table, wide, yaml, json, name, jsonpath=TEMPLATE, custom-columns=NAME:PATH,...";

  /// Whether `-o` asks for a table that the server makes.
  static boolean isTable(String output) {
    return output.isEmpty() || output.equals("table") || output.equals("wide");
  }

  /// @throws CommandFailure when it is none of them
  static ObjectFormat parse(String output) {
    int equals = output.indexOf('=');
    String name = equals < 0 ? output : output.substring(0, equals);
    String argument = equals < 0 ? "" : output.substring(equals + 1);
    return switch (name) {
      case "yaml" -> new AsYaml();
      case "json" -> new AsJson();
      case "name" -> new Names();
      case "jsonpath" -> new Template(JsonPathTemplate.parse(argument));
      case "custom-columns" -> columns(argument);
      default ->
          throw new CommandFailure(
              Exit.USAGE, "-o does not know \"" + output + "\"; it takes " + KNOWN);
    };
  }

  private static Columns columns(String argument) {
    List<String> names = new ArrayList<>();
    List<JsonPath> paths = new ArrayList<>();
    for (String column : argument.split(",", -1)) {
      int colon = column.indexOf(':');
      if (colon < 1) {
        throw new CommandFailure(
            Exit.USAGE,
            "-o custom-columns: \"" + column + "\" is not NAME:PATH, such as NAME:.metadata.name");
      }
      names.add(column.substring(0, colon));
      paths.add(path(column.substring(colon + 1)));
    }
    return new Columns(names, paths);
  }

  static JsonPath path(String text) {
    try {
      return JsonPath.parse(text.startsWith(".") || text.startsWith("[") ? text : "." + text);
    } catch (ApiException | IllegalArgumentException e) {
      throw new CommandFailure(
          Exit.USAGE, "the path \"" + text + "\" cannot be read: " + e.getMessage());
    }
  }

  /// The text of several objects, or of one.
  ///
  /// @param single whether one was asked for by name, so that it stands by itself and in no list
  default String print(List<ObjectNode> objects, boolean single) {
    return switch (this) {
      case AsYaml _ -> single ? Yaml.write(objects.getFirst()) : Yaml.write(list(objects));
      case AsJson _ ->
          (single ? Json.pretty(objects.getFirst()) : Json.pretty(list(objects))) + "\n";
      case Names _ -> {
        StringBuilder out = new StringBuilder();
        objects.forEach(each -> out.append(title(each)).append('\n'));
        yield out.toString();
      }
      case Template(JsonPathTemplate template) ->
          template.print(single ? objects.getFirst() : list(objects));
      case Columns(List<String> names, List<JsonPath> paths) -> table(names, paths, objects);
    };
  }

  private static String table(List<String> names, List<JsonPath> paths, List<ObjectNode> objects) {
    List<List<String>> rows = new ArrayList<>();
    for (ObjectNode object : objects) {
      List<String> cells = new ArrayList<>();
      for (JsonPath path : paths) {
        List<JsonNode> found = path.all(object);
        cells.add(
            found.isEmpty()
                ? "<none>"
                : String.join(",", found.stream().map(JsonPathTemplate::text).toList()));
      }
      rows.add(cells);
    }
    return TextTable.of(names, rows);
  }

  private static ObjectNode list(List<ObjectNode> objects) {
    ObjectNode list = Json.parseObject("{\"apiVersion\":\"v1\",\"kind\":\"List\"}");
    list.withArrayProperty("items").addAll(objects);
    list.putObject("metadata").put("resourceVersion", "");
    return list;
  }

  /// The object as commands name it: `vm/web-0`.
  static String title(ObjectNode object) {
    String apiVersion = object.path("apiVersion").asString("");
    int slash = apiVersion.indexOf('/');
    String group = slash < 0 ? "" : apiVersion.substring(0, slash);
    String kind = object.path("kind").asString("").toLowerCase(Locale.ROOT);
    String suffix = group.isEmpty() || group.equals("otherix") ? "" : "." + group;
    return kind + suffix + "/" + object.path("metadata").path("name").asString("");
  }
}
