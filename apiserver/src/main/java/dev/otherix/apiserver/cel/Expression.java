package dev.otherix.apiserver.cel;

import dev.cel.common.types.CelType;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A compiled expression. Immutable, thread-safe.
///
/// @param used the variables that it mentions
/// @param estimate what it may cost at most, by the sizes that the schema allows
record Expression(
    Node root, int slots, CelType type, Set<String> used, CostEstimate.Estimate estimate) {

  /// Its value for the given variables, in the order of the environment.
  ///
  /// @param values null for a variable that has no value
  /// @throws EvaluationException where there is none
  /// @throws BudgetException when it costs too much
  Object eval(Budget budget, @Nullable Object... values) {
    Frame frame = new Frame(slots, budget.next());
    for (int i = 0; i < values.length; i++) {
      frame.set(i, values[i]);
    }
    try {
      return root.eval(frame);
    } finally {
      budget.spend(frame.cost());
    }
  }
}
