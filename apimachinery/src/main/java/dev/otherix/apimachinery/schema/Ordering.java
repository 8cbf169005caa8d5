package dev.otherix.apimachinery.schema;

import dev.otherix.apimachinery.codec.Json;
import java.math.BigDecimal;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
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
    BigDecimal quantityA = Quantity.parse(a);
    BigDecimal quantityB = Quantity.parse(b);
    if (quantityA != null && quantityB != null) {
      return quantityA.compareTo(quantityB);
    }
    try {
      return OffsetDateTime.parse(a).toInstant().compareTo(OffsetDateTime.parse(b).toInstant());
    } catch (DateTimeParseException e) {
      return null;
    }
  }
}
