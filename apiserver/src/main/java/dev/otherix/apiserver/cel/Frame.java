package dev.otherix.apiserver.cel;

import org.jspecify.annotations.Nullable;

/// The variables of one evaluation and what it has cost so far. Belongs to one thread.
final class Frame {
  private final @Nullable Object[] slots;
  private final long limit;
  private long cost;

  Frame(int slots, long limit) {
    this.slots = new @Nullable Object[slots];
    this.limit = limit;
  }

  /// @throws EvaluationException when that is what the variable holds
  Object get(int slot) {
    Object value = slots[slot];
    if (value instanceof EvaluationException failure) {
      throw failure;
    }
    if (value == null) {
      throw new EvaluationException("no such attribute");
    }
    return value;
  }

  void set(int slot, @Nullable Object value) {
    slots[slot] = value;
  }

  void charge(long amount) {
    cost += amount;
    if (cost > limit || cost < 0) {
      throw new BudgetException("operation cancelled: actual cost limit exceeded");
    }
  }

  long cost() {
    return cost;
  }
}
