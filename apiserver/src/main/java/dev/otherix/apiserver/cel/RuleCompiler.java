package dev.otherix.apiserver.cel;

import dev.cel.common.types.CelKind;
import dev.cel.common.types.CelType;
import dev.cel.common.types.OptionalType;
import dev.otherix.apimachinery.schema.ExpressionRule;
import dev.otherix.apimachinery.schema.ListType;
import dev.otherix.apimachinery.schema.SchemaNode;
import dev.otherix.apimachinery.status.FieldError;
import dev.otherix.apimachinery.status.FieldPath;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.StringNode;

/// Compiles all rules of a schema and tells what is wrong with them. One instance compiles one
/// schema.
final class RuleCompiler {
  /// What one rule may cost by estimate, over all values of its level.
  static final long ESTIMATE_MAX = 10_000_000;

  /// What all rules of a version may cost together, by estimate.
  static final long TOTAL_MAX = 100_000_000;

  private static final String RULES = "x-kubernetes-validations";

  private final List<FieldError> problems = new ArrayList<>();
  private long total;

  /// @param often how many values of a level one object can have, at most
  /// @param guessed the lists and maps around without a bound
  /// @param comparable whether the stored value of the level can be found
  private record Place(
      FieldPath path, long often, Set<String> guessed, boolean comparable, String name) {
    Place child(FieldPath path, String name) {
      return new Place(path, often, guessed, comparable, name);
    }

    Place within(Shape around, FieldPath path, boolean comparable, String name) {
      Set<String> more = new TreeSet<>(guessed);
      if (!around.bounded()) {
        more.add(around.path());
      }
      long times = CallCost.product(often, Math.max(1, around.maxSize()));
      return new Place(path, times, more, comparable, name);
    }
  }

  List<FieldError> problems() {
    return List.copyOf(problems);
  }

  RuleLevel compile(SchemaNode schema, FieldPath path) {
    Place root = new Place(path, 1, Set.of(), true, "self");
    RuleLevel level = level(schema, Shapes.root(schema), root);
    if (total > TOTAL_MAX) {
      problems.add(
          FieldError.forbidden(
              path,
              "estimated cost of all rules together is "
                  + shown(total)
                  + ", the limit is "
                  + TOTAL_MAX
                  + "; simplify rules, or bound lists, maps and texts"));
    }
    return level;
  }

  private RuleLevel level(SchemaNode schema, @Nullable Shape shape, Place place) {
    List<CompiledRule> rules = new ArrayList<>();
    if (!schema.validations().isEmpty()) {
      rules.addAll(rules(schema, shape, place));
    }
    Map<String, RuleLevel> properties = new LinkedHashMap<>();
    schema
        .properties()
        .forEach((name, below) -> {
          FieldPath path = place.path.child("properties").key(name);
          String inner = place.name + "." + name;
          RuleLevel level = level(below, Shapes.of(below, inner), place.child(path, inner));
          if (!level.isEmpty()) {
            properties.put(name, level);
          }
        });
    RuleLevel additional = null;
    RuleLevel items = null;
    if (shape != null && schema.additionalProperties() != null) {
      additional =
          below(
              schema.additionalProperties(),
              shape,
              place.within(
                  shape,
                  place.path.child("additionalProperties"),
                  place.comparable,
                  place.name + ".@values"));
    }
    if (shape != null && schema.items() != null) {
      boolean comparable = place.comparable && schema.listType() == ListType.MAP;
      Place inside =
          place.within(shape, place.path.child("items"), comparable, place.name + ".@items");
      items = below(schema.items(), shape, inside);
    }
    return new RuleLevel(schema, shape, rules, Map.copyOf(properties), additional, items);
  }

  private @Nullable RuleLevel below(SchemaNode schema, Shape around, Place place) {
    RuleLevel level = level(schema, around.elementShape(), place);
    return level.isEmpty() ? null : level;
  }

