package dev.otherix.apimachinery.schema;

import dev.otherix.apimachinery.status.FieldError;
import dev.otherix.apimachinery.status.FieldPath;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Reads `x-otherix-rules`. What cannot be read is reported and left out.
final class RuleReader {
  static final String KEYWORD = "x-otherix-rules";

  private static final int RULES_MAX = 100;
  private static final Set<String> WHEN_MEMBERS =
      Set.of("when", "require", "forbid", "values", "max", "min", "because");

  private final Consumer<FieldError> problems;

  RuleReader(Consumer<FieldError> problems) {
    this.problems = problems;
  }

  List<Rule> read(@Nullable JsonNode rules, FieldPath path) {
    if (rules == null) {
      return List.of();
    }
    if (!(rules instanceof ArrayNode array) || array.size() > RULES_MAX) {
      problems.accept(
          FieldError.invalid(path, null, "must be a list of at most " + RULES_MAX + " rules"));
      return List.of();
    }
    List<Rule> read = new ArrayList<>();
    for (int i = 0; i < array.size(); i++) {
      FieldPath at = path.index(i);
      Rule rule =
          array.get(i) instanceof ObjectNode object ? rule(object, at) : wrong(at, array.get(i));
      if (rule != null) {
        read.add(rule);
      }
    }
    return List.copyOf(read);
  }

  private @Nullable Rule rule(ObjectNode rule, FieldPath path) {
    String because = rule.path("because").asString("");
    JsonNode fields = rule.get("exactlyOneOf");
    if (fields != null) {
      only(rule, Set.of("exactlyOneOf", "because"), path);
      return new Rule.ExactlyOneOf(names(fields, path.child("exactlyOneOf"), 2, 100), because);
    }
    fields = rule.get("atMostOneOf");
    if (fields != null) {
      only(rule, Set.of("atMostOneOf", "because"), path);
      return new Rule.AtMostOneOf(names(fields, path.child("atMostOneOf"), 2, 100), because);
    }
    fields = rule.get("ordered");
    if (fields != null) {
      only(rule, Set.of("ordered", "because"), path);
      List<String> pair = names(fields, path.child("ordered"), 2, 2);
      return pair.size() == 2 ? new Rule.Ordered(pair.get(0), pair.get(1), because) : null;
    }
    if (rule.get("inSubnet") instanceof ObjectNode pair) {
      only(rule, Set.of("inSubnet", "because"), path);
      only(pair, Set.of("address", "subnet"), path.child("inSubnet"));
      String address = pair.path("address").asString("");
      String subnet = pair.path("subnet").asString("");
      return address.isEmpty() || subnet.isEmpty()
          ? wrong(path.child("inSubnet"), pair)
          : new Rule.InSubnet(address, subnet, because);
    }
    if (rule.get("reservedPrefix") instanceof ObjectNode reserved) {
      return reservedPrefix(rule, reserved, path, because);
    }
    return rule.get("when") instanceof ObjectNode when
        ? when(rule, when, path, because)
        : wrong(path, rule);
  }

  private @Nullable Rule reservedPrefix(
      ObjectNode rule, ObjectNode reserved, FieldPath path, String because) {
    only(rule, Set.of("reservedPrefix", "because"), path);
    only(reserved, Set.of("field", "prefixes"), path.child("reservedPrefix"));
    String field = reserved.path("field").asString("");
    FieldPath at = path.child("reservedPrefix").child("prefixes");
    List<String> prefixes = names(reserved.path("prefixes"), at, 1, 100);
    return field.isEmpty() || prefixes.isEmpty()
        ? wrong(path.child("reservedPrefix"), reserved)
        : new Rule.ReservedPrefix(field, prefixes, because);
  }

