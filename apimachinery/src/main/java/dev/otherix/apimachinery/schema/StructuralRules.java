package dev.otherix.apimachinery.schema;

import dev.otherix.apimachinery.status.FieldError;
import dev.otherix.apimachinery.status.FieldPath;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// What makes a schema structural, in the sense of Kubernetes: every level says its type, so that
/// an object can be defaulted, pruned and merged field by field. One instance checks one schema.
final class StructuralRules {
  static final int DEPTH_MAX = 64;

  private static final Set<String> TYPES =
      Set.of("object", "array", "string", "integer", "number", "boolean");
  private static final Set<String> SCALARS = Set.of("string", "integer", "number", "boolean");
  private static final Map<String, Set<String>> KEYWORDS_OF_TYPES =
      Map.of(
          "object",
          Set.of(
              "properties",
              "required",
              "additionalProperties",
              "minProperties",
              "maxProperties",
              RuleReader.KEYWORD),
          "array",
          Set.of("items", "minItems", "maxItems"),
          "string",
          Set.of("minLength", "maxLength", "pattern"),
          "integer",
          Set.of("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"));

  private final SchemaProblems problems;
  private final boolean custom;
  private final KeywordShapes shapes;
  private final CombinationRules combinations;

  /// @param custom whether the schema is a CustomResourceDefinition's, where Kubernetes lets more
  ///   pass than we do in our own files
  StructuralRules(SchemaProblems problems, boolean custom) {
    this.problems = problems;
    this.custom = custom;
    this.shapes = new KeywordShapes(problems, custom);
    this.combinations = new CombinationRules(problems, shapes);
  }

  /// Checks the schema of a whole kind.
  void checkRoot(ObjectNode schema, FieldPath path) {
    JsonNode type = schema.path("type");
    if (type.isMissingNode() || type.asString("").isEmpty()) {
      problems.add(FieldError.required(path.child("type"), "must not be empty at the root"));
    } else if (!type.asString("").equals("object")) {
      problems.add(FieldError.invalid(path.child("type"), type, "must be object at the root"));
    }
    if (schema.path("nullable").asBoolean(false)) {
      problems.add(
          FieldError.forbidden(path.child("nullable"), "nullable cannot be true at the root"));
    }
    if (schema.path("properties").get("metadata") instanceof ObjectNode metadata) {
      metadata(metadata, path.child("properties").key("metadata"));
    }
    node(schema, path, 0);
  }

  private void metadata(ObjectNode metadata, FieldPath path) {
    if (!metadata.path("type").asString("object").equals("object")) {
      problems.add(FieldError.invalid(path.child("type"), metadata.get("type"), "must be object"));
    }
    boolean more = false;
    for (String keyword : metadata.propertyNames()) {
      more |= !Set.of("type", "description", "properties", "required").contains(keyword);
    }
    for (String name : metadata.path("properties").propertyNames()) {
      more |= !name.equals("name") && !name.equals("generateName");
    }
    if (more) {
      problems.add(
          FieldError.forbidden(
              path,
              "must not specify anything other than name and generateName, but metadata is"
                  + " implicitly specified"));
    }
  }

  private void node(ObjectNode schema, FieldPath path, int depth) {
    if (depth > DEPTH_MAX) {
      problems.add(
          FieldError.forbidden(path, "schemas may nest at most " + DEPTH_MAX + " levels deep"));
      return;
    }
    if (!shapes.check(schema, path)) {
      return;
    }
    type(schema, path, depth);
    objects(schema, path);
    new ListRules(problems).check(schema, path);
    embedded(schema, path);
    if (!custom) {
      fitting(schema, path);
    }
    combinations.check(schema, path);
    JsonNode properties = schema.path("properties");
    for (Map.Entry<String, JsonNode> each : properties.properties()) {
      below(each.getValue(), path.child("properties").key(each.getKey()), depth, "object fields");
    }
    below(schema.path("items"), path.child("items"), depth, "array items");
    below(
        schema.path("additionalProperties"),
        path.child("additionalProperties"),
        depth,
        "object fields");
  }

  private void below(JsonNode schema, FieldPath path, int depth, String where) {
    if (schema instanceof ObjectNode object) {
      if (typeMissing(object)) {
        problems.add(
            FieldError.required(path.child("type"), "must not be empty for specified " + where));
      }
      node(object, path, depth + 1);
    }
  }

  private static boolean typeMissing(ObjectNode schema) {
    return schema.path("type").asString("").isEmpty()
        && !schema.path("x-kubernetes-int-or-string").asBoolean(false)
        && !schema.path("x-kubernetes-preserve-unknown-fields").asBoolean(false);
  }

