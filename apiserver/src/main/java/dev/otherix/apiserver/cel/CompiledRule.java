package dev.otherix.apiserver.cel;

import dev.otherix.apimachinery.schema.ExpressionRule;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One rule of a schema, ready to run. Immutable.
///
/// @param expression null where the rule does not compile: then it refuses every object
/// @param message the compiled messageExpression, or null
/// @param transition compares with the stored value
/// @param blamed the names from the value down to the member that `fieldPath` blames
record CompiledRule(
    ExpressionRule source,
    @Nullable Expression expression,
    @Nullable Expression message,
    boolean transition,
    List<String> blamed,
    String compileError) {

  /// Whether the rule has something to say without a stored value.
  boolean holdsOnCreation() {
    return !transition || source.optionalOldSelf();
  }

  /// What a person reads when there is no better message.
  String text() {
    return source.message().isEmpty() ? "failed rule: " + source.rule() : source.message().strip();
  }
}
