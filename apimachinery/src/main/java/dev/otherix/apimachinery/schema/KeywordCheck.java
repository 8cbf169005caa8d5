package dev.otherix.apimachinery.schema;

import com.google.re2j.Pattern;
import com.networknt.schema.Schema;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// The keywords that one schema node has for its own value: type, enum, bounds, lengths, pattern,
/// counts, required. Answers "surely valid" in well under a microsecond; what is not sure goes to
/// the validator, compiled on first use. Thread-safe.
final class KeywordCheck {
  private static final List<String> KEYWORDS =
      List.of(
          "type",
          "nullable",
          "x-kubernetes-int-or-string",
          "enum",
          "minimum",
          "maximum",
          "exclusiveMinimum",
          "exclusiveMaximum",
          "multipleOf",
          "minLength",
          "maxLength",
          "pattern",
          "minItems",
          "maxItems",
          "minProperties",
          "maxProperties",
          "required");

  private final ObjectNode source;
  private final SchemaType type;
  private final boolean nullable;
  private final @Nullable Set<String> allowedStrings;
  private final boolean allowedListed;
  private final long minimum;
  private final long maximum;
  private final boolean unusualBounds;
  private final int minLength;
  private final int maxLength;
  private final @Nullable SimplePattern simplePattern;
  private final @Nullable Pattern pattern;
  private final int minSize;
  private final int maxSize;
  private final String[] required;
  private volatile @Nullable Schema schema;

  KeywordCheck(SchemaNode node) {
    source = JsonNodeFactory.instance.objectNode();
    for (String keyword : KEYWORDS) {
      JsonNode value = node.source().get(keyword);
      if (value != null) {
        source.set(keyword, value);
      }
    }
    required = node.required().toArray(String[]::new);
    if (required.length > 0) {
      node.required().stream().sorted().forEach(source.putArray("required")::add);
    }
    type = node.type();
    nullable = node.nullable();
    allowedListed = source.has("enum");
    allowedStrings = strings(source.path("enum"));
    minimum = whole(source.get("minimum"), Long.MIN_VALUE);
    maximum = whole(source.get("maximum"), Long.MAX_VALUE);
    unusualBounds =
        source.has("exclusiveMinimum")
            || source.has("exclusiveMaximum")
            || source.has("multipleOf")
            || fraction(source.get("minimum"))
            || fraction(source.get("maximum"));
    minLength = size("minLength", 0);
    maxLength = size("maxLength", Integer.MAX_VALUE);
    String regex = source.path("pattern").asString("");
    simplePattern = SimplePattern.of(regex);
    pattern = source.has("pattern") ? Pattern.compile(regex) : null;
    boolean list = type == SchemaType.ARRAY;
    minSize = size(list ? "minItems" : "minProperties", 0);
    maxSize = size(list ? "maxItems" : "maxProperties", Integer.MAX_VALUE);
  }

  /// The validator for these keywords, which look at one level only.
  Schema schema() {
    Schema compiled = schema;
    if (compiled == null) {
      compiled = JsonSchemas.compile(JsonSchemas.translated(source));
      schema = compiled;
    }
    return compiled;
  }

  boolean surelyValid(JsonNode value) {
    if (value.isNull()) {
      return nullable && !allowedListed;
    }
    return switch (type) {
      case STRING -> value.isString() && string(value.stringValue());
      case INTEGER -> fits(value) && integer(value.longValue());
      case BOOLEAN -> value.isBoolean() && !allowedListed;
      case OBJECT -> value.isObject() && !allowedListed && object(value);
      case ARRAY -> value.isArray() && !allowedListed && sized(value);
      case INT_OR_STRING ->
          value.isString()
              ? string(value.stringValue())
              : fits(value) && integer(value.longValue());
      case NUMBER -> value.isNumber() && number(value);
      case ANY -> source.isEmpty();
    };
  }

  private static boolean fits(JsonNode value) {
    return value.isIntegralNumber() && value.canConvertToLong();
  }

  private boolean string(String text) {
    if (allowedListed && (allowedStrings == null || !allowedStrings.contains(text))) {
      return false;
    }
    if (text.length() > maxLength) {
      return false;
    }
    if (minLength > 0 && text.codePointCount(0, text.length()) < minLength) {
      return false;
    }
    if (simplePattern != null) {
      return simplePattern.matches(text);
    }
    return pattern == null || pattern.matcher(text).find();
  }

  private boolean integer(long number) {
    return !unusualBounds && !allowedListed && number >= minimum && number <= maximum;
  }

  private boolean number(JsonNode value) {
    if (fits(value)) {
      return integer(value.longValue());
    }
    return !unusualBounds
        && !allowedListed
        && minimum == Long.MIN_VALUE
        && maximum == Long.MAX_VALUE;
  }

  private boolean object(JsonNode value) {
    for (String name : required) {
      if (value.get(name) == null) {
        return false;
      }
    }
    return sized(value);
  }

  private boolean sized(JsonNode value) {
    return value.size() >= minSize && value.size() <= maxSize;
  }

  private static @Nullable Set<String> strings(JsonNode values) {
    Set<String> strings = new HashSet<>();
    for (JsonNode each : values) {
      if (each.isString()) {
        strings.add(each.stringValue());
      }
    }
    return strings.isEmpty() ? null : strings;
  }

  private static long whole(@Nullable JsonNode bound, long absent) {
    return bound == null || fraction(bound) ? absent : bound.longValue();
  }

  private static boolean fraction(@Nullable JsonNode bound) {
    return bound != null && !(bound.isIntegralNumber() && bound.canConvertToLong());
  }

  private int size(String keyword, int absent) {
    JsonNode bound = source.path(keyword);
    return bound.canConvertToInt() ? bound.intValue() : absent;
  }
}
