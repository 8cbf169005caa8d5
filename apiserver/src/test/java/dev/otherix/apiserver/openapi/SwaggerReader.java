package dev.otherix.apiserver.openapi;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnknownFieldSet;
import dev.otherix.apimachinery.codec.Json;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Reads the protobuf form of a Swagger document back, by field numbers written down a second time.
final class SwaggerReader {
  private static final Map<Integer, String> TEXTS =
      Map.of(1, "$ref", 2, "format", 3, "title", 4, "description", 13, "pattern");
  private static final Map<Integer, String> INTEGERS =
      Map.of(
          11,
          "maxLength",
          12,
          "minLength",
          14,
          "maxItems",
          15,
          "minItems",
          17,
          "maxProperties",
          18,
          "minProperties");
  private static final Map<Integer, String> NUMBERS =
      Map.of(6, "multipleOf", 7, "maximum", 9, "minimum");
  private static final Map<Integer, String> FLAGS =
      Map.of(8, "exclusiveMaximum", 10, "exclusiveMinimum", 16, "uniqueItems");

  private SwaggerReader() {}

  static UnknownFieldSet parse(ByteString bytes) {
    try {
      return UnknownFieldSet.parseFrom(bytes);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException(e);
    }
  }

  static List<UnknownFieldSet> messages(UnknownFieldSet set, int field) {
    return set.getField(field).getLengthDelimitedList().stream().map(SwaggerReader::parse).toList();
  }

  static UnknownFieldSet message(UnknownFieldSet set, int field) {
    return messages(set, field).getFirst();
  }

  static List<String> texts(UnknownFieldSet set, int field) {
    return set.getField(field).getLengthDelimitedList().stream()
        .map(ByteString::toStringUtf8)
        .toList();
  }

  static String text(UnknownFieldSet set, int field) {
    List<String> texts = texts(set, field);
    return texts.isEmpty() ? "" : texts.getFirst();
  }

  static JsonNode any(UnknownFieldSet any) {
    return Json.parse(text(any, 2));
  }

  static ObjectNode schema(UnknownFieldSet schema) {
    ObjectNode out = JsonNodeFactory.instance.objectNode();
    schema
        .asMap()
        .forEach((number, field) -> {
          if (TEXTS.containsKey(number)) {
            out.put(TEXTS.get(number), text(schema, number));
          } else if (INTEGERS.containsKey(number)) {
            out.put(INTEGERS.get(number), field.getVarintList().getFirst());
          } else if (NUMBERS.containsKey(number)) {
            long bits = field.getFixed64List().getFirst();
            out.put(NUMBERS.get(number), Double.longBitsToDouble(bits));
          } else if (FLAGS.containsKey(number)) {
            out.put(FLAGS.get(number), field.getVarintList().getFirst() == 1);
          } else {
            structure(out, schema, number);
          }
        });
    return out;
  }

  private static void structure(ObjectNode out, UnknownFieldSet schema, int number) {
    switch (number) {
      case 5 -> out.set("default", any(message(schema, 5)));
      case 19 -> {
        ArrayNode names = out.putArray("required");
        texts(schema, 19).forEach(names::add);
      }
      case 20 -> {
        ArrayNode values = out.putArray("enum");
        messages(schema, 20).forEach(each -> values.add(any(each)));
      }
      case 21 -> {
        UnknownFieldSet item = message(schema, 21);
        if (item.hasField(1)) {
          out.set("additionalProperties", schema(message(item, 1)));
        } else {
          boolean flag = item.getField(2).getVarintList().equals(List.of(1L));
          out.put("additionalProperties", flag);
        }
      }
      case 22 -> out.put("type", text(message(schema, 22), 1));
      case 23 -> out.set("items", schema(message(message(schema, 23), 1)));
      case 25 -> {
        ObjectNode properties = out.putObject("properties");
        for (UnknownFieldSet each : messages(message(schema, 25), 1)) {
          properties.set(text(each, 1), schema(message(each, 2)));
        }
      }
      case 31 -> {
        for (UnknownFieldSet each : messages(schema, 31)) {
          out.set(text(each, 1), any(message(each, 2)));
        }
      }
      default -> throw new IllegalStateException("field " + number + " in " + schema);
    }
  }
}
