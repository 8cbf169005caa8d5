package dev.otherix.apimachinery.schema;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import dev.otherix.apimachinery.status.FieldError;
import dev.otherix.apimachinery.status.FieldPath;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Which keywords a schema may have, and what their values look like. A keyword that no code
/// honours is refused: a schema must not promise what nobody does.
final class KeywordShapes {
  private static final int PATTERN_MAX = 4096;

  private enum Shape {
    TEXT,
    BOOLEAN,
    NUMBER,
    SIZE,
    STRINGS,
    VALUES,
    SCHEMA,
    SCHEMAS,
    MEMBERS,
    PATTERN,
    EXPRESSIONS,
    ANYTHING
  }

  private static final Map<String, Shape> SHAPES =
      Map.ofEntries(
          Map.entry("type", Shape.TEXT),
          Map.entry("nullable", Shape.BOOLEAN),
          Map.entry("description", Shape.TEXT),
          Map.entry("title", Shape.TEXT),
          Map.entry("format", Shape.TEXT),
          Map.entry("properties", Shape.MEMBERS),
          Map.entry("required", Shape.STRINGS),
          Map.entry("additionalProperties", Shape.ANYTHING),
          Map.entry("items", Shape.SCHEMA),
          Map.entry("default", Shape.ANYTHING),
          Map.entry("example", Shape.ANYTHING),
          Map.entry("examples", Shape.ANYTHING),
          Map.entry("externalDocs", Shape.ANYTHING),
          Map.entry("enum", Shape.VALUES),
          Map.entry("minimum", Shape.NUMBER),
          Map.entry("maximum", Shape.NUMBER),
          Map.entry("exclusiveMinimum", Shape.ANYTHING),
          Map.entry("exclusiveMaximum", Shape.ANYTHING),
          Map.entry("multipleOf", Shape.NUMBER),
          Map.entry("minLength", Shape.SIZE),
          Map.entry("maxLength", Shape.SIZE),
          Map.entry("pattern", Shape.PATTERN),
          Map.entry("minItems", Shape.SIZE),
          Map.entry("maxItems", Shape.SIZE),
          Map.entry("uniqueItems", Shape.BOOLEAN),
          Map.entry("minProperties", Shape.SIZE),
          Map.entry("maxProperties", Shape.SIZE),
          Map.entry("allOf", Shape.SCHEMAS),
          Map.entry("anyOf", Shape.SCHEMAS),
          Map.entry("oneOf", Shape.SCHEMAS),
          Map.entry("not", Shape.SCHEMA),
          Map.entry("x-kubernetes-preserve-unknown-fields", Shape.BOOLEAN),
          Map.entry("x-kubernetes-embedded-resource", Shape.BOOLEAN),
          Map.entry("x-kubernetes-int-or-string", Shape.BOOLEAN),
          Map.entry("x-kubernetes-list-type", Shape.TEXT),
          Map.entry("x-kubernetes-list-map-keys", Shape.STRINGS),
          Map.entry("x-kubernetes-map-type", Shape.TEXT),
          Map.entry("x-kubernetes-patch-strategy", Shape.TEXT),
          Map.entry("x-kubernetes-patch-merge-key", Shape.TEXT),
          Map.entry("x-otherix-immutable", Shape.BOOLEAN),
          Map.entry(RuleReader.KEYWORD, Shape.ANYTHING),
          Map.entry(ExpressionRule.KEYWORD, Shape.EXPRESSIONS));

  private static final Map<String, String> REMEDIES =
      Map.of(
          ExpressionRule.KEYWORD,
          "is for custom kinds; say it with x-otherix-rules, or remove it",
          "$ref",
          "must be written out here; only \"#/$defs/...\" of the same schema file is resolved",
          "patternProperties",
          "use additionalProperties",
          "const",
          "use enum with one value");

  private final SchemaProblems problems;
  private final boolean custom;

  KeywordShapes(SchemaProblems problems, boolean custom) {
    this.problems = problems;
    this.custom = custom;
  }

  /// Whether every keyword is known and has the right shape, so that others may rely on it.
  boolean check(ObjectNode schema, FieldPath path) {
    int before = problems.size();
    for (Map.Entry<String, JsonNode> member : schema.properties()) {
      Shape shape = SHAPES.get(member.getKey());
      FieldPath at = path.child(member.getKey());
      if (shape == null || (shape == Shape.EXPRESSIONS && !custom)) {
        problems.add(
            FieldError.forbidden(
                at,
                REMEDIES.getOrDefault(
                    member.getKey(),
                    "no code honours the keyword \"" + member.getKey() + "\"; remove it")));
      } else {
        value(shape, member.getValue(), at);
      }
    }
    special(schema, path);
    return problems.size() == before;
  }

