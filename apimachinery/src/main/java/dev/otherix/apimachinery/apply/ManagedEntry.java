package dev.otherix.apimachinery.apply;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// What one manager owns: an entry of `metadata.managedFields`.
///
/// @param manager the client's name for itself
/// @param apiVersion the version of the kind in which `fields` are expressed
/// @param subresource through which the manager wrote; empty for the object itself
/// @param time of the manager's last change of what it owns; null when unknown
record ManagedEntry(
    String manager,
    Operation operation,
    String apiVersion,
    String subresource,
    @Nullable Instant time,
    FieldSet fields) {

  /// How a manager writes.
  enum Operation {
    APPLY("Apply"),
    UPDATE("Update");

    private final String wireName;

    Operation(String wireName) {
      this.wireName = wireName;
    }

    String wireName() {
      return wireName;
    }
  }

  /// Tells entries apart. An applier is one manager whatever version it applied in, so that a new
  /// version takes over what the old one owned: its key has no version.
  record ManagerKey(String manager, Operation operation, String apiVersion, String subresource) {
    static ManagerKey applier(String manager, String subresource) {
      return new ManagerKey(manager, Operation.APPLY, "", subresource);
    }
  }

  ManagerKey key() {
    return operation == Operation.APPLY
        ? ManagerKey.applier(manager, subresource)
        : new ManagerKey(manager, operation, apiVersion, subresource);
  }

  boolean applied() {
    return operation == Operation.APPLY;
  }

  long seconds() {
    return time == null ? 0 : time.getEpochSecond();
  }

  ManagedEntry withFields(FieldSet changed) {
    return new ManagedEntry(manager, operation, apiVersion, subresource, time, changed);
  }

  ManagedEntry withTime(Instant now) {
    return new ManagedEntry(manager, operation, apiVersion, subresource, now, fields);
  }
}
