package dev.otherix.apiserver.customkinds;

import dev.otherix.apimachinery.object.Condition;
import dev.otherix.apimachinery.object.Findings;
import dev.otherix.apimachinery.schema.CustomResource;
import dev.otherix.apimachinery.schema.Kinds;
import dev.otherix.apimachinery.status.FieldError;
import dev.otherix.apimachinery.status.FieldPath;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// The state that the server reports of a definition.
public final class DefinitionStatus {
  static final String NAMES_ACCEPTED = "NamesAccepted";
  static final String ESTABLISHED = "Established";
  static final String NON_STRUCTURAL = "NonStructuralSchema";
  static final String APPROVAL = "KubernetesAPIApprovalPolicyConformant";
  static final String TERMINATING = "Terminating";

  private DefinitionStatus() {}

  /// The status of a new definition: nothing but the version that it stores.
  public static ObjectNode initial(ObjectNode definition) {
    ObjectNode status = JsonNodeFactory.instance.objectNode();
    status.putArray("storedVersions").add(Definition.storageVersion(definition));
    return status;
  }

  /// `status.storedVersions` with the storage version of the changed definition. A new tree.
  public static ArrayNode storedVersions(ObjectNode definition) {
    ArrayNode versions = JsonNodeFactory.instance.arrayNode();
    String storage = Definition.storageVersion(definition);
    boolean listed = false;
    for (JsonNode each : definition.path("status").path("storedVersions")) {
      versions.add(each);
      listed |= each.asString("").equals(storage);
    }
    if (!listed && !storage.isEmpty()) {
      versions.add(storage);
    }
    return versions;
  }

  /// The status that the definition should have: equal to the present one when nothing is to do.
  ///
  /// @param definition is not changed
  /// @param served every kind that is served now; those of this very definition do not count
  /// @return a new tree
  public static ObjectNode of(ObjectNode definition, Kinds served, InstantSource clock) {
    List<Condition> conditions = conditions(definition);
    NameCheck names = NameCheck.of(definition, served);
    conditions = Condition.set(conditions, names.condition(), clock);
    conditions = Condition.set(conditions, established(definition, names), clock);
    Optional<Condition> violation = nonStructural(definition);
    if (violation.isPresent()) {
      conditions = Condition.set(conditions, violation.get(), clock);
    } else {
      conditions = without(conditions, NON_STRUCTURAL);
    }
    Optional<Condition> approval = approval(definition);
    if (approval.isPresent()) {
      conditions = Condition.set(conditions, approval.get(), clock);
    } else {
      conditions = without(conditions, APPROVAL);
    }
    if (Definition.isTerminating(definition) && Condition.find(conditions, TERMINATING).isEmpty()) {
      conditions = Condition.set(conditions, deletionPending(), clock);
    }
    ObjectNode status = JsonNodeFactory.instance.objectNode();
    ArrayNode list = status.putArray("conditions");
    conditions.forEach(each -> list.add(each.toJson()));
    status.set("acceptedNames", names.accepted());
    status.set("storedVersions", storedVersions(definition));
    return status;
  }

  /// What [#of] sets when deletion begins.
  public static Condition deletionPending() {
    return condition(
        TERMINATING,
        true,
        "InstanceDeletionPending",
        "CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon");
  }

  /// While objects are being deleted.
  public static Condition deletionInProgress() {
    return condition(
        TERMINATING, true, "InstanceDeletionInProgress", "CustomResource deletion is in progress");
  }

  static boolean saysDeletionInProgress(ObjectNode definition) {
    String reason = deletionInProgress().reason();
    return Condition.find(conditions(definition), TERMINATING)
        .filter(each -> each.reason().equals(reason))
        .isPresent();
  }

  /// When none are left, before the finalizer goes.
  public static Condition deletionCompleted() {
    return condition(TERMINATING, false, "InstanceDeletionCompleted", "removed all instances");
  }

  private static List<Condition> conditions(ObjectNode definition) {
    List<Condition> conditions = new ArrayList<>();
    FieldPath path = FieldPath.ROOT.at("status", "conditions");
    JsonNode list = definition.path("status").path("conditions");
    for (int i = 0; i < list.size(); i++) {
      if (list.get(i) instanceof ObjectNode condition) {
        conditions.add(Condition.read(condition, path.index(i), new Findings()));
      }
    }
    return conditions;
  }

  private static List<Condition> without(List<Condition> conditions, String type) {
    return conditions.stream().filter(each -> !each.type().equals(type)).toList();
  }

  /// Once established a kind stays so: objects may exist. New names wait until they are free.
  private static Condition established(ObjectNode definition, NameCheck names) {
    if (Definition.isEstablished(definition) || names.conflicts().isEmpty()) {
      return condition(
          ESTABLISHED, true, "InitialNamesAccepted", "the initial names have been accepted");
    }
    return condition(ESTABLISHED, false, "NotAccepted", "not all names are accepted");
  }

  private static Optional<Condition> nonStructural(ObjectNode definition) {
    List<FieldError> errors = CustomResource.check(definition);
    return errors.isEmpty()
        ? Optional.empty()
        : Optional.of(condition(NON_STRUCTURAL, true, "Violations", errors.getFirst().toString()));
  }

  private static Optional<Condition> approval(ObjectNode definition) {
    if (!Definition.isProtected(Definition.group(definition))) {
      return Optional.empty();
    }
    JsonNode annotation = definition.path("metadata").path("annotations").get(Definition.APPROVAL);
    String about = "the annotation \"" + Definition.APPROVAL + "\" ";
    return Optional.of(
        switch (DefinitionValidation.Approval.of(annotation)) {
          case MISSING -> condition(APPROVAL, false, "MissingAnnotation", about + "is missing");
          case INVALID ->
              condition(
                  APPROVAL,
                  false,
                  "InvalidAnnotation",
                  about + "is neither a URL nor" + " begins with \"unapproved\"");
          case UNAPPROVED -> condition(APPROVAL, false, "UnapprovedAnnotation", about + "says so");
          case APPROVED -> condition(APPROVAL, true, "ApprovedAnnotation", about + "approves");
        });
  }

  static Condition condition(String type, boolean status, String reason, String message) {
    String value = status ? Condition.TRUE : Condition.FALSE;
    return new Condition(type, value, 0, null, reason, message);
  }
}
