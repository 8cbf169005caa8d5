package dev.otherix.apimachinery.informer;

import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.codec.Limits;
import dev.otherix.apimachinery.status.ApiException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.BooleanNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.NullNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.StringNode;

/// Reads the documents of a stream into the trees that [SharedTrees] makes. What stands in the same
/// bytes as it did in a document before is not read but recognised: the objects of a collection are
/// told in one order of members, and whole parts of them, such as the fields of their managers, are
/// the same. One thread uses it.
///
/// It reads JSON as servers write it, on one line, without spaces and of a moderate size. Anything
/// else, and whatever is wrong, is left to [Json], which reads all of JSON and tells what is wrong.
final class SharedReader {
  private static final int DOCUMENT_BYTES_MAX = 256 * 1024;
  private static final int DEPTH_MAX = 64;

  /// Places that are remembered, which may be 4 MiB in all.
  private static final int PLACES_MAX = 1024;

  /// The object of an event stands in the event: neither is a part that occurs again.
  private static final int OBJECT_DEPTH = 1;

  /// More digits may be more than a long holds.
  private static final int DIGITS_MAX = 18;

  private final SharedTrees trees;
  private final KnownTexts texts = new KnownTexts();
  private final Place root = new Place();

  private int places;

  /// The parts that are read but not yet in a whole, and beside each its name if it is a member.
  private JsonNode[] parts = new JsonNode[64];

  private String[] names = new String[64];
  private int top;

  private byte[] bytes = {};
  private int at;

  /// Of the part that was read last, as [SharedTrees] counts them.
  private int hash;

  private int weight;

  SharedReader(SharedTrees trees) {
    this.trees = trees;
  }

  /// The document is not of the plain form. Has no stack trace: it says where to go on.
  private static final class NotPlain extends RuntimeException {
    private static final long serialVersionUID = 1;

    NotPlain() {
      super("", null, false, false);
    }
  }

  /// @throws ApiException 400 when it is not JSON, 413 when it is too large
  JsonNode read(byte[] json) {
    if (json.length > DOCUMENT_BYTES_MAX) {
      return readAny(json);
    }
    bytes = json;
    at = 0;
    try {
      JsonNode tree = value(root, 0);
      if (at == json.length) {
        return tree;
      }
    } catch (NotPlain | ApiException _) {
      // Read again as a whole, also for the message: it names the place in the whole document.
      top = 0;
    } finally {
      bytes = new byte[0];
    }
    return readAny(json);
  }

  private JsonNode readAny(byte[] json) {
    JsonNode tree = Json.decode(json, Limits.STORED).tree();
    return tree instanceof ObjectNode object ? trees.share(object) : tree;
  }

  /// Zero behind the end.
  private int peek(int where) {
    return where < bytes.length ? bytes[where] : 0;
  }

  private void expect(char what) {
    if (peek(at) != what) {
      throw new NotPlain();
    }
    at++;
  }

  private JsonNode value(Place place, int depth) {
    if (depth > DEPTH_MAX) {
      throw new NotPlain();
    }
    return switch (peek(at)) {
      case '{', '[' -> whole(place, depth);
      case '"' -> text(place);
      case 't' -> word("true", BooleanNode.TRUE);
      case 'f' -> word("false", BooleanNode.FALSE);
      case 'n' -> word("null", NullNode.instance);
      default -> number();
    };
  }

  private JsonNode whole(Place place, int depth) {
    JsonNode known = place.treeAt(bytes, at);
    if (known != null) {
      at += place.length();
      hash = place.hash();
      weight = place.weight();
      return known;
    }
    int begin = at;
    JsonNode read = bytes[at] == '{' ? object(place, depth) : array(place, depth);
    place.remember(bytes, begin, at, read, hash, weight);
    return read;
  }

  private ObjectNode object(Place place, int depth) {
    int first = top;
    int hashes = 1;
    int weights = 1;
    at++;
    while (peek(at) != '}') {
      if (top > first) {
        expect(',');
      }
      Place member = part(place, top - first);
      String name = name(member);
      JsonNode value = value(member, depth + 1);
      push(name, value);
      hashes = 31 * hashes + hash;
      weights = Math.min(SharedTrees.WEIGHT_MAX, weights + weight);
    }
    at++;
    SharedTrees.Shape shape = shape(place, first);
    JsonNode[] values = Arrays.copyOfRange(parts, first, top);
    top = first;
    ObjectNode object = trees.object(shape, values, hashes, weights, depth > OBJECT_DEPTH);
    hash = trees.hash();
    weight = trees.weight();
    return object;
  }

  private ArrayNode array(Place place, int depth) {
    int first = top;
    at++;
    while (peek(at) != ']') {
      if (top > first) {
        expect(',');
      }
      push("", value(part(place, top - first), depth + 1));
    }
    at++;
    ArrayNode array = trees.array(List.of(Arrays.copyOfRange(parts, first, top)));
    top = first;
    hash = 0;
    weight = SharedTrees.WEIGHT_MAX;
    return array;
  }

  private void push(String name, JsonNode part) {
    if (top == parts.length) {
      parts = Arrays.copyOf(parts, 2 * top);
      names = Arrays.copyOf(names, 2 * top);
    }
    names[top] = name;
    parts[top++] = part;
  }

