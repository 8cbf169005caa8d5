package dev.otherix.apiserver.registry;

import dev.otherix.apimachinery.status.FieldError;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/// What holds for one kind beyond its schema, in Java. Pure: called again when a write is repeated.
public interface KindRules {
  KindRules NONE = new KindRules() {};

  /// Completes an object that is to be created; changes it.
  default void prepareCreate(ObjectNode object) {}

  /// Completes or puts back what an update of the object itself may not change; changes `changed`.
  default void prepareUpdate(ObjectNode old, ObjectNode changed) {}

  /// @param old null on create
  default List<FieldError> validate(@Nullable ObjectNode old, ObjectNode changed) {
    return List.of();
  }

  /// After which the store removes an object by itself; null for never.
  default @Nullable Duration timeToLive() {
    return null;
  }

  /// Whether an object without finalizers may go, or something else still holds it.
  default boolean mayRemove(ObjectNode object) {
    return true;
  }

  /// Shows in an object that it is being deleted; changes it.
  default void markDeleted(ObjectNode object) {}
}
