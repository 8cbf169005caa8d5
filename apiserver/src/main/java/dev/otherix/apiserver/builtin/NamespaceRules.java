package dev.otherix.apiserver.builtin;

import dev.otherix.apimachinery.object.Names;
import dev.otherix.apimachinery.status.FieldError;
import dev.otherix.apimachinery.status.FieldPath;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// A namespace is Active until it is deleted, carries its name as a label so that selectors can
/// mean it, and goes only after the namespace controller cleared `spec.finalizers` through
/// `/finalize`.
final class NamespaceRules implements KindRules {
  static final String FINALIZER = "kubernetes";
  static final String NAME_LABEL = "kubernetes.io/metadata.name";

  @Override
  public void prepareCreate(ObjectNode object) {
    addFinalizer(object);
    object.putObject("status").put("phase", "Active");
    label(object);
  }

  @Override
  public void prepareUpdate(ObjectNode old, ObjectNode changed) {
    JsonNode finalizers = old.path("spec").get("finalizers");
    JsonNode present = changed.get("spec");
    if (finalizers != null && (present == null || present.isObject())) {
      changed.withObjectProperty("spec").set("finalizers", finalizers.deepCopy());
    } else if (finalizers == null && present instanceof ObjectNode spec) {
      spec.remove("finalizers");
    }
    keepStatus(old, changed);
    label(changed);
  }

  @Override
  public void prepareUpdate(String subresource, ObjectNode old, ObjectNode changed) {
    keepStatus(old, changed);
    label(changed);
  }

  @Override
  public List<FieldError> validate(@Nullable ObjectNode old, ObjectNode changed) {
    List<FieldError> errors = new ArrayList<>();
    JsonNode finalizers = changed.path("spec").path("finalizers");
    for (int i = 0; i < finalizers.size(); i++) {
      for (String problem : Names.qualifiedName(finalizers.get(i).asString(""))) {
        FieldPath path = FieldPath.ROOT.at("spec", "finalizers").index(i);
        errors.add(FieldError.invalid(path, finalizers.get(i), problem));
      }
    }
    return errors;
  }

  @Override
  public boolean mayRemove(ObjectNode object) {
    return object.path("spec").path("finalizers").isEmpty();
  }

  @Override
  public void markDeleted(ObjectNode object) {
    object.withObjectProperty("status").put("phase", "Terminating");
  }

  @Override
  public String selectorField(String name) {
    return name.equals("name") ? "metadata.name" : name;
  }

  /// Leaves what is not of the right type for the schema to refuse.
  private static void addFinalizer(ObjectNode object) {
    JsonNode spec = object.get("spec");
    JsonNode present = spec == null ? null : spec.get("finalizers");
    boolean sound = (spec == null || spec.isObject()) && (present == null || present.isArray());
    if (!sound) {
      return;
    }
    ArrayNode finalizers = object.withObjectProperty("spec").withArrayProperty("finalizers");
    for (JsonNode each : finalizers) {
      if (each.asString("").equals(FINALIZER)) {
        return;
      }
    }
    finalizers.add(FINALIZER);
  }

  private static void keepStatus(ObjectNode old, ObjectNode changed) {
    JsonNode status = old.get("status");
    if (status == null) {
      changed.remove("status");
    } else {
      changed.set("status", status.deepCopy());
    }
  }

  private static void label(ObjectNode object) {
    ObjectNode metadata = object.withObjectProperty("metadata");
    String name = metadata.path("name").asString("");
    if (!name.isEmpty()) {
      metadata.withObjectProperty("labels").put(NAME_LABEL, name);
    }
  }
}
