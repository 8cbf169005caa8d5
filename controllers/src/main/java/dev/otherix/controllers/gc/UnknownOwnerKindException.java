package dev.otherix.controllers.gc;

/// An owner whose kind is not served, at least not now.
final class UnknownOwnerKindException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  UnknownOwnerKindException(String message) {
    super(message);
  }
}
