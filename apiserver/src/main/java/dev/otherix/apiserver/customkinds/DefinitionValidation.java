package dev.otherix.apiserver.customkinds;

import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.schema.CustomResource;
import dev.otherix.apimachinery.status.FieldError;
import dev.otherix.apimachinery.status.FieldPath;
import dev.otherix.apiserver.cel.CelRules;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// What is wrong with a CustomResourceDefinition, beyond its own schema. Arguments are not changed.
public final class DefinitionValidation {
  private static final FieldPath SPEC = FieldPath.ROOT.child("spec");
  private static final FieldPath STORED = FieldPath.ROOT.at("status", "storedVersions");

  private DefinitionValidation() {}

  /// For one that is to be created; defaults are set.
  public static List<FieldError> create(ObjectNode definition) {
    List<FieldError> errors = new ArrayList<>(CustomResource.check(definition));
    rules(definition, null, errors);
    settings(definition, errors);
    approval(definition, errors);
    return List.copyOf(errors);
  }

  /// For one that replaces `old`; defaults are set in both. What was wrong already and did not
  /// change is forgiven where Kubernetes forgives it: rules in CEL and the approval.
  public static List<FieldError> update(ObjectNode old, ObjectNode changed) {
    List<FieldError> errors = new ArrayList<>(CustomResource.check(changed));
    rules(changed, old, errors);
    settings(changed, errors);
    List<FieldError> before = new ArrayList<>();
    approval(old, before);
    if (before.isEmpty()) {
      approval(changed, errors);
    }
    fixed(old, changed, errors);
    storedVersions(changed, errors);
    return List.copyOf(errors);
  }

  /// For the status that a client writes: it may only drop versions that are not the stored one.
  public static List<FieldError> updateStatus(ObjectNode changed) {
    List<FieldError> errors = new ArrayList<>();
    storedVersions(changed, errors);
    JsonNode stored = changed.path("status").path("storedVersions");
    String storage = Definition.storageVersion(changed);
    boolean listed = false;
    for (JsonNode each : stored) {
      listed |= each.asString("").equals(storage);
    }
    if (!listed) {
      errors.add(
          FieldError.invalid(STORED, stored, "must have the storage version \"" + storage + "\""));
    }
    return List.copyOf(errors);
  }

  private static void rules(
      ObjectNode definition, @Nullable ObjectNode old, List<FieldError> errors) {
    JsonNode versions = definition.path("spec").path("versions");
    for (CustomResource.Version version : CustomResource.soundVersions(definition)) {
      JsonNode written = versions.path(version.index());
      FieldPath path =
          SPEC.child("versions").index(version.index()).child("schema").child("openAPIV3Schema");
      if (old == null || !Json.equal(written.get("schema"), schemaOf(old, written))) {
        errors.addAll(CelRules.problems(version.kind(), path));
      }
    }
  }

  private static @Nullable JsonNode schemaOf(ObjectNode old, JsonNode version) {
    for (JsonNode each : old.path("spec").path("versions")) {
      if (each.path("name").asString("").equals(version.path("name").asString(""))) {
        return each.get("schema");
      }
    }
    return null;
  }

  private static void settings(ObjectNode definition, List<FieldError> errors) {
    JsonNode spec = definition.path("spec");
    JsonNode preserve = spec.path("preserveUnknownFields");
    if (preserve.asBoolean(false)) {
      errors.add(
          FieldError.invalid(
              SPEC.child("preserveUnknownFields"),
              preserve,
              "must be false; set x-kubernetes-preserve-unknown-fields: true in the schema"));
    }
    if (spec.path("conversion").hasNonNull("webhook")
        || spec.path("conversion").path("strategy").asString("").equals("Webhook")) {
      errors.add(
          FieldError.forbidden(
              SPEC.child("conversion").child("webhook"),
              "conversion by webhook is not served; set strategy: None, which is enough while the"
                  + " versions differ only in fields that one of them does not have"));
    }
    JsonNode versions = spec.path("versions");
    for (int i = 0; i < versions.size(); i++) {
      JsonNode version = versions.get(i);
      if (version.hasNonNull("deprecationWarning")
          && !version.path("deprecated").asBoolean(false)) {
        errors.add(
            FieldError.invalid(
                SPEC.child("versions").index(i).child("deprecationWarning"),
                version.get("deprecationWarning"),
                "can only be set for deprecated versions"));
      }
    }
  }

  private static void approval(ObjectNode definition, List<FieldError> errors) {
    if (!Definition.isProtected(Definition.group(definition))) {
      return;
    }
    FieldPath path = FieldPath.ROOT.at("metadata", "annotations").key(Definition.APPROVAL);
    JsonNode annotation = definition.path("metadata").path("annotations").get(Definition.APPROVAL);
    switch (Approval.of(annotation)) {
      case MISSING ->
          errors.add(
              FieldError.required(
                  path,
                  "protected groups must have approval annotation \""
                      + Definition.APPROVAL
                      + "\"; choose a group of your own"));
      case INVALID ->
          errors.add(
              FieldError.invalid(
                  path,
                  annotation,
                  "protected groups must have approval annotation \""
                      + Definition.APPROVAL
                      + "\" with either a URL or a reason starting with \"unapproved\""));
      case UNAPPROVED, APPROVED -> {}
    }
  }

  enum Approval {
    MISSING,
    INVALID,
    UNAPPROVED,
    APPROVED;

    static Approval of(@Nullable JsonNode annotation) {
      String text = annotation == null ? "" : annotation.asString("");
      if (text.isEmpty()) {
        return MISSING;
      }
      if (text.startsWith("unapproved")) {
        return UNAPPROVED;
      }
      try {
        URI uri = new URI(text);
        return uri.getScheme() == null || uri.getHost() == null ? INVALID : APPROVED;
      } catch (URISyntaxException e) {
        return INVALID;
      }
    }
  }

  private static void fixed(ObjectNode old, ObjectNode changed, List<FieldError> errors) {
    same(old, changed, errors, "group");
    same(old, changed, errors, "scope");
    same(old, changed, errors, "names", "plural");
    if (Definition.isEstablished(old)) {
      same(old, changed, errors, "names", "kind");
    }
  }

  private static void same(
      ObjectNode old, ObjectNode changed, List<FieldError> errors, String... names) {
    JsonNode before = old.path("spec");
    JsonNode after = changed.path("spec");
    for (String name : names) {
      before = before.path(name);
      after = after.path(name);
    }
    if (!Json.equal(before, after)) {
      errors.add(
          FieldError.invalid(
              SPEC.at(names), after.isMissingNode() ? null : after, "field is immutable"));
    }
  }

  private static void storedVersions(ObjectNode changed, List<FieldError> errors) {
    Set<String> known = new HashSet<>();
    for (JsonNode version : changed.path("spec").path("versions")) {
      known.add(version.path("name").asString(""));
    }
    JsonNode stored = changed.path("status").path("storedVersions");
    for (int i = 0; i < stored.size(); i++) {
      String version = stored.get(i).asString("");
      if (!known.contains(version)) {
        errors.add(
            FieldError.invalid(
                STORED.index(i),
                stored.get(i),
                "missing from spec.versions; "
                    + version
                    + " was previously a storage version, and must remain in spec.versions until"
                    + " no object is stored in it and it is removed from status.storedVersions"));
      }
    }
  }
}
