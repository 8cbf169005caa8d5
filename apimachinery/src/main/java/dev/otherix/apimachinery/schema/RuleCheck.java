package dev.otherix.apimachinery.schema;

import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.status.CauseReason;
import dev.otherix.apimachinery.status.FieldError;
import dev.otherix.apimachinery.status.FieldPath;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Holds one object against the [Rule]s of its schema node. Runs on defaulted objects.
final class RuleCheck {
  private final ObjectNode object;
  private final Place place;
  private final ErrorList errors;

  private RuleCheck(ObjectNode object, Place place, ErrorList errors) {
    this.object = object;
    this.place = place;
    this.errors = errors;
  }

  static void check(List<Rule> rules, ObjectNode object, Place place, ErrorList errors) {
    RuleCheck check = new RuleCheck(object, place, errors);
    for (Rule rule : rules) {
      switch (rule) {
        case Rule.ExactlyOneOf one -> check.oneOf(one.fields(), true, one.because());
        case Rule.AtMostOneOf one -> check.oneOf(one.fields(), false, one.because());
        case Rule.When when -> check.when(when);
        case Rule.Ordered ordered -> check.ordered(ordered);
        case Rule.InSubnet inSubnet -> check.inSubnet(inSubnet);
        case Rule.ReservedPrefix reserved -> check.reservedPrefix(reserved);
      }
    }
  }

  private void oneOf(List<String> fields, boolean needed, String because) {
    String set = "";
    for (String field : fields) {
      if (value(object, field) == null) {
        continue;
      }
      if (set.isEmpty()) {
        set = field;
      } else {
        errors.add(
            FieldError.forbidden(
                at(field), detail("may not be set together with " + set, because)));
      }
    }
    if (set.isEmpty() && needed) {
      errors.add(
          FieldError.required(
              place.path(),
              detail("exactly one of " + String.join(", ", fields) + " must be set", because)));
    }
  }

  private void when(Rule.When rule) {
    for (Map.Entry<String, Rule.Condition> each : rule.conditions().entrySet()) {
      if (!holds(value(object, each.getKey()), each.getValue())) {
        return;
      }
    }
    for (String field : rule.require()) {
      if (value(object, field) == null) {
        add(rule, FieldError.required(at(field), "must be set "));
      }
    }
    for (String field : rule.forbid()) {
      if (value(object, field) != null) {
        add(rule, FieldError.forbidden(at(field), "may not be set "));
      }
    }
    for (Map.Entry<String, List<JsonNode>> each : rule.values().entrySet()) {
      JsonNode value = value(object, each.getKey());
      if (value != null && !contains(each.getValue(), value)) {
        String supported = "supported values: " + list(each.getValue(), ", ") + " ";
        add(
            rule,
            new FieldError(
                CauseReason.FIELD_VALUE_NOT_SUPPORTED, at(each.getKey()), value, supported));
      }
    }
    bounds(rule, rule.max(), 1, "must be at most ");
    bounds(rule, rule.min(), -1, "must be at least ");
  }

  private void bounds(Rule.When rule, Map<String, JsonNode> bounds, int wrongSign, String words) {
    for (Map.Entry<String, JsonNode> each : bounds.entrySet()) {
      JsonNode value = value(object, each.getKey());
      if (value != null
          && value.isNumber()
          && Json.compareNumbers(value, each.getValue()) * wrongSign > 0) {
        add(rule, FieldError.invalid(at(each.getKey()), value, words + each.getValue() + " "));
      }
    }
  }

  /// Adds the error with the condition behind its detail.
  private void add(Rule.When rule, FieldError error) {
    String detail = detail(error.detail() + "when " + words(rule), rule.because());
    errors.add(new FieldError(error.reason(), error.path(), error.value(), detail));
  }

  private void ordered(Rule.Ordered rule) {
    JsonNode low = value(object, rule.low());
    JsonNode high = value(object, rule.high());
    if (low == null || high == null) {
      return;
    }
    Integer order = Ordering.compare(low, high);
    if (order != null && order > 0) {
      errors.add(
          FieldError.invalid(
              at(rule.high()),
              high,
              detail("may not be less than " + rule.low() + " (" + low + ")", rule.because())));
    }
  }

  private void inSubnet(Rule.InSubnet rule) {
    JsonNode address = value(object, rule.address());
    JsonNode subnet = value(object, rule.subnet());
    if (address == null || subnet == null || !address.isString() || !subnet.isString()) {
      return;
    }
    byte[] bytes = IpAddress.parse(address.stringValue());
    IpAddress.Network network = IpAddress.parseNetwork(subnet.stringValue());
    if (bytes != null && network != null && !network.contains(bytes)) {
      errors.add(
          FieldError.invalid(
              at(rule.address()),
              address,
              detail(
                  "must be in " + rule.subnet() + " (" + subnet.stringValue() + ")",
                  rule.because())));
    }
  }

  private void reservedPrefix(Rule.ReservedPrefix rule) {
    JsonNode value = value(object, rule.field());
    if (value == null || !value.isString()) {
      return;
    }
    for (String prefix : rule.prefixes()) {
      if (value.stringValue().startsWith(prefix)) {
        errors.add(
            FieldError.invalid(
                at(rule.field()),
                value,
                detail("may not begin with \"" + prefix + "\"", rule.because())));
        return;
      }
    }
  }

  private FieldPath at(String field) {
    return place.path().at(field.split("\\.", -1));
  }

  /// The value of a field that is set, or null.
  static @Nullable JsonNode value(ObjectNode object, String field) {
    int dot = field.indexOf('.');
    if (dot < 0) {
      JsonNode value = object.get(field);
      return value == null || value.isNull() ? null : value;
    }
    return object.get(field.substring(0, dot)) instanceof ObjectNode below
        ? value(below, field.substring(dot + 1))
        : null;
  }

  private static boolean holds(@Nullable JsonNode value, Rule.Condition condition) {
    return switch (condition) {
      case Rule.Condition.IsSet set -> set.set() == (value != null);
      case Rule.Condition.AnyOf any -> value != null && contains(any.values(), value);
    };
  }

  private static boolean contains(List<JsonNode> values, JsonNode value) {
    for (JsonNode each : values) {
      if (Json.equal(each, value)) {
        return true;
      }
    }
    return false;
  }

  private static String words(Rule.When rule) {
    List<String> words = new ArrayList<>();
    for (Map.Entry<String, Rule.Condition> each : rule.conditions().entrySet()) {
      words.add(
          each.getKey()
              + switch (each.getValue()) {
                case Rule.Condition.IsSet set -> set.set() ? " is set" : " is not set";
                case Rule.Condition.AnyOf any -> " is " + list(any.values(), " or ");
              });
    }
    return String.join(" and ", words);
  }

  private static String list(List<JsonNode> values, String separator) {
    return String.join(separator, values.stream().map(JsonNode::toString).toList());
  }

  private static String detail(String detail, String because) {
    return because.isEmpty() ? detail : detail + ": " + because;
  }
}
