package dev.otherix.apimachinery.schema;

import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apimachinery.status.StatusReason;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;

/// What a kind or one of its fields means, as text, in the form that `kubectl explain` prints.
public final class Explain {
  private static final int WIDTH = 76;

  private final StringBuilder out = new StringBuilder();

  private Explain() {}

  /// @param fields the way to a field, empty for the whole kind; lists and maps are passed through
  /// @param recursive name every field below instead of describing those of one level
  /// @throws ApiException 404 when there is no such field
  public static String explain(Kind kind, List<String> fields, boolean recursive) {
    SchemaNode node = kind.schema();
    for (int i = 0; i < fields.size(); i++) {
      SchemaNode parent = content(node);
      SchemaNode next = parent.properties().get(fields.get(i));
      if (next == null) {
        throw ApiException.of(
            StatusReason.NOT_FOUND,
            "field \""
                + String.join(".", fields.subList(0, i + 1))
                + "\" does not exist; known are "
                + String.join(", ", parent.properties().keySet()));
      }
      node = next;
    }
    Explain explain = new Explain();
    explain.header(kind);
    if (!fields.isEmpty()) {
      explain.field(fields.getLast(), node);
    }
    explain.description(node);
    explain.members(content(node), recursive);
    return explain.out.toString();
  }

  private void header(Kind kind) {
    if (!kind.group().isEmpty()) {
      out.append("GROUP:      ").append(kind.group()).append('\n');
    }
    out.append("KIND:       ").append(kind.kind()).append('\n');
    out.append("VERSION:    ").append(kind.version()).append("\n\n");
  }

  private void field(String name, SchemaNode node) {
    out.append("FIELD: ").append(name).append(" <").append(type(name, node)).append(">\n");
    String values = values(node, "\n    ");
    if (!values.isEmpty()) {
      out.append("ENUM:\n    ").append(values).append('\n');
    } else {
      out.append('\n');
    }
    out.append('\n');
  }

  private void description(SchemaNode node) {
    out.append("DESCRIPTION:\n");
    String text = node.description().isEmpty() ? content(node).description() : node.description();
    if (text.isEmpty()) {
      out.append("    <empty>\n");
    } else {
      wrapped(text, "    ");
      out.append("    \n");
    }
  }

  private void members(SchemaNode node, boolean recursive) {
    if (node.properties().isEmpty()) {
      out.append('\n');
      return;
    }
    out.append("FIELDS:\n");
    if (recursive) {
      names(node, "  ");
    } else {
      for (Map.Entry<String, SchemaNode> each : sorted(node)) {
        line(each, node, "  ");
        String values = values(each.getValue(), ", ");
        if (!values.isEmpty()) {
          out.append("  enum: ").append(values).append('\n');
        }
        String text = each.getValue().description();
        wrapped(text.isEmpty() ? "<no description>" : text, "    ");
        out.append('\n');
      }
    }
    out.append('\n');
  }

  private static Set<Map.Entry<String, SchemaNode>> sorted(SchemaNode node) {
    return new TreeMap<>(node.properties()).entrySet();
  }

  private void names(SchemaNode node, String indent) {
    for (Map.Entry<String, SchemaNode> each : sorted(node)) {
      line(each, node, indent);
      String values = values(each.getValue(), ", ");
      if (!values.isEmpty()) {
        out.append(indent).append("enum: ").append(values).append('\n');
      }
      names(content(each.getValue()), indent + "  ");
    }
  }

  private void line(Map.Entry<String, SchemaNode> member, SchemaNode parent, String indent) {
    out.append(indent).append(member.getKey()).append('\t');
    out.append('<').append(type(member.getKey(), member.getValue())).append('>');
    if (parent.required().contains(member.getKey())) {
      out.append(" -required-");
    }
    out.append('\n');
  }

  private static String type(String name, SchemaNode node) {
    return switch (node.type()) {
      case ARRAY -> "[]" + type(name, node.item());
      case STRING, INTEGER, NUMBER, BOOLEAN -> node.source().path("type").asString("");
      case INT_OR_STRING -> "IntOrString";
      case ANY -> "Object";
      case OBJECT -> {
        SchemaNode additional = node.additionalProperties();
        if (additional != null) {
          yield "map[string]" + type(name, additional);
        }
        yield name.equals("metadata") ? "ObjectMeta" : "Object";
      }
    };
  }

  /// What a path goes on into: the items of lists, the values of maps.
  private static SchemaNode content(SchemaNode node) {
    SchemaNode at = node;
    while (true) {
      SchemaNode additional = at.additionalProperties();
      if (at.type() == SchemaType.ARRAY) {
        at = at.item();
      } else if (additional != null) {
        at = additional;
      } else {
        return at;
      }
    }
  }

  private static String values(SchemaNode node, String separator) {
    List<String> values = new ArrayList<>();
    for (JsonNode each : node.source().path("enum")) {
      values.add(each.isString() ? each.stringValue() : each.toString());
    }
    return String.join(separator, values);
  }

  private void wrapped(String text, String indent) {
    for (String paragraph : text.split("\n", -1)) {
      int length = 0;
      out.append(indent);
      for (String word : paragraph.split(" ", -1)) {
        if (length > 0 && length + 1 + word.length() > WIDTH) {
          out.append('\n').append(indent);
          length = 0;
        } else if (length > 0) {
          out.append(' ');
          length++;
        }
        out.append(word);
        length += word.length();
      }
      out.append('\n');
    }
  }
}
