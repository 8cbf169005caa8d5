package dev.otherix.apiserver.builtin;

import dev.otherix.apimachinery.status.FieldError;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/// What a kind demands beyond its schema. Pure functions of objects, stateless and thread-safe.
///
/// The order of a write: defaults and pruning by the schema, then the `prepare` method of these
/// rules, then validation by the schema, then [#validate].
public interface KindRules {
  /// Of a kind whose schema says everything.
  static KindRules none() {
    return NoRules.NONE;
  }

  /// Brings a new object into the form that is stored. Changes `object`, which has its name.
  default void prepareCreate(ObjectNode object) {}

  /// Brings a changed object into the form that is stored, and keeps what this path does not write.
  /// Changes `changed`.
  default void prepareUpdate(ObjectNode old, ObjectNode changed) {}

  /// [#prepareUpdate] for a path below the object, such as `finalize`. The subresource `status`
  /// does not come here: it is the same for all kinds. Changes `changed`.
  default void prepareUpdate(String subresource, ObjectNode old, ObjectNode changed) {}

  /// What is wrong with an object that its schema accepts.
  ///
  /// @param old what it replaces, null when it is new
  default List<FieldError> validate(@Nullable ObjectNode old, ObjectNode changed) {
    return List.of();
  }

  /// How long an object stays after its last write; null for as long as nobody deletes it.
  default @Nullable Duration timeToLive() {
    return null;
  }

  /// Whether an object without finalizers in its metadata may go, or something else still holds it.
  default boolean mayRemove(ObjectNode object) {
    return true;
  }

  /// Shows in an object that it is being deleted, and may add what must end before it goes. Called
  /// once, when deletion begins. Changes `object`.
  default void markDeleted(ObjectNode object) {}

  /// The field that a field selector means by `name`: most kinds have no other names for their
  /// fields.
  default String selectorField(String name) {
    return name;
  }
}
