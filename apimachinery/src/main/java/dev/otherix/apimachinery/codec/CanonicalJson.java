package dev.otherix.apimachinery.codec;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.Set;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// The one byte form of a tree: members sorted by name, no blanks, numbers by value (`1.0` is `1`).
/// Two trees that are [Json#equal] encode alike, so comparing bytes tells whether a write changes
/// anything.
public final class CanonicalJson {
  private static final JsonFactory FACTORY = new JsonFactory();
  private static final int TYPICAL_BYTES = 1536;
  private static final Set<String> HEAD = Set.of("apiVersion", "kind", "metadata");
  private static final Set<String> REVISION_ONLY = Set.of("resourceVersion");

  private CanonicalJson() {}

  public static byte[] encode(JsonNode tree) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(TYPICAL_BYTES);
    try (JsonGenerator generator = FACTORY.createGenerator(ObjectWriteContext.empty(), out)) {
      value(generator, tree);
    }
    return out.toByteArray();
  }

  /// What follows the revision of an [EncodedObject]: `","name":"a",...},"spec":{...}}`.
  static byte[] body(ObjectNode object) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(TYPICAL_BYTES);
    try (JsonGenerator generator = FACTORY.createGenerator(ObjectWriteContext.empty(), out)) {
      generator.writeStartObject();
      generator.writeName("metadata");
      generator.writeStartObject();
      generator.writeStringProperty("resourceVersion", "");
      if (object.get("metadata") instanceof ObjectNode metadata) {
        members(generator, metadata, REVISION_ONLY);
      }
      generator.writeEndObject();
      members(generator, object, HEAD);
      generator.writeEndObject();
    }
    byte[] bytes = out.toByteArray();
    return Arrays.copyOfRange(
        bytes, "{\"metadata\":{\"resourceVersion\":\"".length(), bytes.length);
  }

  private static void value(JsonGenerator generator, JsonNode tree) {
    switch (tree) {
      case ObjectNode object -> {
        generator.writeStartObject();
        members(generator, object, Set.of());
        generator.writeEndObject();
      }
      case ArrayNode array -> {
        generator.writeStartArray();
        for (int i = 0; i < array.size(); i++) {
          value(generator, array.get(i));
        }
        generator.writeEndArray();
      }
      default -> scalar(generator, tree);
    }
  }

  private static void members(JsonGenerator generator, ObjectNode object, Set<String> omitted) {
    String[] names = object.propertyNames().toArray(new String[0]);
    Arrays.sort(names);
    for (String name : names) {
      if (omitted.contains(name)) {
        continue;
      }
      generator.writeName(name);
      JsonNode member = object.get(name);
      if (member == null) {
        throw new IllegalStateException("the tree changed while it was encoded, at " + name);
      }
      value(generator, member);
    }
  }

  private static void scalar(JsonGenerator generator, JsonNode tree) {
    switch (tree.getNodeType()) {
      case STRING -> generator.writeString(tree.stringValue());
      case BOOLEAN -> generator.writeBoolean(tree.booleanValue());
      case NULL -> generator.writeNull();
      case NUMBER -> number(generator, tree);
      case ARRAY, BINARY, MISSING, OBJECT, POJO ->
          throw new IllegalStateException("a JSON tree cannot hold a " + tree.getNodeType());
    }
  }

  private static void number(JsonGenerator generator, JsonNode number) {
    if (number.isIntegralNumber()) {
      if (number.canConvertToLong()) {
        generator.writeNumber(number.longValue());
      } else {
        generator.writeNumber(number.bigIntegerValue());
      }
      return;
    }
    JsonNode exact = Json.exactNumber(number.decimalValue());
    if (exact.isIntegralNumber()) {
      number(generator, exact);
    } else {
      generator.writeNumber(exact.decimalValue());
    }
  }
}