  private @Nullable Rule when(ObjectNode rule, ObjectNode when, FieldPath path, String because) {
    only(rule, WHEN_MEMBERS, path);
    Map<String, Rule.Condition> conditions = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> each : when.properties()) {
      Rule.Condition condition = condition(each.getValue(), path.child("when").key(each.getKey()));
      if (condition != null) {
        conditions.put(each.getKey(), condition);
      }
    }
    Map<String, List<JsonNode>> values = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> each : rule.path("values").properties()) {
      values.put(each.getKey(), scalars(each.getValue(), path.child("values").key(each.getKey())));
    }
    Rule.When read =
        new Rule.When(
            conditions,
            names(rule.path("require"), path.child("require"), 0, 100),
            names(rule.path("forbid"), path.child("forbid"), 0, 100),
            values,
            numbers(rule.path("max"), path.child("max")),
            numbers(rule.path("min"), path.child("min")),
            because);
    boolean idle =
        read.require().isEmpty()
            && read.forbid().isEmpty()
            && values.isEmpty()
            && read.max().isEmpty()
            && read.min().isEmpty();
    return idle || conditions.isEmpty() ? wrong(path, rule) : read;
  }

  private Rule.@Nullable Condition condition(JsonNode value, FieldPath path) {
    if (value instanceof ObjectNode object) {
      JsonNode set = object.path("set");
      if (object.size() == 1 && set.isBoolean()) {
        return new Rule.Condition.IsSet(set.booleanValue());
      }
      problems.accept(
          FieldError.invalid(path, value, "must be a value, a list of values, or {\"set\": true}"));
      return null;
    }
    return new Rule.Condition.AnyOf(
        value instanceof ArrayNode
            ? scalars(value, path)
            : scalars(JsonNodeFactory.instance.arrayNode().add(value), path));
  }

  private List<JsonNode> scalars(JsonNode values, FieldPath path) {
    List<JsonNode> scalars = new ArrayList<>();
    for (JsonNode each : values) {
      if (each.isValueNode() && !each.isNull()) {
        scalars.add(each);
      }
    }
    if (!(values instanceof ArrayNode) || scalars.isEmpty() || scalars.size() != values.size()) {
      problems.accept(
          FieldError.invalid(path, values, "must be strings, numbers or booleans, at least one"));
    }
    return List.copyOf(scalars);
  }

  private Map<String, JsonNode> numbers(JsonNode bounds, FieldPath path) {
    Map<String, JsonNode> numbers = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> each : bounds.properties()) {
      if (each.getValue().isNumber()) {
        numbers.put(each.getKey(), each.getValue());
      } else {
        problems.accept(
            FieldError.invalid(path.key(each.getKey()), each.getValue(), "must be a number"));
      }
    }
    return numbers;
  }

  private List<String> names(JsonNode fields, FieldPath path, int min, int max) {
    List<String> names = new ArrayList<>();
    for (JsonNode each : fields) {
      if (each.isString() && !each.stringValue().isEmpty()) {
        names.add(each.stringValue());
      }
    }
    boolean absent = fields.isMissingNode();
    if (!absent && (names.size() != fields.size() || names.size() < min || names.size() > max)) {
      problems.accept(
          FieldError.invalid(path, fields, "must be a list of field names, at least " + min));
    }
    return List.copyOf(names);
  }

  private void only(ObjectNode rule, Set<String> known, FieldPath path) {
    for (String name : rule.propertyNames()) {
      if (!known.contains(name)) {
        problems.accept(
            FieldError.forbidden(path.child(name), "no such member here; known: " + sorted(known)));
      }
    }
    JsonNode because = rule.get("because");
    if (because != null && !because.isString()) {
      problems.accept(FieldError.invalid(path.child("because"), because, "must be a sentence"));
    }
  }

  private @Nullable Rule wrong(FieldPath path, JsonNode value) {
    problems.accept(
        FieldError.invalid(
            path,
            value,
            "must be one of {exactlyOneOf: [..]}, {atMostOneOf: [..]}, {ordered: [low, high]},"
                + " {inSubnet: {address, subnet}}, {reservedPrefix: {field, prefixes}} or"
                + " {when: {..}} with require, forbid, values, max or min"));
    return null;
  }

  private static String sorted(Set<String> names) {
    return String.join(", ", names.stream().sorted().toList());
  }
}
