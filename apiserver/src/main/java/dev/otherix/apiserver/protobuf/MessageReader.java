package dev.otherix.apiserver.protobuf;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.WireFormat;
import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.codec.Limits;
import dev.otherix.apimachinery.status.ApiException;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.util.Base64;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Reads one message into a tree, by the tables. Fields that no table has are skipped. The tables
/// do not nest without end, so depth is bounded; values are counted.
final class MessageReader {
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
  private static final DateTimeFormatter SECONDS =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ssX").withZone(ZoneOffset.UTC);
  private static final DateTimeFormatter MICROSECONDS =
      new DateTimeFormatterBuilder()
          .appendPattern("uuuu-MM-dd'T'HH:mm:ss")
          .appendFraction(ChronoField.NANO_OF_SECOND, 6, 6, true)
          .appendPattern("X")
          .toFormatter()
          .withZone(ZoneOffset.UTC);
  private static final Instant YEAR_ONE = Instant.parse("0001-01-01T00:00:00Z");
  private static final Instant YEAR_10000 = Instant.parse("+10000-01-01T00:00:00Z");

  private final Limits limits;
  private int nodes;

  MessageReader(Limits limits) {
    this.limits = limits;
  }

  /// Reads until the end of the message. A field that comes twice is merged, as protobuf says.
  void read(CodedInputStream in, MessageTable.Message message, ObjectNode out) throws IOException {
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      MessageTable.Field field = message.field(WireFormat.getTagFieldNumber(tag));
      if (field == null) {
        in.skipField(tag);
        continue;
      }
      count();
      requireWireType(tag, message, field);
      switch (field.shape()) {
        case ONE -> one(in, field, out);
        case LIST -> {
          JsonNode item = value(in, field, null);
          out.withArrayProperty(field.name()).add(item == null ? NODES.nullNode() : item);
        }
        case MAP -> entry(in, field, out.withObjectProperty(field.name()));
      }
    }
  }

  private void one(CodedInputStream in, MessageTable.Field field, ObjectNode out)
      throws IOException {
    JsonNode value = value(in, field, out.get(field.name()));
    if (value != null && (field.zeroIsValue() || !isZero(value))) {
      out.set(field.name(), value);
    } else {
      out.remove(field.name());
    }
  }

  /// Of scalars only: a message without members is there nevertheless.
  private static boolean isZero(JsonNode value) {
    if (value.isString()) {
      return value.stringValue().isEmpty();
    }
    return value.isBoolean() ? !value.booleanValue() : value.isNumber() && value.longValue() == 0;
  }

  private void entry(CodedInputStream in, MessageTable.Field field, ObjectNode map)
      throws IOException {
    int limit = in.pushLimit(in.readRawVarint32());
    String key = "";
    JsonNode value = null;
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      switch (tag) {
        case (1 << 3) | 2 -> key = in.readStringRequireUtf8();
        case (2 << 3) | 2 -> value = value(in, field, null);
        default -> in.skipField(tag);
      }
    }
    in.popLimit(limit);
    if (value == null) {
      value = field.type().equals("Values") ? NODES.arrayNode() : NODES.stringNode("");
    }
    map.set(key, value);
  }

  /// One value, or null for a time that is not set.
  private @Nullable JsonNode value(
      CodedInputStream in, MessageTable.Field field, @Nullable JsonNode before) throws IOException {
    return switch (field.type()) {
      case "string" -> NODES.stringNode(in.readStringRequireUtf8());
      case "bool" -> NODES.booleanNode(in.readBool());
      case "int" -> NODES.numberNode(in.readInt64());
      case "bytes" -> NODES.stringNode(Base64.getEncoder().encodeToString(in.readByteArray()));
      default -> {
        int limit = in.pushLimit(in.readRawVarint32());
        JsonNode value =
            switch (field.type()) {
              case "Time" -> time(in, SECONDS);
              case "MicroTime" -> time(in, MICROSECONDS);
              case "FieldsV1" -> fields(in);
              case "Values" -> values(in);
              default -> {
                ObjectNode object =
                    before instanceof ObjectNode merged ? merged : NODES.objectNode();
                read(in, MessageTable.INSTANCE.message(field.type()), object);
                yield object;
              }
            };
        in.popLimit(limit);
        yield value;
      }
    };
  }

  private static @Nullable JsonNode time(CodedInputStream in, DateTimeFormatter format)
      throws IOException {
    if (in.isAtEnd()) {
      return null;
    }
    long seconds = 0;
    long nanos = 0;
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      switch (tag) {
        case 1 << 3 -> seconds = in.readInt64();
        case 2 << 3 -> nanos = in.readInt32();
        default -> in.skipField(tag);
      }
    }
    try {
      Instant instant = Instant.ofEpochSecond(seconds, nanos);
      if (!instant.isBefore(YEAR_ONE) && instant.isBefore(YEAR_10000)) {
        return NODES.stringNode(format.format(instant));
      }
    } catch (DateTimeException | ArithmeticException e) {
      throw ApiException.badRequest("a time that no calendar has: " + seconds + " s", e);
    }
    throw ApiException.badRequest("a time outside of the years 1 to 9999: " + seconds + " s");
  }

  private JsonNode fields(CodedInputStream in) throws IOException {
    byte[] json = {};
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      if (tag == ((1 << 3) | 2)) {
        json = in.readByteArray();
      } else {
        in.skipField(tag);
      }
    }
    return json.length == 0 ? NODES.objectNode() : Json.decode(json, limits).tree();
  }

  private JsonNode values(CodedInputStream in) throws IOException {
    var list = NODES.arrayNode();
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      if (tag == ((1 << 3) | 2)) {
        count();
        list.add(in.readStringRequireUtf8());
      } else {
        in.skipField(tag);
      }
    }
    return list;
  }

  private void count() {
    nodes++;
    if (nodes > limits.nodesMax()) {
      throw ApiException.badRequest("the body has more than " + limits.nodesMax() + " values");
    }
  }

  private static void requireWireType(
      int tag, MessageTable.Message message, MessageTable.Field field)
      throws InvalidProtocolBufferException {
    boolean number =
        field.shape() == MessageTable.Shape.ONE
            && (field.type().equals("int") || field.type().equals("bool"));
    int expected = number ? WireFormat.WIRETYPE_VARINT : WireFormat.WIRETYPE_LENGTH_DELIMITED;
    if (WireFormat.getTagWireType(tag) != expected) {
      throw new InvalidProtocolBufferException(
          message.name() + "." + field.name() + " has a wrong wire type");
    }
  }
}
