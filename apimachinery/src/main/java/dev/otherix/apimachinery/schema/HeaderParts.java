package dev.otherix.apimachinery.schema;

import dev.otherix.apimachinery.object.Dns;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apimachinery.status.FieldError;
import dev.otherix.apimachinery.status.FieldPath;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.StringNode;

/// Reads the parts that a schema file's header and a CustomResourceDefinition have in common, and
/// holds their paths against the schema. What cannot be read is reported and left out.
final class HeaderParts {
  static final int SELECTABLE_MAX = 16;
  static final int SELECTABLE_CUSTOM_MAX = 8;

  private static final Set<String> COLUMN_TYPES =
      Set.of("integer", "number", "string", "boolean", "date");
  private static final Set<String> COLUMN_MEMBERS =
      Set.of("name", "type", "format", "description", "priority", "jsonPath");
  private static final Set<String> OWN_COLUMN_MEMBERS =
      Set.of("name", "type", "format", "description", "priority", "jsonPath", "orElse", "form");

  private final SchemaProblems problems;
  private final SchemaNode schema;
  private final boolean custom;

  HeaderParts(SchemaProblems problems, SchemaNode schema, boolean custom) {
    this.problems = problems;
    this.schema = schema;
    this.custom = custom;
  }

  void only(JsonNode node, Set<String> known, FieldPath path) {
    for (String name : node.propertyNames()) {
      if (!known.contains(name)) {
        problems.add(
            FieldError.forbidden(
                path.child(name),
                "no such member; known are "
                    + String.join(", ", known.stream().sorted().toList())));
      }
    }
  }

  /// A text that must be there and look like a name.
  String name(JsonNode parent, String member, FieldPath path) {
    String text = parent.path(member).asString("");
    if (text.isEmpty()) {
      problems.add(FieldError.required(path.child(member), ""));
    } else if (!Dns.isName(text)) {
      problems.add(
          FieldError.invalid(
              path.child(member),
              parent.get(member),
              "must be lower-case letters, digits and '-', beginning with a letter, at most "
                  + Dns.LABEL_MAX
                  + " characters"));
    }
    return text;
  }

  /// A kind's name, which may have upper-case letters.
  String kindName(JsonNode parent, String member, FieldPath path) {
    String text = parent.path(member).asString("");
    if (text.isEmpty()) {
      problems.add(FieldError.required(path.child(member), ""));
    } else if (!Dns.isName(text.toLowerCase(Locale.ROOT))) {
      problems.add(
          FieldError.invalid(
              path.child(member),
              parent.get(member),
              "must be letters, digits and '-', beginning with a letter, at most "
                  + Dns.LABEL_MAX
                  + " characters"));
    }
    return text;
  }

  /// Short names, categories, actions.
  List<String> names(JsonNode list, FieldPath path) {
    List<String> names = new ArrayList<>();
    if (!list.isMissingNode() && !list.isArray()) {
      problems.add(FieldError.invalid(path, list, "must be a list of names"));
    }
    for (int i = 0; i < list.size(); i++) {
      String text = list.path(i).asString("");
      if (!Dns.isName(text)) {
        problems.add(
            FieldError.invalid(
                path.index(i),
                list.path(i),
                "must be lower-case letters, digits and '-', beginning with a letter"));
      } else if (names.contains(text)) {
        problems.add(FieldError.duplicate(path.index(i), list.path(i)));
      } else {
        names.add(text);
      }
    }
    return names;
  }

  /// One of a set of words, or null when it is none of them.
  <T> @Nullable T oneOf(JsonNode text, T[] values, Function<T, String> word, FieldPath path) {
    List<String> known = new ArrayList<>();
    for (T value : values) {
      if (word.apply(value).equals(text.asString(""))) {
        return value;
      }
      known.add(word.apply(value));
    }
    problems.add(FieldError.notSupported(path, text, known));
    return null;
  }

  Scope scope(JsonNode parent, FieldPath path) {
    String text = parent.path("scope").asString("");
    for (Scope scope : Scope.values()) {
      if (scope.wireName().equals(text)) {
        return scope;
      }
    }
    problems.add(
        text.isEmpty()
            ? FieldError.required(path.child("scope"), "must be Namespaced or Cluster")
            : FieldError.notSupported(
                path.child("scope"), parent.get("scope"), List.of("Cluster", "Namespaced")));
    return Scope.NAMESPACED;
  }

