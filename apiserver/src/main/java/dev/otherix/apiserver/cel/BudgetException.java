package dev.otherix.apiserver.cel;

/// An evaluation that cost more than it may. Nothing in an expression absorbs it.
final class BudgetException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  BudgetException(String message) {
    super(message, null, false, false);
  }

  @Override
  public String getMessage() {
    return String.valueOf(super.getMessage());
  }
}
