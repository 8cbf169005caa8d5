package dev.otherix.ctl;

import dev.otherix.apimachinery.schema.Column;
import dev.otherix.apimachinery.schema.JsonPath;
import dev.otherix.apimachinery.schema.Kind;
import dev.otherix.apimachinery.schema.KindHeader;
import dev.otherix.apimachinery.schema.Rule;
import dev.otherix.apimachinery.schema.SchemaNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/// A kind's part of the reference page: names, columns, rules, and a line for each field.
final class KindPage {
  private final StringBuilder out = new StringBuilder();

  private KindPage() {}

  static String of(Kind kind) {
    KindPage page = new KindPage();
    page.head(kind);
    page.rules(kind.schema(), "");
    page.fields(kind);
    return page.out.toString();
  }

  private void head(Kind kind) {
    KindHeader header = kind.header();
    out.append("## ").append(kind.kind()).append("\n\n");
    out.append(kind.schema().description()).append("\n\n");
    line("Path", "`/apis/" + kind.apiVersion() + "/" + kind.plural() + "`");
    line("Short names", String.join(", ", header.shortNames()));
    line("Actions", String.join(", ", header.subresources().actions()));
    line("Streams", String.join(", ", header.subresources().streams()));
    line("Columns", header.columns().stream().map(Column::name).collect(Collectors.joining(", ")));
    line("Selectable fields", paths(header.selectableFields()));
    line("Fixed after creation", paths(header.immutable()));
  }

  private static String paths(List<JsonPath> paths) {
    return paths.stream().map(each -> "`" + each + "`").collect(Collectors.joining(", "));
  }

  private void line(String title, String text) {
    if (!text.isEmpty()) {
      out.append("- ").append(title).append(": ").append(text).append('\n');
    }
  }

  private void rules(SchemaNode node, String path) {
    for (Rule rule : node.rules()) {
      String because = rule.because().isEmpty() ? "" : ": " + rule.because();
      out.append("- Rule").append(path.isEmpty() ? "" : " for `" + path + "`").append(": ");
      out.append(words(rule)).append(because).append('\n');
    }
    node.properties()
        .forEach((name, below) -> rules(below, path.isEmpty() ? name : path + "." + name));
    if (node.items() != null) {
      rules(node.items(), path + "[]");
    }
  }

  private static String words(Rule rule) {
    return switch (rule) {
      case Rule.ExactlyOneOf one -> "exactly one of " + code(one.fields()) + " is set";
      case Rule.AtMostOneOf one -> "at most one of " + code(one.fields()) + " is set";
      case Rule.Ordered pair -> "`" + pair.low() + "` is at most `" + pair.high() + "`";
      case Rule.InSubnet pair -> "`" + pair.address() + "` lies in `" + pair.subnet() + "`";
      case Rule.ReservedPrefix reserved ->
          "`" + reserved.field() + "` does not begin with " + code(reserved.prefixes());
      case Rule.When when -> when(when);
    };
  }

  private static String when(Rule.When rule) {
    List<String> demands = new ArrayList<>();
    if (!rule.require().isEmpty()) {
      demands.add(code(rule.require()) + " must be set");
    }
    if (!rule.forbid().isEmpty()) {
      demands.add(code(rule.forbid()) + " may not be set");
    }
    rule.values().forEach((field, values) -> demands.add("`" + field + "` is " + list(values)));
    rule.max().forEach((field, bound) -> demands.add("`" + field + "` is at most " + bound));
    rule.min().forEach((field, bound) -> demands.add("`" + field + "` is at least " + bound));
    String conditions =
        rule.conditions().entrySet().stream()
            .map(KindPage::condition)
            .collect(Collectors.joining(" and "));
    return "when " + conditions + ", " + String.join(" and ", demands);
  }

  private static String condition(Map.Entry<String, Rule.Condition> entry) {
    return "`"
        + entry.getKey()
        + "`"
        + switch (entry.getValue()) {
          case Rule.Condition.IsSet set -> set.set() ? " is set" : " is not set";
          case Rule.Condition.AnyOf any -> " is " + list(any.values());
        };
  }

  private static String list(List<JsonNode> values) {
    return values.stream().map(JsonNode::toString).collect(Collectors.joining(" or "));
  }

  private static String code(List<String> names) {
    return names.stream().map(each -> "`" + each + "`").collect(Collectors.joining(", "));
  }

  private void fields(Kind kind) {
    out.append("\n| field | type | default | limits | meaning |\n|---|---|---|---|---|\n");
    for (String part : List.of("spec", "status")) {
      SchemaNode node = kind.schema().properties().get(part);
      if (node != null) {
        fields(node, part);
      }
    }
  }

  private void fields(SchemaNode node, String path) {
    node.properties()
        .forEach((name, below) -> {
          String at = path + "." + name;
          row(at, below, node.required().contains(name));
          SchemaNode items = below.items();
          if (items != null && !at.endsWith(".conditions")) {
            fields(items, at + "[]");
          }
          fields(below, at);
        });
  }

  private void row(String path, SchemaNode node, boolean required) {
    JsonNode fallback = node.defaultValue();
    String value = fallback == null || fallback.isContainer() ? "" : "`" + fallback + "`";
    out.append("| `").append(path).append("` | ").append(type(node)).append(" | ");
    out.append(required && value.isEmpty() ? "required" : value).append(" | ");
    out.append(limits(node)).append(" | ");
    out.append(node.description().replace("|", "\\|")).append(" |\n");
  }

  private static String type(SchemaNode node) {
    String type = node.type().name().toLowerCase(Locale.ROOT).replace('_', ' ');
    if (node.items() != null) {
      return "list of " + node.items().type().name().toLowerCase(Locale.ROOT);
    }
    if (node.additionalProperties() != null) {
      return "map of " + node.additionalProperties().type().name().toLowerCase(Locale.ROOT);
    }
    return type;
  }

  private static String limits(SchemaNode node) {
    List<String> limits = new ArrayList<>();
    JsonNode source = node.source();
    if (source.has("enum")) {
      List<String> values = new ArrayList<>();
      source.path("enum").forEach(each -> values.add("`" + each.asString() + "`"));
      limits.add(String.join(", ", values));
    }
    range(limits, source, "minimum", "maximum", "");
    range(limits, source, "minLength", "maxLength", " characters");
    range(limits, source, "minItems", "maxItems", " items");
    range(limits, source, "minProperties", "maxProperties", " entries");
    if (!node.format().isEmpty() && !node.format().startsWith("int")) {
      limits.add(node.format());
    }
    if (source.has("pattern")) {
      limits.add("`" + source.path("pattern").asString().replace("|", "\\|") + "`");
    }
    return String.join("; ", limits);
  }

  private static void range(
      List<String> limits, JsonNode source, String low, String high, String unit) {
    boolean both = source.has(low) && source.has(high);
    if (both) {
      limits.add(source.path(low) + " to " + source.path(high) + unit);
    } else if (source.has(high)) {
      limits.add("at most " + source.path(high) + unit);
    } else if (source.has(low)) {
      limits.add("at least " + source.path(low) + unit);
    }
  }
}
