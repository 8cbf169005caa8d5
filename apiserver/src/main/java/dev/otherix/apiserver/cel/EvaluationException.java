package dev.otherix.apiserver.cel;

/// An expression that has no value for the values it was given, such as a division by zero. An
/// error in the sense of CEL: `||`, `&&` and the macros may absorb it.
final class EvaluationException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  EvaluationException(String message) {
    super(message, null, false, false);
  }

  static EvaluationException noOverload(String function) {
    return new EvaluationException("no such overload: " + function);
  }

  @Override
  public String getMessage() {
    return String.valueOf(super.getMessage());
  }
}
