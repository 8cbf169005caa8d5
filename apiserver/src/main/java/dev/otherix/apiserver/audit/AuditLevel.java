package dev.otherix.apiserver.audit;

/// Which requests are recorded.
public enum AuditLevel {
  NONE,
  /// What changed something, and what was refused.
  CHANGES,
  /// Every request.
  ALL
}
