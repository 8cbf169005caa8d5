package dev.otherix.apiserver.cel;

/// A text that is no expression, or one about things that do not exist.
final class CompileException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  CompileException(String message) {
    super(message);
  }

  @Override
  public String getMessage() {
    return String.valueOf(super.getMessage());
  }
}