  private void type(ObjectNode schema, FieldPath path, int depth) {
    String type = schema.path("type").asString("");
    boolean intOrString = schema.path("x-kubernetes-int-or-string").asBoolean(false);
    boolean open = schema.path("x-kubernetes-preserve-unknown-fields").asBoolean(false);
    FieldPath at = path.child("type");
    if (!type.isEmpty() && !TYPES.contains(type)) {
      problems.add(
          FieldError.notSupported(at, schema.get("type"), TYPES.stream().sorted().toList()));
    }
    if (intOrString && !type.isEmpty()) {
      problems.add(
          FieldError.invalid(
              at, schema.get("type"), "must be empty if x-kubernetes-int-or-string is true"));
    }
    if (intOrString && open) {
      problems.add(
          FieldError.invalid(
              path.child("x-kubernetes-preserve-unknown-fields"),
              schema.get("x-kubernetes-preserve-unknown-fields"),
              "must be false if x-kubernetes-int-or-string is true"));
    }
    if (open && SCALARS.contains(type)) {
      problems.add(
          FieldError.invalid(
              at,
              schema.get("type"),
              "must be object or array if x-kubernetes-preserve-unknown-fields is true"));
    }
    if (schema.has("x-kubernetes-preserve-unknown-fields") && !open) {
      problems.add(
          FieldError.invalid(
              path.child("x-kubernetes-preserve-unknown-fields"),
              schema.get("x-kubernetes-preserve-unknown-fields"),
              "must be true or undefined"));
    }
    if (depth == 0 && schema.has("default")) {
      problems.add(FieldError.forbidden(path.child("default"), "must not be set at the root"));
    }
  }

  private void objects(ObjectNode schema, FieldPath path) {
    boolean object = schema.path("type").asString("").equals("object");
    if (schema.has("additionalProperties") && !schema.path("properties").isEmpty()) {
      problems.add(
          FieldError.forbidden(
              path.child("additionalProperties"),
              "additionalProperties and properties are mutual exclusive"));
    }
    JsonNode mapType = schema.get("x-kubernetes-map-type");
    if (mapType != null) {
      if (!object) {
        problems.add(
            FieldError.invalid(
                path.child("type"),
                schema.get("type"),
                "must be object if x-kubernetes-map-type is specified"));
      }
      if (!Set.of("atomic", "granular").contains(mapType.asString(""))) {
        problems.add(
            FieldError.notSupported(
                path.child("x-kubernetes-map-type"), mapType, List.of("atomic", "granular")));
      }
    }
  }

  private void embedded(ObjectNode schema, FieldPath path) {
    if (!schema.path("x-kubernetes-embedded-resource").asBoolean(false)) {
      return;
    }
    if (!schema.path("type").asString("").equals("object")) {
      problems.add(
          FieldError.invalid(
              path.child("type"),
              schema.get("type"),
              "must be object if x-kubernetes-embedded-resource is true"));
    }
    if (schema.path("properties").isEmpty()
        && !schema.path("x-kubernetes-preserve-unknown-fields").asBoolean(false)) {
      problems.add(
          FieldError.required(
              path.child("properties"),
              "must not be empty if x-kubernetes-embedded-resource is true without"
                  + " x-kubernetes-preserve-unknown-fields"));
    }
    if (schema.path("properties").get("metadata") instanceof ObjectNode metadata) {
      metadata(metadata, path.child("properties").key("metadata"));
    }
  }

  /// In our own files a keyword must be able to do something where it stands.
  private void fitting(ObjectNode schema, FieldPath path) {
    String type = schema.path("type").asString("");
    boolean intOrString = schema.path("x-kubernetes-int-or-string").asBoolean(false);
    KEYWORDS_OF_TYPES.forEach((owner, keywords) -> {
      boolean fits =
          owner.equals(type)
              || (owner.equals("integer") && type.equals("number"))
              || (intOrString && SCALARS.contains(owner));
      for (String keyword : keywords) {
        if (!fits && schema.has(keyword)) {
          problems.add(FieldError.forbidden(path.child(keyword), "says nothing about a " + type));
        }
      }
    });
    for (JsonNode name : schema.path("required")) {
      if (!schema.path("properties").has(name.asString(""))) {
        problems.add(FieldError.notFound(path.child("required"), name));
      }
    }
    String format = schema.path("format").asString("");
    boolean ofNumber = Formats.OF_NUMBERS.contains(format);
    boolean number = type.equals("integer") || type.equals("number");
    if (!format.isEmpty() && !Formats.known(format)) {
      problems.add(
          FieldError.invalid(
              path.child("format"), schema.get("format"), "must be one of " + Formats.names()));
    } else if (!format.isEmpty() && !(ofNumber ? number : type.equals("string"))) {
      problems.add(FieldError.forbidden(path.child("format"), "says nothing about a " + type));
    }
  }
}
