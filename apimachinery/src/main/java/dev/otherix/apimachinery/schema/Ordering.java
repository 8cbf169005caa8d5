package dev.otherix.apimachinery.schema;

import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.object.Quantity;
import dev.otherix.apimachinery.object.Time;
import dev.otherix.apimachinery.status.ApiException;
import java.util.Arrays;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// Compares two values of an `ordered` rule.
final class Ordering {
  /// Formats of strings that have an order; both fields of a rule must have the same one.
  static final Set<String> FORMATS = Set.of("ipv4", "ipv6", "quantity", "date-time");

  private Ordering() {}

  /// Null where the values have no common order: their own formats are then violated already.
  static @Nullable Integer compare(JsonNode low, JsonNode high) {
    if (low.isNumber() && high.isNumber()) {
      return Json.compareNumbers(low, high);
    }
    if (!low.isString() || !high.isString()) {
      return null;
    }
    String a = low.stringValue();
    String b = high.stringValue();
    byte[] addressA = IpAddress.parse(a);
    byte[] addressB = IpAddress.parse(b);
    if (addressA != null && addressB != null) {
      return addressA.length == addressB.length
          ? Integer.valueOf(Arrays.compareUnsigned(addressA, addressB))
          : null;
    }
    try {
      return Time.parse(a).compareTo(Time.parse(b));
    } catch (ApiException e) {
      return compareQuantities(a, b);
    }
  }

  private static @Nullable Integer compareQuantities(String a, String b) {
    try {
      return Quantity.parse(a).compareTo(Quantity.parse(b));
    } catch (ApiException e) {
      return null;
    }
  }
}
