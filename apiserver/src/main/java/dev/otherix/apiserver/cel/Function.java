package dev.otherix.apiserver.cel;

/// What a function of CEL does with values. All overloads of a name are one function: it looks at
/// what it gets.
@FunctionalInterface
interface Function {
  /// @throws EvaluationException where there is no value, or no such overload
  Object apply(Object[] arguments, Frame frame);
}
