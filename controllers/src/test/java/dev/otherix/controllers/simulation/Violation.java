package dev.otherix.controllers.simulation;

/// What may never be was seen. No exception, as the runtime would take that for a failed reconcile.
final class Violation extends Error {
  private static final long serialVersionUID = 1L;

  Violation(String message) {
    super(message);
  }
}
