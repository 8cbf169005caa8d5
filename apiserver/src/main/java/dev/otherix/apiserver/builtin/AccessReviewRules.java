package dev.otherix.apiserver.builtin;

import dev.otherix.apimachinery.status.FieldError;
import dev.otherix.apimachinery.status.FieldPath;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// A question about somebody else names him or his groups; one that is local to a namespace asks
/// about resources of that namespace only.
final class AccessReviewRules implements KindRules {
  private final boolean local;

  AccessReviewRules(boolean local) {
    this.local = local;
  }

  @Override
  public List<FieldError> validate(@Nullable ObjectNode old, ObjectNode changed) {
    List<FieldError> errors = new ArrayList<>();
    JsonNode spec = changed.path("spec");
    if (spec.path("user").asString("").isEmpty() && spec.path("groups").isEmpty()) {
      errors.add(FieldError.required(FieldPath.ROOT.at("spec", "user"), "or groups, or both"));
    }
    if (local) {
      if (spec.has("nonResourceAttributes")) {
        errors.add(
            FieldError.forbidden(
                FieldPath.ROOT.at("spec", "nonResourceAttributes"),
                "paths are in no namespace; ask with a SubjectAccessReview"));
      }
      String namespace = changed.path("metadata").path("namespace").asString("");
      JsonNode asked = spec.path("resourceAttributes").path("namespace");
      if (!asked.asString("").equals(namespace)) {
        errors.add(
            FieldError.invalid(
                FieldPath.ROOT.at("spec", "resourceAttributes", "namespace"),
                asked.isMissingNode() ? null : asked,
                "must be the namespace of the request, \"" + namespace + "\""));
      }
    }
    return errors;
  }
}
