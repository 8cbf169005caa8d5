package dev.otherix.apimachinery.selector;

import dev.otherix.apimachinery.object.Names;
import dev.otherix.apimachinery.status.FieldError;
import dev.otherix.apimachinery.status.FieldPath;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.StringNode;

/// One term of a label selector. Immutable; matching allocates nothing. Orders as it prints.
public final class Requirement implements Comparable<Requirement> {
  private final String key;
  private final Operator operator;
  private final String[] values;
  private final long bound;

  private Requirement(String key, Operator operator, String[] values, long bound) {
    this.key = key;
    this.operator = operator;
    this.values = values;
    this.bound = bound;
  }

  /// Checks key, operator and values against each other; reports to `errors` with Kubernetes' paths
  /// and words, and then returns null.
  static @Nullable Requirement of(
      String key, Operator operator, Collection<String> values, List<FieldError> errors) {
    int before = errors.size();
    List<String> wrongKey = Names.qualifiedName(key);
    if (!wrongKey.isEmpty()) {
      errors.add(
          FieldError.invalid(
              FieldPath.ROOT.child("key"), StringNode.valueOf(key), String.join("; ", wrongKey)));
    }
    String[] sorted = new TreeSet<>(values).toArray(String[]::new);
    FieldPath at = FieldPath.ROOT.child("values");
    String wrongCount = wrongCount(operator, sorted.length);
    if (!wrongCount.isEmpty()) {
      errors.add(FieldError.invalid(at, list(sorted), wrongCount));
    }
    boolean ordered = operator == Operator.GREATER_THAN || operator == Operator.LESS_THAN;
    for (int i = 0; i < sorted.length; i++) {
      StringNode value = StringNode.valueOf(sorted[i]);
      if (ordered && !LongText.isLong(sorted[i])) {
        errors.add(
            FieldError.invalid(
                at.index(i), value, "for 'Gt', 'Lt' operators, the value must be an integer"));
      }
      List<String> wrong = Names.labelValue(sorted[i]);
      if (!wrong.isEmpty()) {
        errors.add(FieldError.invalid(at.index(i).key(key), value, String.join("; ", wrong)));
      }
    }
    if (errors.size() > before) {
      return null;
    }
    return new Requirement(key, operator, sorted, ordered ? Long.parseLong(sorted[0]) : 0);
  }

  private static String wrongCount(Operator operator, int count) {
    return switch (operator) {
      case IN, NOT_IN -> count == 0 ? "for 'in', 'notin' operators, values set can't be empty" : "";
      case EQUALS, NOT_EQUALS ->
          count != 1 ? "exact-match compatibility requires one single value" : "";
      case EXISTS, DOES_NOT_EXIST ->
          count != 0 ? "values set must be empty for exists and does not exist" : "";
      case GREATER_THAN, LESS_THAN ->
          count != 1 ? "for 'Gt', 'Lt' operators, exactly one value is required" : "";
    };
  }

  public String key() {
    return key;
  }

  public Operator operator() {
    return operator;
  }

  /// In ascending order.
  public List<String> values() {
    return List.of(values);
  }

  boolean matches(Map<String, String> labels) {
    return matchesValue(labels.get(key));
  }

  /// `labels` is what an object has at `metadata.labels`; a label that is not a string is absent.
  boolean matchesLabels(@Nullable JsonNode labels) {
    return matchesValue(
        labels instanceof ObjectNode map && map.get(key) instanceof StringNode value
            ? value.stringValue()
            : null);
  }

  private boolean matchesValue(@Nullable String value) {
    return switch (operator) {
      case EQUALS, IN -> value != null && contains(value);
      case NOT_EQUALS, NOT_IN -> value == null || !contains(value);
      case EXISTS -> value != null;
      case DOES_NOT_EXIST -> value == null;
      case GREATER_THAN -> value != null && LongText.isLong(value) && Long.parseLong(value) > bound;
      case LESS_THAN -> value != null && LongText.isLong(value) && Long.parseLong(value) < bound;
    };
  }

  private boolean contains(String value) {
    if (values.length == 1) {
      return values[0].equals(value);
    }
    return Arrays.binarySearch(values, value) >= 0;
  }

  @Override
  public int compareTo(Requirement other) {
    int byKey = key.compareTo(other.key);
    if (byKey != 0) {
      return byKey;
    }
    int byOperator = operator.compareTo(other.operator);
    return byOperator != 0 ? byOperator : Arrays.compare(values, other.values);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Requirement that
        && key.equals(that.key)
        && operator == that.operator
        && Arrays.equals(values, that.values);
  }

  @Override
  public int hashCode() {
    return (key.hashCode() * 31 + operator.hashCode()) * 31 + Arrays.hashCode(values);
  }

  void print(StringBuilder out) {
    switch (operator) {
      case EXISTS -> out.append(key);
      case DOES_NOT_EXIST -> out.append('!').append(key);
      case EQUALS -> out.append(key).append('=').append(values[0]);
      case NOT_EQUALS -> out.append(key).append("!=").append(values[0]);
      case GREATER_THAN -> out.append(key).append('>').append(values[0]);
      case LESS_THAN -> out.append(key).append('<').append(values[0]);
      case IN -> printSet(out.append(key).append(" in "));
      case NOT_IN -> printSet(out.append(key).append(" notin "));
    }
  }

  private void printSet(StringBuilder out) {
    out.append('(');
    // "()" would be the empty set, which is an error; "(,)" is the set of the empty value.
    if (values.length == 1 && values[0].isEmpty()) {
      out.append(',');
    }
    for (int i = 0; i < values.length; i++) {
      out.append(i == 0 ? "" : ",").append(values[i]);
    }
    out.append(')');
  }

  @Override
  public String toString() {
    StringBuilder out = new StringBuilder();
    print(out);
    return out.toString();
  }

  private static ArrayNode list(String[] values) {
    ArrayNode out = JsonNodeFactory.instance.arrayNode();
    for (String value : values) {
      out.add(value);
    }
    return out;
  }
}
