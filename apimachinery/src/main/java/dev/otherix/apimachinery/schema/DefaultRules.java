package dev.otherix.apimachinery.schema;

import dev.otherix.apimachinery.status.FieldError;
import dev.otherix.apimachinery.status.FieldPath;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// What can be said of a schema only once it is compiled: defaults fit their own schema, rules name
/// fields that exist, immutable fields can be found again after an update.
final class DefaultRules {
  private final SchemaProblems problems;

  DefaultRules(SchemaProblems problems) {
    this.problems = problems;
  }

  void check(SchemaNode node, FieldPath path) {
    JsonNode value = node.defaultValue();
    if (value != null) {
      defaultValue(node, value, path.child("default"));
    }
    List<Rule> rules = node.rules();
    for (int i = 0; i < rules.size(); i++) {
      rule(node, rules.get(i), path.child(RuleReader.KEYWORD).index(i));
    }
    for (Map.Entry<String, JsonNode> each : node.source().path("properties").properties()) {
      SchemaNode below = node.properties().get(each.getKey());
      if (below != null) {
        check(below, path.child("properties").key(each.getKey()));
      }
    }
    SchemaNode items = node.items();
    if (items != null) {
      check(items, path.child("items"));
      if (node.listType() != ListType.MAP && Immutability.of(items) != null && !node.immutable()) {
        problems.add(
            FieldError.forbidden(
                path.child("items"),
                "an immutable field inside a list needs x-kubernetes-list-type: map, which tells"
                    + " which item is which"));
      }
    }
    SchemaNode additional = node.additionalProperties();
    if (additional != null && !additional.untyped()) {
      check(additional, path.child("additionalProperties"));
    }
  }

  private void defaultValue(SchemaNode node, JsonNode value, FieldPath path) {
    if (value.isNull() && !node.nullable()) {
      problems.add(FieldError.invalid(path, value, "must not be null: the field is not nullable"));
      return;
    }
    JsonNode filled = value.deepCopy();
    Defaulting.apply(node, filled);
    for (FieldPath unknown : Pruning.prune(node, filled)) {
      problems.add(FieldError.invalid(path, value, "has the unknown field \"" + unknown + "\""));
    }
    ErrorList errors = new ErrorList();
    ValueCheck.of(node).check(filled, Place.ROOT.member("default"), errors);
    for (FieldError error : errors.toList()) {
      problems.add(FieldError.invalid(path, value, "does not fit its own schema: " + error));
    }
  }

  private void rule(SchemaNode node, Rule rule, FieldPath path) {
    switch (rule) {
      case Rule.ExactlyOneOf one ->
          one.fields().forEach(field -> field(node, field, path.child("exactlyOneOf")));
      case Rule.AtMostOneOf one ->
          one.fields().forEach(field -> field(node, field, path.child("atMostOneOf")));
      case Rule.When when -> when(node, when, path);
      case Rule.Ordered ordered -> ordered(node, ordered, path.child("ordered"));
      case Rule.InSubnet pair -> {
        FieldPath at = path.child("inSubnet");
        format(node, pair.address(), Set.of("ipv4", "ipv6"), at.child("address"));
        format(node, pair.subnet(), Set.of("ipv4-network", "cidr"), at.child("subnet"));
      }
      case Rule.ReservedPrefix reserved -> {
        FieldPath at = path.child("reservedPrefix").child("field");
        SchemaNode field = field(node, reserved.field(), at);
        if (field != null && field.type() != SchemaType.STRING) {
          problems.add(FieldError.forbidden(at, reserved.field() + " must be a string"));
        }
      }
    }
  }

  private void when(SchemaNode node, Rule.When rule, FieldPath path) {
    rule.conditions()
        .forEach((name, condition) -> {
          SchemaNode field = field(node, name, path.child("when"));
          if (field != null && condition instanceof Rule.Condition.AnyOf any) {
            possible(field, any.values(), path.child("when").key(name));
          }
        });
    rule.require().forEach(name -> field(node, name, path.child("require")));
    rule.forbid().forEach(name -> field(node, name, path.child("forbid")));
    rule.values()
        .forEach((name, values) -> {
          SchemaNode field = field(node, name, path.child("values"));
          if (field != null) {
            possible(field, values, path.child("values").key(name));
          }
        });
    rule.max().forEach((name, bound) -> number(node, name, path.child("max")));
    rule.min().forEach((name, bound) -> number(node, name, path.child("min")));
  }

  private void possible(SchemaNode field, List<JsonNode> values, FieldPath path) {
    ValueCheck check = ValueCheck.of(field);
    for (JsonNode value : values) {
      ErrorList errors = new ErrorList();
      check.check(value, Place.ROOT.member("value"), errors);
      for (FieldError error : errors.toList()) {
        problems.add(FieldError.invalid(path, value, "can never be: " + error.body()));
      }
    }
  }

  private void ordered(SchemaNode node, Rule.Ordered rule, FieldPath path) {
    SchemaNode low = field(node, rule.low(), path);
    SchemaNode high = field(node, rule.high(), path);
    if (low == null || high == null) {
      return;
    }
    boolean numbers = numeric(low) && numeric(high);
    boolean texts = low.format().equals(high.format()) && Ordering.FORMATS.contains(low.format());
    if (!numbers && !texts) {
      problems.add(
          FieldError.forbidden(
              path,
              rule.low()
                  + " and "
                  + rule.high()
                  + " have no order; both must be numbers, or have the same format out of "
                  + Ordering.FORMATS.stream().sorted().toList()));
    }
  }

  private void number(SchemaNode node, String name, FieldPath path) {
    SchemaNode field = field(node, name, path);
    if (field != null && !numeric(field)) {
      problems.add(FieldError.forbidden(path.key(name), "the field is not a number"));
    }
  }

  private void format(SchemaNode node, String name, Set<String> formats, FieldPath path) {
    SchemaNode field = field(node, name, path);
    if (field != null && !formats.contains(field.format())) {
      problems.add(
          FieldError.forbidden(
              path,
              "the field \""
                  + name
                  + "\" must have one of the formats "
                  + formats.stream().sorted().toList()));
    }
  }

  private @Nullable SchemaNode field(SchemaNode node, String name, FieldPath path) {
    SchemaNode at = node;
    for (String each : name.split("\\.", -1)) {
      SchemaNode next = at.properties().get(each);
      if (next == null) {
        problems.add(
            FieldError.forbidden(
                path, "there is no field \"" + name + "\" here; the rule could never hold"));
        return null;
      }
      at = next;
    }
    return at;
  }

  private static boolean numeric(SchemaNode node) {
    return node.type() == SchemaType.INTEGER || node.type() == SchemaType.NUMBER;
  }
}
