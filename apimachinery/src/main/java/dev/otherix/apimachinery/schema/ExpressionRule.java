package dev.otherix.apimachinery.schema;

import dev.otherix.apimachinery.status.CauseReason;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/// One entry of `x-kubernetes-validations`: an expression in CEL that must be true of the value.
/// This package carries it; who evaluates it needs more than trees.
///
/// @param message what a person reads when the rule fails, or empty
/// @param messageExpression makes that message, or empty
/// @param fieldPath the member that is blamed, such as `.spec.size`, or empty for the value itself
/// @param optionalOldSelf `oldSelf` is optional, so that the rule holds on creation too
public record ExpressionRule(
    String rule,
    String message,
    String messageExpression,
    CauseReason reason,
    String fieldPath,
    boolean optionalOldSelf) {
  static final String KEYWORD = "x-kubernetes-validations";

  static final Map<String, CauseReason> REASONS =
      Map.of(
          "FieldValueInvalid", CauseReason.FIELD_VALUE_INVALID,
          "FieldValueForbidden", CauseReason.FIELD_VALUE_FORBIDDEN,
          "FieldValueRequired", CauseReason.FIELD_VALUE_REQUIRED,
          "FieldValueDuplicate", CauseReason.FIELD_VALUE_DUPLICATE);

  /// Reads what [ExpressionRuleShapes] has checked.
  static List<ExpressionRule> read(JsonNode entries) {
    List<ExpressionRule> rules = new ArrayList<>();
    for (JsonNode each : entries) {
      rules.add(
          new ExpressionRule(
              each.path("rule").asString(""),
              each.path("message").asString(""),
              each.path("messageExpression").asString(""),
              REASONS.getOrDefault(
                  each.path("reason").asString(""), CauseReason.FIELD_VALUE_INVALID),
              each.path("fieldPath").asString(""),
              each.path("optionalOldSelf").asBoolean(false)));
    }
    return List.copyOf(rules);
  }
}
