package dev.otherix.apiserver.cel;

import dev.otherix.apimachinery.object.GoDuration;
import dev.otherix.apimachinery.status.ApiException;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Base64;
import java.util.Locale;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Jackson trees as values of CEL. Objects and lists become views; nothing is converted before an
/// expression looks at it.
final class TreeValues {
  private TreeValues() {}

  /// @throws EvaluationException where the tree does not have the type that its schema promises
  static Object of(JsonNode node, Shape shape) {
    if (node.isNull()) {
      return Null.NULL;
    }
    return switch (shape.kind()) {
      case STRUCT, MAP -> {
        if (node instanceof ObjectNode object) {
          yield new MapValue.Tree(object, shape);
        }
        throw mistyped(node, shape);
      }
      case LIST -> {
        if (node instanceof ArrayNode array) {
          yield new ListValue.Tree(array, shape);
        }
        throw mistyped(node, shape);
      }
      case STRING -> text(node, shape);
      case BYTES -> bytes(text(node, shape));
      case TIMESTAMP -> timestamp(text(node, shape));
      case DATE -> date(text(node, shape));
      case DURATION -> duration(text(node, shape));
      case INT -> {
        if (node.isNumber() && node.canConvertToExactIntegral() && node.canConvertToLong()) {
          yield node.longValue();
        }
        throw mistyped(node, shape);
      }
      case DOUBLE -> {
        if (node.isNumber()) {
          yield node.doubleValue();
        }
        throw mistyped(node, shape);
      }
      case BOOL -> {
        if (node.isBoolean()) {
          yield node.booleanValue();
        }
        throw mistyped(node, shape);
      }
      case DYN -> dynamic(node);
    };
  }

  private static Object dynamic(JsonNode node) {
    if (node instanceof ObjectNode object) {
      return new MapValue.Tree(object, Shape.DYN_MAP);
    }
    if (node instanceof ArrayNode array) {
      return new ListValue.Tree(array, Shape.DYN_LIST);
    }
    if (node.isString()) {
      return node.stringValue();
    }
    if (node.isBoolean()) {
      return node.booleanValue();
    }
    if (node.isIntegralNumber() && node.canConvertToLong()) {
      return node.longValue();
    }
    return node.doubleValue();
  }

  private static String text(JsonNode node, Shape shape) {
    if (node.isString()) {
      return node.stringValue();
    }
    throw mistyped(node, shape);
  }

  private static Object bytes(String text) {
    try {
      return new Bytes(Base64.getDecoder().decode(text));
    } catch (IllegalArgumentException e) {
      throw new EvaluationException("is not base64: " + e.getMessage());
    }
  }

  /// With all nine digits of a second that the text may have.
  static Instant timestamp(String text) {
    try {
      return OffsetDateTime.parse(text).toInstant();
    } catch (DateTimeException e) {
      throw new EvaluationException("not a timestamp: " + text);
    }
  }

  private static Instant date(String text) {
    try {
      return LocalDate.parse(text).atStartOfDay(ZoneOffset.UTC).toInstant();
    } catch (DateTimeException e) {
      throw new EvaluationException("is not a date: " + e.getMessage());
    }
  }

  static Object duration(String text) {
    try {
      return GoDuration.parse(text).toDuration();
    } catch (ApiException e) {
      throw new EvaluationException("is not a duration: " + e.getMessage());
    }
  }

  private static EvaluationException mistyped(JsonNode node, Shape shape) {
    return new EvaluationException(
        "invalid data, expected "
            + shape.kind().name().toLowerCase(Locale.ROOT)
            + " but got "
            + node.getNodeType().name().toLowerCase(Locale.ROOT));
  }
}