  private List<CompiledRule> rules(SchemaNode schema, @Nullable Shape shape, Place place) {
    List<CompiledRule> rules = new ArrayList<>();
    FieldPath path = place.path.child(RULES);
    if (shape == null) {
      problems.add(
          FieldError.forbidden(path, "rules need a declared type; there is none at this level"));
      return rules;
    }
    Environment plain = environment(shape, false);
    Environment optional = null;
    for (int i = 0; i < schema.validations().size(); i++) {
      ExpressionRule rule = schema.validations().get(i);
      if (rule.optionalOldSelf() && optional == null) {
        optional = environment(shape, true);
      }
      Environment environment = rule.optionalOldSelf() && optional != null ? optional : plain;
      rules.add(rule(rule, schema, environment, place, path.index(i)));
    }
    return rules;
  }

  private static Environment environment(Shape shape, boolean optionalOld) {
    Map<String, CelType> types = new LinkedHashMap<>();
    types.put("self", shape.type());
    types.put("oldSelf", optionalOld ? OptionalType.create(shape.type()) : shape.type());
    return Environment.of(types, Map.of("self", shape, "oldSelf", shape));
  }

  private CompiledRule rule(
      ExpressionRule rule,
      SchemaNode schema,
      Environment environment,
      Place place,
      FieldPath path) {
    String error = "";
    Expression expression = null;
    Expression message = null;
    boolean transition = false;
    try {
      expression = environment.compile(rule.rule());
      transition = expression.used().contains("oldSelf");
      demandType(expression, CelKind.BOOL, "cel expression must evaluate to a bool");
    } catch (CompileException e) {
      error = "compilation failed: " + e.getMessage();
      problem(path.child("rule"), rule.rule(), error);
    }
    if (!rule.messageExpression().isEmpty()) {
      try {
        message = environment.compile(rule.messageExpression());
        demandType(message, CelKind.STRING, "must evaluate to a string");
        charge(message, place, path.child("messageExpression"));
      } catch (CompileException e) {
        problem(
            path.child("messageExpression"),
            rule.messageExpression(),
            "compilation failed: " + e.getMessage());
      }
    }
    if (expression != null && error.isEmpty()) {
      charge(expression, place, path.child("rule"));
      if (transition && !place.comparable) {
        problem(
            path.child("rule"),
            rule.rule(),
            "oldSelf cannot be used within items of a list unless x-kubernetes-list-type is map:"
                + " the stored value cannot be told");
      }
    }
    if (rule.optionalOldSelf() && !transition && error.isEmpty()) {
      problem(path.child("optionalOldSelf"), "true", "may only be set if oldSelf is used in rule");
    }
    List<String> blamed = blamed(rule, schema, path.child("fieldPath"));
    return new CompiledRule(
        rule, error.isEmpty() ? expression : null, message, transition, blamed, error);
  }

  private static void demandType(Expression expression, CelKind kind, String otherwise) {
    if (expression.type().kind() != kind) {
      throw new CompileException(otherwise + ", not " + expression.type().name());
    }
  }

  private void charge(Expression expression, Place place, FieldPath path) {
    long cost = CallCost.product(expression.estimate().cost(), place.often);
    total = CallCost.plus(total, cost);
    if (cost <= ESTIMATE_MAX) {
      return;
    }
    Set<String> missing = new TreeSet<>(place.guessed);
    missing.addAll(expression.estimate().unbounded());
    problems.add(
        FieldError.forbidden(
            path,
            "estimated rule cost is "
                + shown(cost)
                + ", the limit is "
                + ESTIMATE_MAX
                + (missing.isEmpty()
                    ? "; simplify the rule, or lower the bounds of lists, maps and texts"
                    : "; set maxItems, maxProperties or maxLength at "
                        + String.join(", ", missing)
                        + ", or simplify the rule")));
  }

  private static String shown(long cost) {
    return cost == Long.MAX_VALUE ? "beyond counting" : Long.toString(cost);
  }

  private List<String> blamed(ExpressionRule rule, SchemaNode schema, FieldPath path) {
    if (rule.fieldPath().isEmpty()) {
      return List.of();
    }
    List<String> names = MemberPath.parse(rule.fieldPath());
    SchemaNode at = schema;
    for (String name : names) {
      at = at == null ? null : at.member(name);
    }
    if (names.isEmpty() || at == null) {
      problem(
          path,
          rule.fieldPath(),
          "must be a path such as .spec.size to a member that the schema declares");
      return List.of();
    }
    return names;
  }

  private void problem(FieldPath path, String value, String detail) {
    problems.add(FieldError.invalid(path, StringNode.valueOf(value), detail));
  }
}
