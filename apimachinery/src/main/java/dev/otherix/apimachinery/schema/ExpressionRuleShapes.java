package dev.otherix.apimachinery.schema;

import dev.otherix.apimachinery.status.FieldError;
import dev.otherix.apimachinery.status.FieldPath;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/// What the entries of `x-kubernetes-validations` look like. Whether the expressions in them make
/// sense is for who compiles them.
final class ExpressionRuleShapes {
  private static final int MESSAGE_MAX = 2048;
  private static final Set<String> TEXTS =
      Set.of("rule", "message", "messageExpression", "reason", "fieldPath");

  private final SchemaProblems problems;

  ExpressionRuleShapes(SchemaProblems problems) {
    this.problems = problems;
  }

  void check(JsonNode entries, FieldPath path) {
    if (!entries.isArray()) {
      problems.add(FieldError.invalid(path, entries, "must be a list of rules"));
      return;
    }
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < entries.size(); i++) {
      JsonNode entry = entries.get(i);
      if (!entry.isObject()) {
        problems.add(FieldError.invalid(path.index(i), entry, "must be an object with a rule"));
        continue;
      }
      members(entry, path.index(i));
      JsonNode rule = entry.path("rule");
      if (rule.asString("").isBlank()) {
        problems.add(FieldError.required(path.index(i).child("rule"), "is not specified"));
      } else if (!seen.add(rule.asString(""))) {
        problems.add(FieldError.duplicate(path.index(i).child("rule"), rule));
      }
    }
  }

  private void members(JsonNode entry, FieldPath path) {
    for (String name : entry.propertyNames()) {
      JsonNode value = entry.path(name);
      FieldPath at = path.child(name);
      if (name.equals("optionalOldSelf")) {
        if (!value.isBoolean()) {
          problems.add(FieldError.invalid(at, value, "must be true or false"));
        }
      } else if (!TEXTS.contains(name)) {
        problems.add(FieldError.forbidden(at, "no code honours \"" + name + "\"; remove it"));
      } else if (!value.isString()) {
        problems.add(FieldError.invalid(at, value, "must be a string"));
      }
    }
    message(entry.path("message").asString(""), entry.path("message"), path.child("message"));
    JsonNode reason = entry.path("reason");
    if (reason.isString() && !ExpressionRule.REASONS.containsKey(reason.stringValue())) {
      List<String> reasons = ExpressionRule.REASONS.keySet().stream().sorted().toList();
      problems.add(FieldError.notSupported(path.child("reason"), reason, reasons));
    }
    for (String name : List.of("messageExpression", "message")) {
      JsonNode value = entry.path(name);
      if (value.isString() && value.stringValue().isBlank()) {
        problems.add(
            FieldError.invalid(
                path.child(name), value, "must be non-empty if specified; remove it"));
      }
    }
    String rule = entry.path("rule").asString("").strip();
    if (rule.indexOf('\n') >= 0
        && entry.path("message").isMissingNode()
        && entry.path("messageExpression").isMissingNode()) {
      problems.add(
          FieldError.required(
              path.child("message"), "must be specified if the rule contains line breaks"));
    }
  }

  private void message(String message, JsonNode value, FieldPath at) {
    if (message.strip().indexOf('\n') >= 0) {
      problems.add(FieldError.invalid(at, value, "must not contain line breaks"));
    }
    if (message.length() > MESSAGE_MAX) {
      problems.add(FieldError.tooLong(at, MESSAGE_MAX));
    }
  }
}
