package dev.otherix.apimachinery.codec;

import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apimachinery.status.FieldPath;
import dev.otherix.apimachinery.status.Status;
import dev.otherix.apimachinery.status.StatusReason;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.BooleanNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.NullNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.StringNode;

/// JSON text to trees. The trees keep every number exactly: integers are `LongNode`, or
/// `BigIntegerNode` beyond 64 bits; numbers with a fraction are `DecimalNode`; a double never
/// stands in between. Compare trees with [#equal], for which `1`, `1.0` and an `IntNode` made in
/// Java are one value.
public final class Json {
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  private Json() {}

  /// A document, and the members that it named twice (the last one stands in the tree).
  public record Decoded(JsonNode tree, List<FieldPath> duplicates) {
    public Decoded {
      duplicates = List.copyOf(duplicates);
    }
  }

  /// Reads one document that must not repeat a member.
  ///
  /// @throws ApiException 400 that tells line, column and what is wrong
  public static JsonNode parse(String text) {
    Decoded decoded = decode(text.getBytes(StandardCharsets.UTF_8), Limits.REQUEST);
    if (!decoded.duplicates.isEmpty()) {
      throw ApiException.badRequest(
          "the document names \""
              + decoded.duplicates.getFirst()
              + "\" twice; keep one of the two");
    }
    return decoded.tree;
  }

  /// [#parse] for a document that must be an object.
  public static ObjectNode parseObject(String text) {
    if (parse(text) instanceof ObjectNode object) {
      return object;
    }
    throw ApiException.badRequest("the document must be a JSON object");
  }

  /// Reads one document within `limits`, and nothing behind it.
  ///
  /// @throws ApiException 400 when it is not JSON, 413 when it is too large
  public static Decoded decode(byte[] body, Limits limits) {
    if (body.length > limits.bytesMax()) {
      throw ApiException.of(
          StatusReason.REQUEST_ENTITY_TOO_LARGE,
          "the document has " + body.length + " bytes; the limit is " + limits.bytesMax());
    }
    List<FieldPath> duplicates = new ArrayList<>();
    try (JsonParser parser = Factories.of(limits).createParser(ObjectReadContext.empty(), body)) {
      if (parser.nextToken() == null) {
        throw ApiException.badRequest("the document is empty; send a JSON object");
      }
      JsonNode tree = new TreeBuilder(parser, duplicates).value(null);
      if (parser.nextToken() != null) {
        throw ApiException.badRequest(
            "there is more text after the JSON document, at " + position(parser));
      }
      return new Decoded(tree, duplicates);
    } catch (JacksonException e) {
      throw new ApiException(
          Status.failure(
              StatusReason.BAD_REQUEST,
              "the document is not valid JSON: " + e.getOriginalMessage() + place(e),
              null),
          e);
    }
  }

  /// Whether two trees hold the same value; the order of members does not matter, numbers compare
  /// by value, and the order of items does matter.
  public static boolean equal(@Nullable JsonNode left, @Nullable JsonNode right) {
    if (left == null || right == null) {
      return left == null && right == null;
    }
    if (left instanceof ObjectNode a) {
      return right instanceof ObjectNode b && equalMembers(a, b);
    }
    if (left instanceof ArrayNode a) {
      return right instanceof ArrayNode b && equalItems(a, b);
    }
    if (left.isNumber()) {
      return right.isNumber() && compareNumbers(left, right) == 0;
    }
    return left.equals(right);
  }

  /// `text` as a JSON string.
  public static String quoted(String text) {
    return StringNode.valueOf(text).toString();
  }

  /// Indented by two spaces, for files that people read; ends with a line break.
  public static String pretty(JsonNode tree) {
    return tree.toPrettyString() + '\n';
  }

  /// Orders two numbers by value.
  public static int compareNumbers(JsonNode left, JsonNode right) {
    if (left.isIntegralNumber()
        && right.isIntegralNumber()
        && left.canConvertToLong()
        && right.canConvertToLong()) {
      return Long.compare(left.longValue(), right.longValue());
    }
    return left.decimalValue().compareTo(right.decimalValue());
  }

  private static boolean equalMembers(ObjectNode left, ObjectNode right) {
    if (left.size() != right.size()) {
      return false;
    }
    for (Map.Entry<String, JsonNode> member : left.properties()) {
      JsonNode other = right.get(member.getKey());
      if (other == null || !equal(member.getValue(), other)) {
        return false;
      }
    }
    return true;
  }

  private static boolean equalItems(ArrayNode left, ArrayNode right) {
    if (left.size() != right.size()) {
      return false;
    }
    for (int i = 0; i < left.size(); i++) {
      if (!equal(left.get(i), right.get(i))) {
        return false;
      }
    }
    return true;
  }

  private static String position(JsonParser parser) {
    return "line "
        + parser.currentTokenLocation().getLineNr()
        + ", column "
        + parser.currentTokenLocation().getColumnNr();
  }

  private static String place(JacksonException e) {
    return e.getLocation() == null
        ? ""
        : " (line "
            + e.getLocation().getLineNr()
            + ", column "
            + e.getLocation().getColumnNr()
            + ")";
  }

  /// The parsers for the limits in use, made once: a factory holds its symbol tables.
  private static final class Factories {
    private static final JsonFactory REQUEST = make(Limits.REQUEST);
    private static final JsonFactory MANIFEST = make(Limits.MANIFEST);
    private static final JsonFactory STORED = make(Limits.STORED);

