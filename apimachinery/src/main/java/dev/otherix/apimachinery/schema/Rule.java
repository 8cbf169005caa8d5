package dev.otherix.apimachinery.schema;

import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/// A condition between fields of one object (`x-otherix-rules`), which JSON Schema can say only in
/// ways whose errors nobody understands. A field is a dotted path below the object that carries the
/// rule; it is set when it is present and not null. `because` is what the person who broke the rule
/// should know or do, and may be empty.
public sealed interface Rule {
  String because();

  record ExactlyOneOf(List<String> fields, String because) implements Rule {}

  record AtMostOneOf(List<String> fields, String because) implements Rule {}

  /// Where every condition holds, the rest applies.
  record When(
      Map<String, Condition> conditions,
      List<String> require,
      List<String> forbid,
      Map<String, List<JsonNode>> values,
      Map<String, JsonNode> max,
      Map<String, JsonNode> min,
      String because)
      implements Rule {}

  /// `low` is at most `high` where both are set: numbers, IPv4 addresses, quantities or times.
  record Ordered(String low, String high, String because) implements Rule {}

  /// The address lies in the subnet where both are set.
  record InSubnet(String address, String subnet, String because) implements Rule {}

  /// The text does not begin with any of `prefixes`, which belong to somebody else.
  record ReservedPrefix(String field, List<String> prefixes, String because) implements Rule {}

  /// What a field must be for a [When] to apply.
  sealed interface Condition {
    record AnyOf(List<JsonNode> values) implements Condition {}

    record IsSet(boolean set) implements Condition {}
  }
}
