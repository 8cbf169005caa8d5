package dev.otherix.apimachinery.apply;

import java.time.Instant;

/// Who writes, where and when.
///
/// @param manager `fieldManager` of the request, or what the caller made of its user agent
public record Writer(String manager, Endpoint endpoint, Instant now) {
  private static final String NAMELESS = "unknown";

  public Writer {
    manager = manager.isEmpty() ? NAMELESS : manager;
  }

  ManagedEntry.ManagerKey applier() {
    return ManagedEntry.ManagerKey.applier(manager, endpoint.subresource());
  }

  ManagedEntry entry(ManagedEntry.Operation operation, FieldSet fields) {
    return new ManagedEntry(
        manager, operation, endpoint.apiVersion(), endpoint.subresource(), now, fields);
  }
}
