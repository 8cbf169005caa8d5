package dev.otherix.apiserver.audit;

/// Where audit events go. Thread-safe.
@FunctionalInterface
public interface AuditSink {
  AuditSink NONE = (_, _) -> true;

  /// Takes the event.
  ///
  /// @param mayWait whether it may block until there is room
  /// @return false when there is no room and it may not wait: the event was not taken
  boolean record(AuditEvent event, boolean mayWait) throws InterruptedException;

  /// How many events were taken and could not be kept.
  default long lost() {
    return 0;
  }
}
