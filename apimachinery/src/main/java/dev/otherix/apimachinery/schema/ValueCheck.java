package dev.otherix.apimachinery.schema;

import com.networknt.schema.Error;
import dev.otherix.apimachinery.status.FieldError;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.StringNode;

/// Validates one node of a schema and what is below it. [KeywordCheck] answers for the keywords of
/// JSON Schema; here is the walk, and what JSON Schema does not know: formats, 64-bit integers,
/// unique list items, rules between fields. Immutable, thread-safe. Recursion is as deep as the
/// schema, and no deeper.
final class ValueCheck {
  private static final JsonNode HIDDEN = StringNode.valueOf("(hidden)");

  private final SchemaNode schema;
  private final KeywordCheck keywords;
  private final List<Combination> combinations;
  private final Map<String, ValueCheck> properties;
  private final @Nullable ValueCheck additional;
  private final @Nullable ValueCheck items;
  private final @Nullable Predicate<String> format;
  private final List<Rule> rules;

  private ValueCheck(SchemaNode schema) {
    this.schema = schema;
    keywords = new KeywordCheck(schema);
    combinations = Combination.of(schema.source());
    properties = new HashMap<>();
    schema.properties().forEach((name, below) -> properties.put(name, new ValueCheck(below)));
    additional = below(schema.additionalProperties());
    items = below(schema.items());
    format = Formats.of(schema.format());
    rules = schema.rules();
  }

  static ValueCheck of(SchemaNode schema) {
    return new ValueCheck(schema);
  }

  private static @Nullable ValueCheck below(@Nullable SchemaNode schema) {
    return schema == null || schema.untyped() ? null : new ValueCheck(schema);
  }

  void check(JsonNode value, Place place, ErrorList errors) {
    if (errors.full()) {
      return;
    }
    if (schema.format().equals("password")) {
      ErrorList secret = new ErrorList();
      checkOpenly(value, place, secret);
      secret.toList().forEach(each -> errors.add(hidden(each, value)));
    } else {
      checkOpenly(value, place, errors);
    }
  }

  /// An error without the secret that it is about: errors are shown, logged and audited.
  private static FieldError hidden(FieldError error, JsonNode value) {
    String detail = error.detail().replace(value.toString(), HIDDEN.toString());
    JsonNode shown = error.value() == null ? null : HIDDEN;
    return new FieldError(error.reason(), error.path(), shown, detail);
  }

  private void checkOpenly(JsonNode value, Place place, ErrorList errors) {
    if (!keywords.surelyValid(value) && !explained(value, place, errors)) {
      return;
    }
    for (Combination combination : combinations) {
      combination.check(value, place, errors);
    }
    switch (value) {
      case ObjectNode object -> object(object, place, errors);
      case ArrayNode array -> array(array, place, errors);
      default -> scalar(value, place, errors);
    }
  }

  /// Adds what the validator says of the value; false when it is of another type altogether, so
  /// that there is no sense in looking further.
  private boolean explained(JsonNode value, Place place, ErrorList errors) {
    boolean rightType = true;
    for (Error error : JsonSchemas.validate(keywords.schema(), value)) {
      rightType &= !error.getKeyword().equals("type");
      errors.add(ValueErrors.of(error, schema.source(), value, place));
    }
    return rightType;
  }

  private void object(ObjectNode object, Place place, ErrorList errors) {
    for (Map.Entry<String, JsonNode> member : object.properties()) {
      ValueCheck below = properties.get(member.getKey());
      if (below != null) {
        below.check(member.getValue(), place.member(member.getKey()), errors);
      } else if (additional != null) {
        additional.check(member.getValue(), place.key(member.getKey()), errors);
      }
    }
    if (schema.embeddedResource()) {
      notEmpty(object, "apiVersion", place, errors);
      notEmpty(object, "kind", place, errors);
    }
    if (!rules.isEmpty()) {
      RuleCheck.check(rules, object, place, errors);
    }
  }

  private void array(ArrayNode array, Place place, ErrorList errors) {
    if (items != null) {
      for (int i = 0; i < array.size() && !errors.full(); i++) {
        items.check(array.get(i), place.item(i), errors);
      }
    }
    switch (schema.listType()) {
      case ATOMIC -> {}
      case SET -> Uniqueness.checkSet(array, place, errors);
      case MAP ->
          Uniqueness.checkMap(array, schema.listMapKeys(), schema.item().required(), place, errors);
    }
  }

  private void scalar(JsonNode value, Place place, ErrorList errors) {
    if (value.isString()) {
      if (format != null && !format.test(value.stringValue())) {
        errors.add(ValueErrors.format(place.path(), value, schema.format()));
      }
    } else if (value.isNumber()) {
      number(value, place, errors);
    }
  }

  private void number(JsonNode value, Place place, ErrorList errors) {
    boolean whole =
        schema.type() == SchemaType.INTEGER || schema.type() == SchemaType.INT_OR_STRING;
    boolean fits =
        switch (schema.format()) {
          case "int32" -> value.canConvertToExactIntegral() && value.canConvertToInt();
          case "int64" -> value.canConvertToExactIntegral() && value.canConvertToLong();
          case "float" -> Float.isFinite(value.decimalValue().floatValue());
          case "double" -> Double.isFinite(value.decimalValue().doubleValue());
          default -> true;
        };
    if (!fits) {
      errors.add(ValueErrors.format(place.path(), value, schema.format()));
    } else if (whole && !value.canConvertToLong()) {
      errors.add(ValueErrors.format(place.path(), value, "int64"));
    }
  }

  private static void notEmpty(ObjectNode object, String name, Place place, ErrorList errors) {
    JsonNode value = object.get(name);
    if (value != null && value.asString("").isEmpty()) {
      errors.add(FieldError.required(place.member(name).path(), "must not be empty"));
    }
  }
}
