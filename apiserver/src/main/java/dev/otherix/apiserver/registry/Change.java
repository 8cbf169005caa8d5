package dev.otherix.apiserver.registry;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/// How an update makes the new state of an object out of the present one. It may be asked several
/// times, because somebody else may write in between.
public interface Change {
  /// The new state, not yet defaulted. What the door does not let through is put back after.
  ///
  /// @param live a tree of the change's own, in the client's version
  /// @throws dev.otherix.apimachinery.status.ApiException when it cannot be made
  ObjectNode apply(ObjectNode live);

  /// The object to create when there is none; null when that is an error.
  default @Nullable ObjectNode whenMissing() {
    return null;
  }

  /// Whether [#apply] has recorded in managedFields who owns what; otherwise the registry does.
  default boolean recordsOwners() {
    return false;
  }
}
