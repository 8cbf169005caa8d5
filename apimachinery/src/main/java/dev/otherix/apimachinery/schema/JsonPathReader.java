package dev.otherix.apimachinery.schema;

import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.status.ApiException;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.StringNode;

/// Reads the text of one [JsonPath].
final class JsonPathReader {
  private static final int LENGTH_MAX = 1024;
  private static final int INDEX_DIGITS_MAX = 6;

  private final String text;
  private int at;

  JsonPathReader(String text) {
    this.text = text;
  }

  List<JsonPath.Segment> read() {
    if (text.length() > LENGTH_MAX) {
      throw wrong("is longer than " + LENGTH_MAX + " characters");
    }
    List<JsonPath.Segment> segments = new ArrayList<>();
    while (at < text.length()) {
      segments.add(
          switch (text.charAt(at)) {
            case '.' -> new JsonPath.Segment.Field(dotted());
            case '[' -> bracket();
            default -> throw wrong("has an unexpected '" + text.charAt(at) + "' at " + at);
          });
    }
    if (segments.isEmpty()) {
      throw wrong("is empty");
    }
    return segments;
  }

  private String dotted() {
    at++;
    StringBuilder name = new StringBuilder();
    while (at < text.length() && ".[]()'\"=!".indexOf(text.charAt(at)) < 0) {
      if (text.charAt(at) == '\\' && at + 1 < text.length()) {
        at++;
      }
      name.append(text.charAt(at++));
    }
    if (name.isEmpty()) {
      throw wrong("has an empty name at " + at);
    }
    return name.toString();
  }

  private JsonPath.Segment bracket() {
    at++;
    if (at >= text.length()) {
      throw wrong("ends inside [");
    }
    char first = text.charAt(at);
    JsonPath.Segment segment;
    if (first == '\'' || first == '"') {
      segment = new JsonPath.Segment.Field(quoted());
    } else if (first == '*') {
      at++;
      segment = new JsonPath.Segment.Every();
    } else if (first == '?') {
      segment = filter();
    } else {
      segment = new JsonPath.Segment.Index(index());
    }
    expect("]");
    return segment;
  }

  private JsonPath.Segment filter() {
    expect("?(@");
    List<String> field = new ArrayList<>();
    while (at < text.length() && text.charAt(at) == '.') {
      field.add(dotted().trim());
    }
    skipSpace();
    boolean equal = text.startsWith("==", at);
    expect(equal ? "==" : "!=");
    skipSpace();
    JsonNode value = literal();
    skipSpace();
    expect(")");
    return new JsonPath.Segment.Filter(List.copyOf(field), equal, value);
  }

  private JsonNode literal() {
    if (at < text.length() && (text.charAt(at) == '\'' || text.charAt(at) == '"')) {
      return StringNode.valueOf(quoted());
    }
    int start = at;
    while (at < text.length() && text.charAt(at) != ')') {
      at++;
    }
    try {
      return Json.parse(text.substring(start, at).trim());
    } catch (ApiException e) {
      throw ApiException.badRequest(
          "JSONPath " + text + " compares with something that is not a string or number", e);
    }
  }

  private String quoted() {
    char quote = text.charAt(at++);
    StringBuilder value = new StringBuilder();
    while (at < text.length() && text.charAt(at) != quote) {
      if (text.charAt(at) == '\\' && at + 1 < text.length()) {
        at++;
      }
      value.append(text.charAt(at++));
    }
    expect(String.valueOf(quote));
    return value.toString();
  }

  private int index() {
    int start = at;
    if (at < text.length() && text.charAt(at) == '-') {
      at++;
    }
    int digits = at;
    while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
      at++;
    }
    if (at == digits || at - digits > INDEX_DIGITS_MAX) {
      throw wrong("needs an index, '*', a quoted name or a filter in [] at " + start);
    }
    return Integer.parseInt(text.substring(start, at));
  }

  private void skipSpace() {
    while (at < text.length() && text.charAt(at) == ' ') {
      at++;
    }
  }

  private void expect(String expected) {
    if (!text.startsWith(expected, at)) {
      throw wrong("needs '" + expected + "' at " + at);
    }
    at += expected.length();
  }

  private ApiException wrong(String what) {
    return ApiException.badRequest(
        "JSONPath \""
            + text
            + "\" "
            + what
            + "; write it like .spec.name, .status.list[0].name, .metadata.labels['a.b'] or"
            + " .status.conditions[?(@.type==\"Ready\")].status");
  }
}
