package dev.otherix.apimachinery.schema;

import com.networknt.schema.Error;
import dev.otherix.apimachinery.status.CauseReason;
import dev.otherix.apimachinery.status.FieldError;
import dev.otherix.apimachinery.status.FieldPath;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.StringNode;

/// Puts the validator's errors into the words that Kubernetes' clients and tests look for.
final class ValueErrors {
  private static final int SHOWN_MAX = 100;
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  private ValueErrors() {}

  /// @param base where the validated value stands
  static FieldError of(Error error, ObjectNode schema, JsonNode value, Place base) {
    Place place = base;
    JsonNode at = value;
    JsonNode rules = error.getSchemaNode();
    for (int i = 0; i < error.getInstanceLocation().getNameCount(); i++) {
      Object element = error.getInstanceLocation().getElement(i);
      if (element instanceof Integer index) {
        place = place.item(index);
        at = at.path(index);
      } else {
        place = place.member(String.valueOf(element));
        at = at.path(String.valueOf(element));
      }
    }
    JsonNode bound = rules == null ? schema.path(error.getKeyword()) : rules;
    return of(error.getKeyword(), error, bound, at, place);
  }

  private static FieldError of(
      String keyword, Error error, JsonNode bound, JsonNode value, Place place) {
    FieldPath path = place.path();
    return switch (keyword) {
      case "type" -> type(path, value, typeWords(bound));
      case "required" -> FieldError.required(path.child(String.valueOf(error.getProperty())), "");
      case "enum" -> supported(path, value, bound);
      case "minimum" -> invalid(path, value, "should be greater than or equal to " + bound);
      case "exclusiveMinimum" -> invalid(path, value, "should be greater than " + bound);
      case "maximum" -> invalid(path, value, "should be less than or equal to " + bound);
      case "exclusiveMaximum" -> invalid(path, value, "should be less than " + bound);
      case "multipleOf" -> invalid(path, value, "should be a multiple of " + bound);
      case "minLength" -> invalid(path, value, "should be at least " + bound + " chars long");
      case "maxLength" -> FieldError.tooLong(path, bound.intValue());
      case "pattern" -> invalid(path, value, "should match '" + bound.asString() + "'");
      case "minItems" ->
          invalid(path, NODES.numberNode(value.size()), "should have at least " + bound + " items");
      case "minProperties" ->
          invalid(
              path,
              NODES.numberNode(value.size()),
              "should have at least " + bound + " properties");
      case "maxItems", "maxProperties" -> FieldError.tooMany(path, value.size(), bound.intValue());
      default -> invalid(path, value, "must satisfy " + keyword);
    };
  }

  /// The value shown is its type, as Kubernetes does: the value itself may be large.
  static FieldError type(FieldPath path, JsonNode value, String expected) {
    String actual = typeName(value);
    return FieldError.typeInvalid(
        path,
        StringNode.valueOf(actual),
        path + " in body must be of type " + expected + ": \"" + actual + "\"");
  }

  static FieldError format(FieldPath path, JsonNode value, String format) {
    String meaning = Formats.meaning(format);
    String hint = meaning.isEmpty() ? "" : "; " + meaning;
    return FieldError.typeInvalid(
        path, value, path + " in body must be of type " + format + ": " + quoted(value) + hint);
  }

  /// What is said where a combination of schemas refuses a value.
  static FieldError combination(FieldPath path, String keyword) {
    String what =
        switch (keyword) {
          case "anyOf" -> "must validate at least one schema (anyOf)";
          case "oneOf" -> "must validate one and only one schema (oneOf)";
          case "not" -> "must not validate the schema (not)";
          default -> throw new IllegalStateException("no combination: " + keyword);
        };
    return FieldError.invalid(path, StringNode.valueOf(""), '"' + path.toString() + "\" " + what);
  }

  private static FieldError supported(FieldPath path, JsonNode value, JsonNode allowed) {
    List<String> texts = new ArrayList<>();
    for (JsonNode each : allowed) {
      texts.add(each.toString());
    }
    return new FieldError(
        CauseReason.FIELD_VALUE_NOT_SUPPORTED,
        path,
        value,
        "supported values: " + String.join(", ", texts));
  }

  private static FieldError invalid(FieldPath path, JsonNode value, String words) {
    return FieldError.invalid(path, value, path + " in body " + words);
  }

  private static String typeWords(JsonNode type) {
    if (type.isString()) {
      return type.stringValue();
    }
    List<String> words = new ArrayList<>();
    for (JsonNode each : type) {
      if (!each.asString().equals("null")) {
        words.add(each.asString());
      }
    }
    return String.join(" or ", words);
  }

  private static String typeName(JsonNode value) {
    return switch (value.getNodeType()) {
      case OBJECT -> "object";
      case ARRAY -> "array";
      case STRING -> "string";
      case BOOLEAN -> "boolean";
      case NUMBER -> value.isIntegralNumber() ? "integer" : "number";
      case NULL, MISSING -> "null";
      case BINARY, POJO ->
          throw new IllegalStateException("not a JSON value: " + value.getNodeType());
    };
  }

  private static String quoted(JsonNode value) {
    String text = value.asString();
    return '"' + (text.length() <= SHOWN_MAX ? text : text.substring(0, SHOWN_MAX) + "...") + '"';
  }
}
