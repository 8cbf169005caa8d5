package dev.otherix.apiserver.protobuf;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import dev.otherix.apimachinery.codec.Json;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Random;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Messages made from the descriptors of another library, and what they mean in JSON by those.
final class RandomMessages {
  private RandomMessages() {}

  static Message message(Message prototype, Random random, double chance) {
    String name = prototype.getDescriptorForType().getName();
    Message.Builder out = prototype.newBuilderForType();
    if (name.equals("FieldsV1")) {
      FieldDescriptor raw = prototype.getDescriptorForType().getFields().getFirst();
      String json = "{\"f:spec\": {\"f:a" + random.nextInt(10) + "\": {}}}";
      return out.setField(raw, ByteString.copyFromUtf8(json)).build();
    }
    boolean time = name.equals("Time") || name.equals("MicroTime");
    for (FieldDescriptor field : prototype.getDescriptorForType().getFields()) {
      if (field.getName().equals("clusterName") || (!time && random.nextDouble() > chance)) {
        continue;
      }
      if (!field.isRepeated()) {
        out.setField(field, value(out, field, random, chance));
        continue;
      }
      int count = field.isMapField() ? Math.min(1, random.nextInt(3)) : random.nextInt(3);
      for (int i = 0; i < count; i++) {
        out.addRepeatedField(field, value(out, field, random, chance));
      }
    }
    return out.build();
  }

  private static Object value(
      Message.Builder parent, FieldDescriptor field, Random random, double chance) {
    return switch (field.getJavaType()) {
      // Never zero: what zero means is a test of its own.
      case STRING -> field.getName().equals("key") ? "k" + random.nextInt(99) : text(random);
      case BOOLEAN -> true;
      case INT ->
          field.getName().equals("nanos")
              ? (Object) random.nextInt(1_000_000_000)
              : (Object) (random.nextInt() | 1);
      case LONG ->
          field.getName().equals("seconds")
              ? (Object) random.nextLong(-60_000_000_000L, 250_000_000_000L)
              : (Object) (random.nextLong() | 1);
      case BYTE_STRING -> {
        byte[] bytes = new byte[1 + random.nextInt(20)];
        random.nextBytes(bytes);
        yield ByteString.copyFrom(bytes);
      }
      case MESSAGE ->
          message(
              parent.newBuilderForField(field).build(), random, field.isMapField() ? 1.0 : chance);
      default -> throw new IllegalStateException("a field of type " + field.getJavaType());
    };
  }

  private static String text(Random random) {
    String alphabet = "abc/.-\u00e4\u6f22\"\\\n ";
    StringBuilder out = new StringBuilder("x");
    for (int n = random.nextInt(12); n > 0; n--) {
      out.append(alphabet.charAt(random.nextInt(alphabet.length())));
    }
    return out.toString();
  }

  static ObjectNode meaning(Message message) {
    ObjectNode out = JsonNodeFactory.instance.objectNode();
    message
        .getAllFields()
        .forEach((field, value) -> {
          if (field.isMapField()) {
            ObjectNode map = out.putObject(field.getName());
            for (Object entry : (List<?>) value) {
              Message pair = (Message) entry;
              Map<FieldDescriptor, Object> members = pair.getAllFields();
              var type = pair.getDescriptorForType();
              String key = (String) members.get(type.findFieldByName("key"));
              map.set(key, one(pair.getField(type.findFieldByName("value"))));
            }
          } else if (field.isRepeated()) {
            ArrayNode list = out.putArray(field.getName());
            ((List<?>) value).forEach(each -> list.add(one(each)));
          } else {
            // The one member whose name in JSON is another.
            out.set(field.getName().equals("uID") ? "uid" : field.getName(), one(value));
          }
        });
    return out;
  }

  private static JsonNode one(Object value) {
    JsonNodeFactory nodes = JsonNodeFactory.instance;
    return switch (value) {
      case String text -> nodes.stringNode(text);
      case Boolean flag -> nodes.booleanNode(flag);
      case Integer number -> nodes.numberNode((long) number);
      case Long number -> nodes.numberNode(number);
      case ByteString bytes ->
          nodes.stringNode(Base64.getEncoder().encodeToString(bytes.toByteArray()));
      case Message message -> message(message);
      default -> throw new IllegalStateException("a value of " + value.getClass());
    };
  }

  private static JsonNode message(Message message) {
    var type = message.getDescriptorForType();
    JsonNodeFactory nodes = JsonNodeFactory.instance;
    return switch (type.getName()) {
      case "Time", "MicroTime" -> {
        long seconds = (Long) message.getField(type.findFieldByName("seconds"));
        int nanos = (Integer) message.getField(type.findFieldByName("nanos"));
        Instant instant = Instant.ofEpochSecond(seconds, nanos);
        if (type.getName().equals("Time")) {
          yield nodes.stringNode(instant.truncatedTo(ChronoUnit.SECONDS).toString());
        }
        long micros = nanos / 1000;
        String whole = instant.truncatedTo(ChronoUnit.SECONDS).toString();
        yield nodes.stringNode(whole.replace("Z", ".%06dZ".formatted(micros)));
      }
      case "FieldsV1" ->
          Json.parse(((ByteString) message.getField(type.findFieldByName("Raw"))).toStringUtf8());
      case "ExtraValue" -> {
        ArrayNode list = nodes.arrayNode();
        ((List<?>) message.getField(type.findFieldByName("items")))
            .forEach(each -> list.add((String) each));
        yield list;
      }
      default -> meaning(message);
    };
  }
}
