package dev.otherix.ctl.print;

import dev.otherix.apimachinery.schema.JsonPath;
import dev.otherix.ctl.failure.CommandFailure;
import dev.otherix.ctl.failure.Exit;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/// Text with paths in braces: `{.metadata.name}{"\n"}`, and `{range .items[*]}...{end}`. Immutable.
public final class JsonPathTemplate {
  private static final int NESTED_MAX = 8;

  private sealed interface Part {
    record Text(String text) implements Part {}

    record Value(JsonPath path) implements Part {}

    record Range(JsonPath path, List<Part> body) implements Part {}
  }

  private final List<Part> parts;

  private JsonPathTemplate(List<Part> parts) {
    this.parts = parts;
  }

  /// @throws CommandFailure when it cannot be read
  public static JsonPathTemplate parse(String text) {
    String whole = text.startsWith("{") || text.contains("{") ? text : "{" + text + "}";
    Reader reader = new Reader(whole);
    List<Part> parts = reader.parts(0);
    if (reader.at < whole.length()) {
      throw wrong(whole, "{end} without {range}");
    }
    return new JsonPathTemplate(parts);
  }

  private static CommandFailure wrong(String text, String why) {
    return new CommandFailure(
        Exit.USAGE,
        "the template '" + text + "' cannot be read: " + why + "; it may be '{.metadata.name}'");
  }

  private static final class Reader {
    private final String text;
    private int at;

    Reader(String text) {
      this.text = text;
    }

    /// Up to the end, or to `{end}`, which it reads when nested.
    List<Part> parts(int depth) {
      if (depth > NESTED_MAX) {
        throw wrong(text, "more than " + NESTED_MAX + " ranges in each other");
      }
      List<Part> parts = new ArrayList<>();
      while (at < text.length()) {
        int open = text.indexOf('{', at);
        if (open < 0) {
          parts.add(new Part.Text(text.substring(at)));
          at = text.length();
          break;
        }
        if (open > at) {
          parts.add(new Part.Text(text.substring(at, open)));
        }
        String inside = inside(open);
        if (inside.equals("end")) {
          if (depth > 0) {
            return parts;
          }
          at = open;
          return parts;
        }
        parts.add(part(inside, depth));
      }
      if (depth > 0) {
        throw wrong(text, "{range} without {end}");
      }
      return parts;
    }

    private Part part(String inside, int depth) {
      if (inside.startsWith("range ")) {
        JsonPath path = ObjectFormat.path(inside.substring("range ".length()).strip());
        return new Part.Range(path, parts(depth + 1));
      }
      boolean quoted = inside.length() > 1 && (inside.startsWith("\"") || inside.startsWith("'"));
      if (quoted && inside.charAt(inside.length() - 1) == inside.charAt(0)) {
        return new Part.Text(inside.substring(1, inside.length() - 1).translateEscapes());
      }
      String path = inside.startsWith("$") ? inside.substring(1) : inside;
      return new Part.Value(ObjectFormat.path(path));
    }

    /// The content of the braces, in which quoted braces count for nothing.
    private String inside(int open) {
      char quote = 0;
      for (int i = open + 1; i < text.length(); i++) {
        char each = text.charAt(i);
        if (quote != 0) {
          quote = each == quote && text.charAt(i - 1) != '\\' ? 0 : quote;
        } else if (each == '"' || each == '\'') {
          quote = each;
        } else if (each == '}') {
          at = i + 1;
          return text.substring(open + 1, i).strip();
        }
      }
      throw wrong(text, "a brace is not closed");
    }
  }

  public String print(JsonNode root) {
    StringBuilder out = new StringBuilder();
    print(parts, root, out);
    return out.toString();
  }

  private static void print(List<Part> parts, JsonNode root, StringBuilder out) {
    for (Part part : parts) {
      switch (part) {
        case Part.Text(String text) -> out.append(text);
        case Part.Value(JsonPath path) ->
            out.append(String.join(" ", path.all(root).stream().map(each -> text(each)).toList()));
        case Part.Range(JsonPath path, List<Part> body) ->
            path.all(root).forEach(each -> print(body, each, out));
      }
    }
  }

  static String text(JsonNode value) {
    // Jackson makes a whole mapper for toString, which a start would be seen to wait for.
    return value.isContainer() ? value.toString() : value.asString("null");
  }
}