    /// By identity: to compare records, Java spins classes in every process, AOT cache or not.
    @SuppressWarnings("ReferenceEquality")
    static JsonFactory of(Limits limits) {
      if (limits == Limits.REQUEST) {
        return REQUEST;
      }
      if (limits == Limits.STORED) {
        return STORED;
      }
      return limits == Limits.MANIFEST ? MANIFEST : make(limits);
    }

    private static JsonFactory make(Limits limits) {
      return JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxDocumentLength(limits.bytesMax())
                  .maxNestingDepth(limits.depthMax())
                  .maxNumberLength(Limits.NUMBER_DIGITS_MAX)
                  .maxStringLength(limits.bytesMax())
                  .maxTokenCount(2L * limits.nodesMax())
                  .build())
          .build();
    }
  }

  /// One document's way from tokens to nodes. Recursion is bounded by the parser's depth limit.
  private static final class TreeBuilder {
    private final JsonParser parser;
    private final List<FieldPath> duplicates;

    TreeBuilder(JsonParser parser, List<FieldPath> duplicates) {
      this.parser = parser;
      this.duplicates = duplicates;
    }

    /// Where the builder stands; turned into a [FieldPath] only when there is something to report.
    private static final class Frame {
      final @Nullable Frame parent;
      @Nullable String name;
      int index;

      Frame(@Nullable Frame parent) {
        this.parent = parent;
      }

      FieldPath path() {
        FieldPath above = parent == null ? FieldPath.ROOT : parent.path();
        return name == null ? above.index(index) : above.child(name);
      }
    }

    JsonNode value(@Nullable Frame frame) {
      JsonToken token = parser.currentToken();
      return switch (token) {
        case START_OBJECT -> object(new Frame(frame));
        case START_ARRAY -> array(new Frame(frame));
        case VALUE_STRING -> StringNode.valueOf(text(parser.getString()));
        case VALUE_NUMBER_INT -> integer();
        case VALUE_NUMBER_FLOAT -> decimal();
        case VALUE_TRUE -> BooleanNode.TRUE;
        case VALUE_FALSE -> BooleanNode.FALSE;
        case VALUE_NULL -> NullNode.instance;
        case NOT_AVAILABLE, END_OBJECT, END_ARRAY, PROPERTY_NAME, VALUE_EMBEDDED_OBJECT ->
            throw new IllegalStateException("a JSON value cannot begin with " + token);
      };
    }

    private ObjectNode object(Frame frame) {
      ObjectNode object = NODES.objectNode();
      for (String name = parser.nextName(); name != null; name = parser.nextName()) {
        frame.name = text(name);
        parser.nextToken();
        JsonNode replaced = object.replace(name, value(frame));
        if (replaced != null) {
          duplicates.add(frame.path());
        }
      }
      return object;
    }

    private ArrayNode array(Frame frame) {
      ArrayNode array = NODES.arrayNode();
      while (parser.nextToken() != JsonToken.END_ARRAY) {
        frame.index = array.size();
        array.add(value(frame));
      }
      return array;
    }

    private JsonNode integer() {
      return switch (parser.getNumberType()) {
        case INT, LONG -> NODES.numberNode(parser.getLongValue());
        case BIG_INTEGER -> NODES.numberNode(parser.getBigIntegerValue());
        case FLOAT, DOUBLE, BIG_DECIMAL ->
            throw new IllegalStateException("an integer token of type " + parser.getNumberType());
      };
    }

    private JsonNode decimal() {
      try {
        return exactNumber(parser.getDecimalValue());
      } catch (ArithmeticException | NumberFormatException e) {
        // An exponent beyond 32 bits is more than BigDecimal itself reads.
        throw ApiException.badRequest(
            "the number " + parser.getString() + " is out of range, at " + position(parser), e);
      }
    }

    private String text(String text) {
      int at = unpairedSurrogate(text);
      if (at >= 0) {
        throw ApiException.badRequest(
            "a string holds half of a surrogate pair (\\u"
                + Integer.toHexString(text.charAt(at))
                + "), which is not a character, at "
                + position(parser));
      }
      return text;
    }
  }

  /// The node for a number that was written with a fraction or an exponent: an integer when it is
  /// one, so that `1.0` and `1e3` mean what they say.
  ///
  /// @throws ArithmeticException when a double could not hold it either
  static JsonNode exactNumber(BigDecimal number) {
    if (number.signum() == 0) {
      return NODES.numberNode(0L);
    }
    long magnitude = (long) number.precision() - number.scale();
    if (magnitude > Limits.EXPONENT_MAX + 1 || magnitude < -Limits.EXPONENT_MAX - 16) {
      throw new ArithmeticException("exponent " + magnitude);
    }
    BigDecimal shortest = number.stripTrailingZeros();
    if (shortest.scale() > 0) {
      return NODES.numberNode(shortest);
    }
    return integerNode(shortest.toBigIntegerExact());
  }

  static JsonNode integerNode(BigInteger number) {
    return number.bitLength() < Long.SIZE
        ? NODES.numberNode(number.longValueExact())
        : NODES.numberNode(number);
  }

  static int unpairedSurrogate(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (!Character.isSurrogate(c)) {
        continue;
      }
      if (Character.isHighSurrogate(c)
          && i + 1 < text.length()
          && Character.isLowSurrogate(text.charAt(i + 1))) {
        i++;
      } else {
        return i;
      }
    }
    return -1;
  }
}
