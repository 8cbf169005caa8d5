package dev.otherix.apimachinery.schema;

import dev.otherix.apimachinery.status.FieldError;
import dev.otherix.apimachinery.status.FieldPath;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// What `x-kubernetes-list-type` and `-list-map-keys` demand of the items.
final class ListRules {
  private static final String TYPE = "x-kubernetes-list-type";
  private static final String KEYS = "x-kubernetes-list-map-keys";

  private final SchemaProblems problems;

  ListRules(SchemaProblems problems) {
    this.problems = problems;
  }

  void check(ObjectNode schema, FieldPath path) {
    boolean array = schema.path("type").asString("").equals("array");
    if (array && !(schema.get("items") instanceof ObjectNode)) {
      problems.add(FieldError.required(path.child("items"), "must be specified"));
    }
    String listType = schema.path(TYPE).asString("");
    if (schema.has(TYPE) && !array) {
      problems.add(
          FieldError.invalid(
              path.child("type"), schema.get("type"), "must be array if " + TYPE + " is given"));
    }
    if (schema.has(KEYS) && !listType.equals("map")) {
      problems.add(
          FieldError.forbidden(path.child(KEYS), "must be used only with " + TYPE + ": map"));
    }
    if (!schema.has(TYPE) || !array || !(schema.get("items") instanceof ObjectNode items)) {
      return;
    }
    switch (listType) {
      case "atomic" -> {}
      case "set" -> set(items, path.child("items"));
      case "map" -> map(schema, items, path);
      default ->
          problems.add(
              FieldError.notSupported(
                  path.child(TYPE), schema.get(TYPE), List.of("atomic", "map", "set")));
    }
  }

  private void set(ObjectNode items, FieldPath path) {
    notNullable(items, path, "set");
    String type = items.path("type").asString("");
    if (type.equals("object")
        && !items.path("x-kubernetes-map-type").asString("").equals("atomic")) {
      problems.add(
          FieldError.invalid(
              path.child("x-kubernetes-map-type"),
              items.get("x-kubernetes-map-type"),
              "must be atomic as item of a list with " + TYPE + ": set"));
    }
    if (type.equals("array") && !items.path(TYPE).asString("atomic").equals("atomic")) {
      problems.add(
          FieldError.invalid(
              path.child(TYPE),
              items.get(TYPE),
              "must be atomic as item of a list with " + TYPE + ": set"));
    }
  }

  private void map(ObjectNode schema, ObjectNode items, FieldPath path) {
    notNullable(items, path.child("items"), "map");
    if (!items.path("type").asString("").equals("object")) {
      problems.add(
          FieldError.invalid(
              path.child("items").child("type"),
              items.get("type"),
              "must be object if parent array's " + TYPE + " is map"));
      return;
    }
    JsonNode keys = schema.path(KEYS);
    if (keys.isEmpty()) {
      problems.add(
          FieldError.required(path.child(KEYS), "must not be empty if " + TYPE + " is map"));
    }
    Set<String> required = new HashSet<>();
    items.path("required").forEach(name -> required.add(name.asString("")));
    for (int i = 0; i < keys.size(); i++) {
      String name = keys.path(i).asString("");
      if (items.path("properties").get(name) instanceof ObjectNode key) {
        key(key, required.contains(name), path.child("items").child("properties").key(name));
      } else {
        problems.add(
            FieldError.invalid(
                path.child(KEYS).index(i),
                keys.path(i),
                "entries must all be names of item properties"));
      }
    }
  }

  private void key(ObjectNode key, boolean required, FieldPath path) {
    String type = key.path("type").asString("");
    if (type.equals("object") || type.equals("array")) {
      problems.add(
          FieldError.invalid(
              path.child("type"),
              key.get("type"),
              "must be a scalar type if parent array's " + TYPE + " is map"));
    }
    if (key.path("nullable").asBoolean(false)) {
      problems.add(
          FieldError.forbidden(
              path.child("nullable"), "cannot be nullable: it is a key of a map list"));
    }
    if (!required && !key.has("default")) {
      problems.add(
          FieldError.required(
              path.child("default"),
              "this property is in "
                  + KEYS
                  + ", so it must have a default or be a required"
                  + " property"));
    }
  }

  private void notNullable(ObjectNode items, FieldPath path, String listType) {
    if (items.path("nullable").asBoolean(false)) {
      problems.add(
          FieldError.forbidden(
              path.child("nullable"), "cannot be nullable when " + TYPE + " is " + listType));
    }
  }
}
