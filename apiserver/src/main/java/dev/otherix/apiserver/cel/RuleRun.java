package dev.otherix.apiserver.cel;

import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.schema.ListType;
import dev.otherix.apimachinery.status.CauseReason;
import dev.otherix.apimachinery.status.FieldError;
import dev.otherix.apimachinery.status.FieldPath;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.StringNode;

/// The rules of one schema applied to one object. Belongs to one thread.
final class RuleRun {
  static final int ERRORS_MAX = 100;

  private static final int MESSAGE_MAX = 5 * 1024;

  private final List<FieldError> errors = new ArrayList<>();
  private final Budget budget;
  private boolean stopped;

  RuleRun(Budget budget) {
    this.budget = budget;
  }

  List<FieldError> errors() {
    return List.copyOf(errors);
  }

  /// @param unchanged whether the value is known to equal the stored one
  void check(
      RuleLevel level, JsonNode value, @Nullable JsonNode old, boolean unchanged, FieldPath path) {
    if (stopped || errors.size() >= ERRORS_MAX) {
      return;
    }
    boolean same = unchanged || (old != null && Json.equal(old, value));
    rules(level, value, old, same, path);
    switch (value) {
      case ObjectNode object -> members(level, object, old, same, path);
      case ArrayNode array -> items(level, array, old, same, path);
      default -> {}
    }
  }

  private void members(
      RuleLevel level, ObjectNode object, @Nullable JsonNode old, boolean same, FieldPath path) {
    if (level.properties().isEmpty() && level.additional() == null) {
      return;
    }
    for (Map.Entry<String, JsonNode> member : object.properties()) {
      String name = member.getKey();
      RuleLevel own = level.properties().get(name);
      RuleLevel below = own == null ? level.additional() : own;
      if (below != null) {
        JsonNode before = old == null ? null : old.get(name);
        FieldPath at = own == null ? path.key(name) : path.child(name);
        check(below, member.getValue(), before, same, at);
      }
    }
  }

  private void items(
      RuleLevel level, ArrayNode array, @Nullable JsonNode old, boolean same, FieldPath path) {
    RuleLevel below = level.items();
    if (below == null) {
      return;
    }
    boolean keyed = level.schema().listType() == ListType.MAP && old != null;
    for (int i = 0; i < array.size(); i++) {
      JsonNode item = array.get(i);
      JsonNode before = null;
      if (keyed && old != null) {
        before = same ? item : withSameKey(level, item, old, i);
      }
      check(below, item, before, same, path.index(i));
    }
  }

  /// Looks at the same place first: most lists keep their order.
  private static @Nullable JsonNode withSameKey(
      RuleLevel level, JsonNode item, JsonNode old, int place) {
    if (place < old.size() && sameKey(level, item, old.get(place))) {
      return old.get(place);
    }
    for (JsonNode each : old) {
      if (sameKey(level, item, each)) {
        return each;
      }
    }
    return null;
  }

  private static boolean sameKey(RuleLevel level, JsonNode one, JsonNode other) {
    for (String key : level.schema().listMapKeys()) {
      if (!Json.equal(one.get(key), other.get(key))) {
        return false;
      }
    }
    return true;
  }

  private void rules(
      RuleLevel level, JsonNode value, @Nullable JsonNode old, boolean same, FieldPath path) {
    Shape shape = level.shape();
    if (level.rules().isEmpty() || shape == null) {
      return;
    }
    Compared values = new Compared(value, old, shape);
    for (CompiledRule rule : level.rules()) {
      boolean applies = old != null || rule.holdsOnCreation();
      boolean forgiven = same && !rule.transition();
      if (applies && !forgiven && !stopped && errors.size() < ERRORS_MAX) {
        run(rule, level, values, path);
      }
    }
  }

  /// The variables of one level, adapted when the first rule needs them.
  private record Compared(JsonNode value, @Nullable JsonNode old, Shape shape) {
    Object eval(Expression expression, CompiledRule rule, Budget budget) {
      Object before = old == null ? null : TreeValues.of(old, shape);
      if (rule.source().optionalOldSelf()) {
        before = new Maybe(before);
      }
      return expression.eval(budget, TreeValues.of(value, shape), before);
    }
  }

  private void run(CompiledRule rule, RuleLevel level, Compared values, FieldPath path) {
    Expression expression = rule.expression();
    if (expression == null) {
      add(rule, level, values.value, path, "rule " + rule.compileError());
      return;
    }
    try {
      if (!Boolean.TRUE.equals(values.eval(expression, rule, budget))) {
        add(rule, level, values.value, path, message(rule, values));
      }
    } catch (EvaluationException e) {
      add(rule, level, values.value, path, e.getMessage() + " evaluating rule: " + rule.text());
    } catch (BudgetException e) {
      stopped = budget.spent();
      String what =
          stopped
              ? "validation failed due to running out of cost budget, no further validation rules"
                  + " will be run"
              : e.getMessage() + " evaluating rule: " + rule.text();
      add(rule, level, values.value, path, what);
    }
  }

  private String message(CompiledRule rule, Compared values) {
    if (rule.message() == null) {
      return rule.text();
    }
    try {
      Object made = values.eval(rule.message(), rule, budget);
      if (made instanceof String text) {
        String stripped = text.strip();
        boolean usable =
            !stripped.isEmpty() && stripped.length() <= MESSAGE_MAX && stripped.indexOf('\n') < 0;
        return usable ? stripped : rule.text();
      }
      return rule.text();
    } catch (EvaluationException | BudgetException e) {
      return rule.text();
    }
  }

  private void add(
      CompiledRule rule, RuleLevel level, JsonNode value, FieldPath path, String message) {
    FieldPath at = path;
    for (String name : rule.blamed()) {
      at = at.child(name);
    }
    CauseReason reason = rule.source().reason();
    boolean shown =
        reason == CauseReason.FIELD_VALUE_INVALID || reason == CauseReason.FIELD_VALUE_DUPLICATE;
    errors.add(new FieldError(reason, at, shown ? shown(level, value) : null, message));
  }

  /// Scalars as they are; of objects and lists only what they are, and of secrets nothing.
  private static JsonNode shown(RuleLevel level, JsonNode value) {
    if (level.schema().format().equals("password")) {
      return StringNode.valueOf("(hidden)");
    }
    if (value.isContainer()) {
      return StringNode.valueOf(value.isObject() ? "object" : "array");
    }
    return value;
  }
}
