package dev.otherix.apimachinery.object;

import dev.otherix.apimachinery.status.ApiException;
import java.math.BigInteger;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.IntNode;
import tools.jackson.databind.node.StringNode;

/// A 32-bit integer or a text, often a percentage.
public sealed interface IntOrString {
  /// A plain number.
  record Int(int value) implements IntOrString {}

  /// A text, such as `25%` or the name of a port.
  record Text(String value) implements IntOrString {}

  /// @throws ApiException 400 when `value` is neither, or beyond 32 bits
  static IntOrString fromJson(JsonNode value) {
    if (value.isString()) {
      return new Text(value.stringValue());
    }
    if (value.isIntegralNumber() && value.canConvertToInt()) {
      return new Int(value.intValue());
    }
    throw ApiException.badRequest(
        "the value "
            + value
            + " must be a string, or an integer from "
            + (Integer.MIN_VALUE + " to " + Integer.MAX_VALUE));
  }

  /// A number when `text` is one of 32 bits, else the text itself.
  static IntOrString parse(String text) {
    return fitsInt(text) ? new Int(Integer.parseInt(text)) : new Text(text);
  }

  default JsonNode toJson() {
    return switch (this) {
      case Int number -> IntNode.valueOf(number.value);
      case Text text -> StringNode.valueOf(text.value);
    };
  }

  /// The number itself, or the percentage of `total`.
  ///
  /// @throws ApiException 400 for a text that is not a whole percentage
  default int scaled(int total, boolean roundUp) {
    return switch (this) {
      case Int number -> number.value;
      case Text text -> percentOf(text.value, total, roundUp);
    };
  }

  private static boolean fitsInt(String text) {
    int digits = text.startsWith("-") || text.startsWith("+") ? 1 : 0;
    if (digits == text.length() || text.length() > 64) {
      return false;
    }
    for (int i = digits; i < text.length(); i++) {
      if (text.charAt(i) < '0' || text.charAt(i) > '9') {
        return false;
      }
    }
    return new BigInteger(text).bitLength() < Integer.SIZE;
  }

  private static int percentOf(String text, int total, boolean roundUp) {
    String number = text.endsWith("%") ? text.substring(0, text.length() - 1) : "";
    if (!fitsInt(number)) {
      throw ApiException.badRequest(
          "invalid value for IntOrString: \"" + text + "\" is not a percentage such as \"25%\"");
    }
    long hundredths = (long) Integer.parseInt(number) * total;
    long value = roundUp ? Math.ceilDiv(hundredths, 100) : Math.floorDiv(hundredths, 100);
    return Math.clamp(value, Integer.MIN_VALUE, Integer.MAX_VALUE);
  }
}
