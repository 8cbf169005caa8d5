package dev.otherix.apiserver.admission;

import dev.otherix.apiserver.request.Warnings;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/// Everything that a write must pass, in order: built-in mutations and webhooks that mutate, then,
/// after the schema was checked, built-in validations and webhooks that validate. Immutable,
/// thread-safe if its parts are.
public final class Admission {
  /// Lets everything pass.
  public static final Admission NONE = new Admission(List.of(), List.of());

  private record NamedMutation(String name, Mutation mutation) {}

  private record NamedValidation(String name, Validation validation) {}

  private final List<NamedMutation> mutations;
  private final List<NamedValidation> validations;

  private Admission(List<NamedMutation> mutations, List<NamedValidation> validations) {
    this.mutations = List.copyOf(mutations);
    this.validations = List.copyOf(validations);
  }

  /// This admission with one more mutation behind the others.
  ///
  /// @param name for people: in lists of what is on
  public Admission mutating(String name, Mutation mutation) {
    List<NamedMutation> more = new ArrayList<>(mutations);
    more.add(new NamedMutation(name, mutation));
    return new Admission(more, validations);
  }

  /// This admission with one more validation behind the others.
  public Admission validating(String name, Validation validation) {
    List<NamedValidation> more = new ArrayList<>(validations);
    more.add(new NamedValidation(name, validation));
    return new Admission(mutations, more);
  }

  /// The names of all parts, in the order in which they run.
  public List<String> names() {
    List<String> names = new ArrayList<>();
    mutations.forEach(each -> names.add(each.name));
    validations.forEach(each -> names.add(each.name));
    return List.copyOf(names);
  }

  /// Lets every mutation change the object, each seeing what the one before it left. Called after
  /// defaulting; the caller defaults, prunes and validates the result again.
  ///
  /// @return the changed object, a tree of its own; null when nothing changed
  public @Nullable ObjectNode mutate(Attributes attributes, Warnings warnings) {
    Attributes current = attributes;
    ObjectNode result = null;
    for (NamedMutation each : mutations) {
      ObjectNode changed = each.mutation.mutate(current, warnings);
      if (changed != null) {
        result = changed;
        current = current.withObject(changed);
      }
    }
    return result;
  }

  /// Lets every validation see what is about to be stored. Called after schema validation.
  public void validate(Attributes attributes, Warnings warnings) {
    for (NamedValidation each : validations) {
      each.validation.validate(attributes, warnings);
    }
  }
}