  private void value(Shape shape, JsonNode value, FieldPath at) {
    switch (shape) {
      case TEXT -> demand(value.isString(), value, at, "must be a string");
      case BOOLEAN -> demand(value.isBoolean(), value, at, "must be true or false");
      case NUMBER -> demand(value.isNumber(), value, at, "must be a number");
      case SIZE ->
          demand(
              value.isIntegralNumber() && value.canConvertToInt() && value.intValue() >= 0,
              value,
              at,
              "must be a whole number, 0 or more");
      case STRINGS -> strings(value, at);
      case VALUES ->
          demand(value.isArray() && !value.isEmpty(), value, at, "must be a list with a value");
      case SCHEMA -> schema(value, at);
      case SCHEMAS -> {
        demand(value.isArray() && !value.isEmpty(), value, at, "must be a list of schemas");
        for (int i = 0; value.isArray() && i < value.size(); i++) {
          schema(value.get(i), at.index(i));
        }
      }
      case MEMBERS -> {
        demand(value.isObject(), value, at, "must be an object of schemas");
        value.properties().forEach(each -> schema(each.getValue(), at.key(each.getKey())));
      }
      case PATTERN -> pattern(value, at);
      case EXPRESSIONS -> new ExpressionRuleShapes(problems).check(value, at);
      case ANYTHING -> {}
    }
  }

  private void special(ObjectNode schema, FieldPath path) {
    if (schema.path("uniqueItems").asBoolean(false)) {
      problems.add(
          FieldError.forbidden(
              path.child("uniqueItems"),
              "uniqueItems cannot be set to true since the runtime complexity becomes quadratic;"
                  + " use x-kubernetes-list-type: set"));
    }
    for (String keyword : new String[] {"exclusiveMinimum", "exclusiveMaximum"}) {
      JsonNode value = schema.get(keyword);
      if (value != null) {
        demand(
            custom ? value.isBoolean() : value.isNumber(),
            value,
            path.child(keyword),
            custom ? "must be true or false, beside minimum or maximum" : "must be a number");
      }
    }
    JsonNode multiple = schema.path("multipleOf");
    if (multiple.isNumber() && multiple.decimalValue().signum() <= 0) {
      problems.add(FieldError.invalid(path.child("multipleOf"), multiple, "must be more than 0"));
    }
    JsonNode additional = schema.path("additionalProperties");
    FieldPath at = path.child("additionalProperties");
    if (additional.isBoolean() && !additional.booleanValue()) {
      problems.add(FieldError.forbidden(at, "false is what holds anyway; remove it"));
    } else if (!additional.isMissingNode() && !additional.isBoolean()) {
      schema(additional, at);
    }
  }

  private void schema(JsonNode value, FieldPath at) {
    if (value.isArray()) {
      problems.add(FieldError.forbidden(at, "items must be a schema object and not an array"));
    } else {
      demand(value.isObject(), value, at, "must be a schema object");
    }
  }

  private void strings(JsonNode value, FieldPath at) {
    Set<String> seen = new HashSet<>();
    demand(value.isArray(), value, at, "must be a list of strings");
    if (value instanceof ArrayNode array) {
      for (int i = 0; i < array.size(); i++) {
        JsonNode each = array.get(i);
        demand(each.isString(), each, at.index(i), "must be a string");
        if (each.isString() && !seen.add(each.stringValue())) {
          problems.add(FieldError.duplicate(at.index(i), each));
        }
      }
    }
  }

  private void pattern(JsonNode value, FieldPath at) {
    demand(
        value.isString() && value.asString().length() <= PATTERN_MAX,
        value,
        at,
        "must be a regular expression of at most " + PATTERN_MAX + " characters");
    if (value.isString()) {
      try {
        Pattern.compile(value.stringValue());
      } catch (PatternSyntaxException e) {
        problems.add(
            FieldError.invalid(
                at, value, "must be an RE2 regular expression: " + e.getDescription()));
      }
    }
  }

  private void demand(boolean right, JsonNode value, FieldPath at, String what) {
    if (!right) {
      problems.add(FieldError.invalid(at, value, what));
    }
  }
}
