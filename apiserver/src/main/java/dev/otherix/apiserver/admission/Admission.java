package dev.otherix.apiserver.admission;

import dev.otherix.apiserver.admission.AdmissionMeter.Part;
import dev.otherix.apiserver.request.Warnings;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/// Everything that a write must pass, in order: built-in mutations and webhooks that mutate, then,
/// after the schema was checked, built-in validations and webhooks that validate. Immutable,
/// thread-safe if its parts are.
public final class Admission {
  static final String ADMIT = "admit";
  static final String VALIDATING = "validating";

  /// Lets everything pass.
  public static final Admission NONE = new Admission(List.of(), List.of(), AdmissionMeter.NONE);

  private record NamedMutation(String name, Mutation mutation) {}

  private record NamedValidation(String name, Validation validation) {}

  private final List<NamedMutation> mutations;
  private final List<NamedValidation> validations;
  private final AdmissionMeter meter;

  private Admission(
      List<NamedMutation> mutations, List<NamedValidation> validations, AdmissionMeter meter) {
    this.mutations = List.copyOf(mutations);
    this.validations = List.copyOf(validations);
    this.meter = meter;
  }

  /// This admission, measured.
  public Admission measured(AdmissionMeter by) {
    return new Admission(mutations, validations, by);
  }

  /// This admission with one more mutation behind the others.
  ///
  /// @param name for people: in lists of what is on
  public Admission mutating(String name, Mutation mutation) {
    List<NamedMutation> more = new ArrayList<>(mutations);
    more.add(new NamedMutation(name, mutation));
    return new Admission(more, validations, meter);
  }

  /// This admission with one more validation behind the others.
  public Admission validating(String name, Validation validation) {
    List<NamedValidation> more = new ArrayList<>(validations);
    more.add(new NamedValidation(name, validation));
    return new Admission(mutations, more, meter);
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
    long began = System.nanoTime();
    boolean passed = false;
    try {
      for (NamedMutation each : mutations) {
        ObjectNode changed = mutated(each, current, warnings);
        if (changed != null) {
          result = changed;
          current = current.withObject(changed);
        }
      }
      passed = true;
      return result;
    } finally {
      took(Part.STEP, "", ADMIT, attributes, passed, began);
    }
  }

  private @Nullable ObjectNode mutated(
      NamedMutation each, Attributes attributes, Warnings warnings) {
    long began = System.nanoTime();
    boolean passed = false;
    try {
      ObjectNode changed = each.mutation.mutate(attributes, warnings);
      passed = true;
      return changed;
    } finally {
      took(Part.CONTROLLER, each.name, ADMIT, attributes, passed, began);
    }
  }

  /// Lets every validation see what is about to be stored. Called after schema validation.
  public void validate(Attributes attributes, Warnings warnings) {
    long began = System.nanoTime();
    boolean passed = false;
    try {
      for (NamedValidation each : validations) {
        validate(each, attributes, warnings);
      }
      passed = true;
    } finally {
      took(Part.STEP, "", VALIDATING, attributes, passed, began);
    }
  }

  private void validate(NamedValidation each, Attributes attributes, Warnings warnings) {
    long began = System.nanoTime();
    boolean passed = false;
    try {
      each.validation.validate(attributes, warnings);
      passed = true;
    } finally {
      took(Part.CONTROLLER, each.name, VALIDATING, attributes, passed, began);
    }
  }

  private void took(
      Part part, String name, String type, Attributes attributes, boolean passed, long began) {
    meter.took(part, name, type, attributes.operation(), !passed, System.nanoTime() - began);
  }
}
