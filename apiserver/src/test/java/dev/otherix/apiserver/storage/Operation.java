package dev.otherix.apiserver.storage;

import org.jspecify.annotations.Nullable;

/// What one client asked of one key and what it heard, with the times of both.
///
/// @param value what a create or update writes, or what a get found; null for nothing
/// @param expected the revision that an update or delete expects
/// @param answer null when nobody knows what became of it
/// @param answered [Long#MAX_VALUE] when there was no answer
record Operation(
    Kind kind,
    String key,
    @Nullable String value,
    long expected,
    long asked,
    long answered,
    @Nullable Answer answer) {
  enum Kind {
    GET,
    CREATE,
    UPDATE,
    DELETE
  }

  /// @param written whether a write was done
  /// @param revision of the write; of what was found, or of what stood in the way; 0 for nothing
  record Answer(boolean written, long revision) {}
}
