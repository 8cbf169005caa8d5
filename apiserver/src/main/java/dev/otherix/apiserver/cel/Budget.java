package dev.otherix.apiserver.cel;

/// What one object's rules may cost together. Belongs to one thread.
final class Budget {
  static final long PER_EXPRESSION = 1_000_000;
  static final long PER_OBJECT = 10_000_000;

  private long left;
  private final long perExpression;

  Budget() {
    this(PER_EXPRESSION, PER_OBJECT);
  }

  Budget(long perExpression, long perObject) {
    this.perExpression = perExpression;
    this.left = perObject;
  }

  /// How much the next expression may spend.
  long next() {
    return Math.min(perExpression, left);
  }

  void spend(long cost) {
    left -= Math.min(left, cost);
  }

  boolean spent() {
    return left == 0;
  }
}
