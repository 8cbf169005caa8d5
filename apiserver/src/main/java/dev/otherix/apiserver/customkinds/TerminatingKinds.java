package dev.otherix.apiserver.customkinds;

import dev.otherix.apimachinery.schema.Kind;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apimachinery.status.StatusReason;
import dev.otherix.apiserver.admission.Attributes;
import dev.otherix.apiserver.admission.Operation;
import dev.otherix.apiserver.admission.Validation;
import dev.otherix.apiserver.request.Warnings;
import java.util.HashSet;
import java.util.Set;

/// Lets no new object into a custom kind that is being deleted. One thread notes, all ask.
public final class TerminatingKinds implements Validation {
  private volatile Set<String> names = Set.of();

  /// @param name of the definition: `plural.group`
  void note(String name, boolean terminating) {
    if (names.contains(name) == terminating) {
      return;
    }
    Set<String> next = new HashSet<>(names);
    if (terminating) {
      next.add(name);
    } else {
      next.remove(name);
    }
    names = Set.copyOf(next);
  }

  @Override
  public void validate(Attributes attributes, Warnings warnings) {
    Set<String> going = names;
    Kind kind = attributes.kind();
    if (!going.isEmpty()
        && attributes.operation() == Operation.CREATE
        && going.contains(kind.plural() + "." + kind.group())) {
      throw ApiException.of(
          StatusReason.METHOD_NOT_ALLOWED,
          "create not allowed while custom resource definition is terminating");
    }
  }
}
