package dev.otherix.apimachinery.schema;

import dev.otherix.apimachinery.status.FieldError;
import dev.otherix.apimachinery.status.FieldPath;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// What may stand inside `allOf`, `anyOf`, `oneOf` and `not`: restrictions of values, of fields
/// that the schema around them declares.
final class CombinationRules {
  private static final List<String> LISTS = List.of("allOf", "anyOf", "oneOf");
  private static final List<String> FORBIDDEN =
      List.of(
          "type",
          "default",
          "nullable",
          "title",
          "description",
          "additionalProperties",
          "format",
          "x-kubernetes-preserve-unknown-fields",
          "x-kubernetes-embedded-resource",
          "x-kubernetes-int-or-string",
          "x-kubernetes-list-type",
          "x-kubernetes-list-map-keys",
          "x-kubernetes-map-type",
          "x-kubernetes-patch-strategy",
          "x-kubernetes-patch-merge-key",
          "x-otherix-immutable",
          ExpressionRule.KEYWORD,
          RuleReader.KEYWORD);

  private final SchemaProblems problems;
  private final KeywordShapes shapes;

  CombinationRules(SchemaProblems problems, KeywordShapes shapes) {
    this.problems = problems;
    this.shapes = shapes;
  }

  void check(ObjectNode schema, FieldPath path) {
    combined(schema, schema, path, 0);
  }

  /// @param declaring the structural schema that the branches restrict
  private void combined(ObjectNode schema, ObjectNode declaring, FieldPath path, int depth) {
    for (String keyword : LISTS) {
      JsonNode branches = schema.path(keyword);
      if (intOrString(keyword, branches, declaring)) {
        continue;
      }
      for (int i = 0; i < branches.size(); i++) {
        branch(branches.path(i), declaring, path.child(keyword).index(i), depth);
      }
    }
    if (schema.get("not") instanceof ObjectNode not) {
      branch(not, declaring, path.child("not"), depth);
    }
  }

  /// Kubernetes demands this form where tools of other makers shall understand int-or-string.
  private static boolean intOrString(String keyword, JsonNode branches, ObjectNode declaring) {
    return keyword.equals("anyOf")
        && declaring.path("x-kubernetes-int-or-string").asBoolean(false)
        && branches instanceof ArrayNode two
        && two.size() == 2
        && typeOnly(two.get(0), "integer")
        && typeOnly(two.get(1), "string");
  }

  private static boolean typeOnly(JsonNode branch, String type) {
    return branch.size() == 1 && branch.path("type").asString("").equals(type);
  }

  private void branch(JsonNode node, ObjectNode declaring, FieldPath path, int depth) {
    if (!(node instanceof ObjectNode branch)) {
      return;
    }
    if (depth > StructuralRules.DEPTH_MAX) {
      problems.add(FieldError.forbidden(path, "nests too deep"));
      return;
    }
    if (!shapes.check(branch, path)) {
      return;
    }
    for (String keyword : FORBIDDEN) {
      if (branch.has(keyword)) {
        problems.add(FieldError.forbidden(path.child(keyword), "must be empty to be structural"));
      }
    }
    for (Map.Entry<String, JsonNode> each : branch.path("properties").properties()) {
      FieldPath at = path.child("properties").key(each.getKey());
      declared(declaring.path("properties").get(each.getKey()), each.getValue(), at, depth);
    }
    if (branch.get("items") instanceof ObjectNode items) {
      declared(declaring.get("items"), items, path.child("items"), depth);
    }
    combined(branch, declaring, path, depth + 1);
  }

  private void declared(
      @Nullable JsonNode declaration, JsonNode restriction, FieldPath at, int depth) {
    if (declaration instanceof ObjectNode object) {
      branch(restriction, object, at, depth + 1);
    } else {
      problems.add(
          FieldError.required(
              at, "it is restricted here, so the schema around must declare it as well"));
    }
  }
}