  List<Column> columns(JsonNode list, FieldPath path) {
    List<Column> columns = new ArrayList<>();
    for (int i = 0; i < list.size(); i++) {
      JsonNode each = list.path(i);
      FieldPath at = path.index(i);
      only(each, custom ? COLUMN_MEMBERS : OWN_COLUMN_MEMBERS, at);
      String name = each.path("name").asString("");
      if (name.isEmpty()) {
        problems.add(FieldError.required(at.child("name"), ""));
      }
      String type = each.path("type").asString("");
      if (!COLUMN_TYPES.contains(type)) {
        problems.add(
            type.isEmpty()
                ? FieldError.required(at.child("type"), "")
                : FieldError.notSupported(
                    at.child("type"), each.get("type"), COLUMN_TYPES.stream().sorted().toList()));
      }
      JsonNode priority = each.get("priority");
      if (priority != null && !(priority.canConvertToInt() && priority.intValue() >= 0)) {
        problems.add(FieldError.invalid(at.child("priority"), priority, "must be 0 or more"));
      }
      JsonPath jsonPath = path(each, "jsonPath", at, !custom);
      List<JsonPath> orElse = new ArrayList<>();
      for (int j = 0; j < each.path("orElse").size(); j++) {
        JsonPath other = path(each.path("orElse").path(j), at.child("orElse").index(j), !custom);
        if (other != null) {
          orElse.add(other);
        }
      }
      Column.Form form =
          each.has("form")
              ? oneOf(
                  each.path("form"), Column.Form.values(), Column.Form::wireName, at.child("form"))
              : Column.Form.VALUE;
      if (jsonPath != null && form != null) {
        columns.add(
            new Column(
                name,
                type,
                each.path("format").asString(""),
                each.path("description").asString(""),
                each.path("priority").asInt(0),
                jsonPath,
                orElse,
                form));
      }
    }
    return columns;
  }

  /// Paths of scalar fields that a field selector may name.
  void selectable(List<JsonPath> paths, FieldPath path) {
    int max = custom ? SELECTABLE_CUSTOM_MAX : SELECTABLE_MAX;
    if (paths.size() > max) {
      problems.add(FieldError.tooMany(path, paths.size(), max));
    }
    for (int i = 0; i < paths.size(); i++) {
      JsonPath each = paths.get(i);
      SchemaNode node = each.plain() ? each.find(schema) : null;
      boolean scalar =
          node != null
              && switch (node.type()) {
                case STRING, INTEGER, BOOLEAN -> true;
                case NUMBER, OBJECT, ARRAY, INT_OR_STRING, ANY -> false;
              };
      if (!scalar || each.names().getFirst().equals("metadata")) {
        problems.add(
            FieldError.forbidden(
                path.index(i),
                each + " must be the plain path of a string, boolean or integer outside metadata"));
      }
      if (paths.subList(0, i).contains(each)) {
        problems.add(FieldError.duplicate(path.index(i), StringNode.valueOf(each.toString())));
      }
    }
  }

  Subresources.@Nullable Scale scale(JsonNode scale, FieldPath path) {
    if (scale.isMissingNode()) {
      return null;
    }
    only(scale, Set.of("specReplicasPath", "statusReplicasPath", "labelSelectorPath"), path);
    JsonPath spec = scalePath(scale, "specReplicasPath", path, Set.of("spec"));
    JsonPath status = scalePath(scale, "statusReplicasPath", path, Set.of("status"));
    JsonPath selector =
        scale.has("labelSelectorPath")
            ? scalePath(scale, "labelSelectorPath", path, Set.of("spec", "status"))
            : null;
    return spec == null || status == null ? null : new Subresources.Scale(spec, status, selector);
  }

  private @Nullable JsonPath scalePath(
      JsonNode scale, String member, FieldPath path, Set<String> roots) {
    JsonPath read = path(scale, member, path, !custom);
    if (read != null && !(read.plain() && roots.contains(read.names().getFirst()))) {
      problems.add(
          FieldError.invalid(
              path.child(member),
              scale.get(member),
              "must be a plain path under ."
                  + String.join(" or .", roots.stream().sorted().toList())));
      return null;
    }
    return read;
  }

  /// Reads a path that must be there.
  @Nullable JsonPath path(JsonNode parent, String member, FieldPath at, boolean mustExist) {
    JsonNode text = parent.path(member);
    if (text.asString("").isEmpty()) {
      problems.add(FieldError.required(at.child(member), "must be a path such as .status.phase"));
      return null;
    }
    return path(text, at.child(member), mustExist);
  }

  @Nullable JsonPath path(JsonNode text, FieldPath at, boolean mustExist) {
    try {
      JsonPath path = JsonPath.parse(text.asString(""));
      if (mustExist && path.find(schema) == null) {
        problems.add(FieldError.invalid(at, text, "the schema has no such field"));
        return null;
      }
      return path;
    } catch (ApiException e) {
      problems.add(FieldError.invalid(at, text, e.status().message()));
      return null;
    }
  }
}