  private Place part(Place place, int index) {
    Place known = place.part(index);
    if (known != null) {
      return known;
    }
    Place fresh = new Place();
    if (places < PLACES_MAX && place.add(index, fresh)) {
      places++;
    }
    return fresh;
  }

  private SharedTrees.Shape shape(Place place, int first) {
    SharedTrees.Shape known = place.shape(names, first, top);
    if (known != null) {
      return known;
    }
    int size = top - first;
    String[] own = Arrays.copyOfRange(names, first, top);
    if (size > SharedTrees.FROZEN_MEMBERS_MAX || Set.copyOf(Arrays.asList(own)).size() < size) {
      throw new NotPlain();
    }
    SharedTrees.Shape shape = trees.shape(own);
    place.reshape(shape);
    return shape;
  }

  /// A member's name and the colon behind it.
  private String name(Place member) {
    String known = member.nameAt(bytes, at);
    if (known != null) {
      at += member.nameLength();
      return known;
    }
    int begin = at;
    expect('"');
    int end = endOfPlain();
    String name = texts.node(bytes, at, end).stringValue();
    at = end;
    expect('"');
    expect(':');
    member.rename(Arrays.copyOfRange(bytes, begin, at), name);
    return name;
  }

  private JsonNode text(Place place) {
    int begin = at + 1;
    at = begin;
    int end = endOfPlain();
    if (peek(end) != '"') {
      return readAny(begin - 1, endOfText(end));
    }
    at = end + 1;
    if (end - begin > SharedTrees.TEXT_MAX || !place.repeatsTexts()) {
      weight = SharedTrees.WEIGHT_MAX;
      return StringNode.valueOf(new String(bytes, begin, end - begin, StandardCharsets.ISO_8859_1));
    }
    StringNode text = texts.node(bytes, begin, end);
    if (texts.wasKnown()) {
      place.repeated();
    }
    hash = text.hashCode();
    weight = 1;
    return text;
  }

  /// The first byte that does not stand for itself in a text, or is not of ASCII.
  private int endOfPlain() {
    int i = at;
    while (i + Long.BYTES <= bytes.length) {
      long found = notPlain((long) KnownTexts.EIGHT_BYTES.get(bytes, i));
      if (found != 0) {
        return i + Long.numberOfTrailingZeros(found) / Byte.SIZE;
      }
      i += Long.BYTES;
    }
    while (i < bytes.length && bytes[i] >= ' ' && bytes[i] != '"' && bytes[i] != '\\') {
      i++;
    }
    return i;
  }

  /// Of eight bytes, the high bit of the first that is a quote, a backslash, a control character or
  /// not ASCII is set, and no lower bit; zero when there is none.
  private static long notPlain(long eight) {
    long ones = 0x0101010101010101L;
    long quotes = eight ^ ('"' * ones);
    long backslashes = eight ^ ('\\' * ones);
    long marked = (quotes - ones) & ~quotes;
    marked |= (backslashes - ones) & ~backslashes;
    marked |= (eight - ' ' * ones) & ~eight;
    return (marked | eight) & (0x80 * ones);
  }

  /// Behind the quote that ends the text.
  private int endOfText(int from) {
    int i = from;
    while (i < bytes.length && bytes[i] != '"') {
      i += bytes[i] == '\\' ? 2 : 1;
    }
    return i + 1;
  }

  private JsonNode word(String word, JsonNode meaning) {
    for (int i = 0; i < word.length(); i++) {
      expect(word.charAt(i));
    }
    hash = meaning.hashCode();
    weight = 1;
    return meaning;
  }

  private JsonNode number() {
    int begin = at;
    while (peek(at) >= '0' && peek(at) <= '9') {
      at++;
    }
    int digits = at - begin;
    boolean plain = digits > 0 && digits <= DIGITS_MAX && (bytes[begin] != '0' || digits == 1);
    if (!plain || !endsValue(peek(at))) {
      return readAny(begin, endOfNumber());
    }
    long number = 0;
    for (int i = begin; i < at; i++) {
      number = number * 10 + (bytes[i] - '0');
    }
    return scalar(JsonNodeFactory.instance.numberNode(number));
  }

  private static boolean endsValue(int next) {
    return next == ',' || next == '}' || next == ']' || next == 0;
  }

  private int endOfNumber() {
    int i = at;
    while (!endsValue(peek(i))) {
      i++;
    }
    return i;
  }

  /// A scalar in any of the forms that JSON has.
  private JsonNode readAny(int begin, int end) {
    if (end > bytes.length) {
      throw new NotPlain();
    }
    at = end;
    return scalar(Json.decode(Arrays.copyOfRange(bytes, begin, end), Limits.STORED).tree());
  }

  private JsonNode scalar(JsonNode scalar) {
    if (scalar instanceof StringNode text && text.stringValue().length() > SharedTrees.TEXT_MAX) {
      weight = SharedTrees.WEIGHT_MAX;
      return scalar;
    }
    JsonNode shared = trees.shareScalar(scalar);
    hash = trees.hash();
    weight = trees.weight();
    return shared;
  }
}
