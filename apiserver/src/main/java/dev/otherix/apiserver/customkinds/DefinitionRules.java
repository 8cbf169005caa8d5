package dev.otherix.apiserver.customkinds;

import dev.otherix.apimachinery.status.FieldError;
import dev.otherix.apiserver.builtin.KindRules;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// What a CustomResourceDefinition demands beyond its schema.
public final class DefinitionRules implements KindRules {
  @Override
  public void prepareCreate(ObjectNode object) {
    Definition.setDefaults(object);
    object.set("status", DefinitionStatus.initial(object));
  }

  @Override
  public void prepareUpdate(ObjectNode old, ObjectNode changed) {
    Definition.setDefaults(changed);
    changed
        .withObjectProperty("status")
        .set("storedVersions", DefinitionStatus.storedVersions(changed));
  }

  @Override
  public List<FieldError> validate(@Nullable ObjectNode old, ObjectNode changed) {
    if (old == null) {
      return DefinitionValidation.create(changed);
    }
    boolean sameSpec = old.path("spec").equals(changed.path("spec"));
    return sameSpec
        ? DefinitionValidation.updateStatus(changed)
        : DefinitionValidation.update(old, changed);
  }

  @Override
  public void markDeleted(ObjectNode object) {
    if (!Definition.needsCleanup(object)) {
      return;
    }
    ArrayNode finalizers = object.withObjectProperty("metadata").withArrayProperty("finalizers");
    for (JsonNode each : finalizers) {
      if (each.asString("").equals(Definition.CLEANUP_FINALIZER)) {
        return;
      }
    }
    finalizers.add(Definition.CLEANUP_FINALIZER);
  }
}
