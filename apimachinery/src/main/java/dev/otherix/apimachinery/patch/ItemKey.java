package dev.otherix.apimachinery.patch;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// What tells the items of a list apart, as text that is equal when the values are.
final class ItemKey {
  private ItemKey() {}

  /// Null for `null`, lists and objects, which tell nothing apart.
  static @Nullable String ofScalar(@Nullable JsonNode value) {
    if (value == null || value.isNull() || value.isContainer()) {
      return null;
    }
    if (value.isString()) {
      return '"' + value.stringValue();
    }
    if (value.isNumber() && !value.isIntegralNumber()) {
      return value.decimalValue().stripTrailingZeros().toPlainString();
    }
    return value.toString();
  }

  /// The key of a scalar, or of an object by its member `mergeKey`.
  static @Nullable String of(JsonNode item, String mergeKey) {
    return ofScalar(item.isObject() ? item.get(mergeKey) : item);
  }
}
