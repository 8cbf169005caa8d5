package dev.otherix.apimachinery.schema;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.networknt.schema.Schema;
import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.status.CauseReason;
import dev.otherix.apimachinery.status.FieldError;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Random schemas and objects. The walk with its shortcut must judge as the validator does, and
/// nothing may be thrown.
@Tag("slow")
final class ValidationFuzzTest {
  private static final long SEED = 20260102L;
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
  private static final String[] TYPES = {
    "string", "integer", "number", "boolean", "object", "array"
  };
  private static final String[] NAMES = {"a", "b", "c", "d"};

  private final Random random = new Random(SEED);

  @Test
  void check_randomSchemaAndValue_agreesWithTheValidator() {
    int valid = 0;
    for (int round = 0; round < 3_000; round++) {
      ObjectNode schema = schema(3);
      SchemaNode node = SchemaReader.read(schema);
      ValueCheck check = ValueCheck.of(node);
      Schema whole = JsonSchemas.compile(JsonSchemas.translated(schema));
      for (int i = 0; i < 8; i++) {
        JsonNode value = random.nextInt(4) == 0 ? value(3) : fitting(schema, 3);
        ErrorList errors = new ErrorList();
        check.check(value, Place.ROOT, errors);
        boolean expected = JsonSchemas.validate(whole, value).isEmpty();
        assertEquals(
            expected,
            errors.toList().isEmpty(),
            () -> "seed " + SEED + ": " + schema + " on " + value + ": " + errors.toList());
        valid += expected ? 1 : 0;
      }
    }
    assertEquals(true, valid > 3_000, "too few valid objects to prove anything: " + valid);
  }

  @Test
  void machine_randomObjects_neverThrow() {
    Kind kind = TestKinds.machine();
    ObjectNode sound = Json.parseObject(TestKinds.machineObject());
    for (int round = 0; round < 20_000; round++) {
      ObjectNode object = sound.deepCopy();
      for (int i = random.nextInt(4); i >= 0; i--) {
        damage(object);
      }
      ObjectNode before = object.deepCopy();
      kind.prepare(object);
      ObjectNode once = object.deepCopy();
      assertEquals(List.of(), kind.prepare(object), () -> "seed " + SEED + ": " + before);
      assertEquals(once, object, () -> "seed " + SEED + ": " + before);
      for (FieldError error : kind.validateUpdate(sound, object)) {
        assertEquals(false, error.toString().isEmpty());
        assertEquals(false, error.reason() == CauseReason.INTERNAL_ERROR);
      }
    }
  }

  private void damage(JsonNode object) {
    JsonNode at = object;
    while (at.isContainer() && !at.isEmpty() && random.nextInt(4) > 0) {
      int pick = random.nextInt(at.size());
      JsonNode next =
          at.isArray() ? at.get(pick) : at.values().stream().skip(pick).findFirst().get();
      if (!next.isContainer()) {
        break;
      }
      at = next;
    }
    if (at instanceof ObjectNode node && !node.isEmpty()) {
      String name =
          node.propertyNames().stream().skip(random.nextInt(node.size())).findFirst().get();
      node.set(random.nextInt(5) == 0 ? "new" : name, value(3));
    } else if (at instanceof ArrayNode node) {
      node.add(value(3));
    }
  }

  private ObjectNode schema(int depth) {
    ObjectNode schema = NODES.objectNode();
    String type = TYPES[random.nextInt(depth == 0 ? 4 : 6)];
    schema.put("type", type);
    if (random.nextInt(5) == 0) {
      schema.put("nullable", true);
    }
    switch (type) {
      case "string" -> {
        maybe(schema, "minLength", random.nextInt(3));
        maybe(schema, "maxLength", 1 + random.nextInt(4));
        if (random.nextInt(4) == 0) {
          schema.put("pattern", random.nextBoolean() ? "^[a-c]*$" : "b");
        }
        if (random.nextInt(5) == 0) {
          schema.putArray("enum").add("a").add("bb").add(NODES.nullNode());
        }
      }
      case "integer", "number" -> {
        maybe(schema, "minimum", random.nextInt(5) - 2);
        maybe(schema, "maximum", random.nextInt(5));
        maybe(schema, "exclusiveMinimum", random.nextInt(4) - 4);
        maybe(schema, "multipleOf", 1 + random.nextInt(3));
        if (random.nextInt(6) == 0) {
          schema.putArray("enum").add(1L).add(2L);
        }
      }
      case "array" -> {
        schema.set("items", schema(depth - 1));
        maybe(schema, "minItems", random.nextInt(2));
        maybe(schema, "maxItems", 1 + random.nextInt(3));
      }
      case "object" -> object(schema, depth);
      default -> {}
    }
    if (random.nextInt(8) == 0) {
      ArrayNode branches =
          schema.putArray(new String[] {"allOf", "anyOf", "oneOf"}[random.nextInt(3)]);
      branches.addObject().put("minLength", 2).put("minimum", 1).put("minItems", 1);
      branches.addObject().put("maxLength", 3).put("maximum", 2).putArray("required").add("a");
    }
    if (random.nextInt(12) == 0) {
      schema.putObject("not").putArray("enum").add("a").add(1L);
    }
    return schema;
  }

  private void object(ObjectNode schema, int depth) {
    if (random.nextInt(4) == 0) {
      schema.set("additionalProperties", schema(depth - 1));
    } else {
      ObjectNode properties = schema.putObject("properties");
      for (String name : NAMES) {
        if (random.nextBoolean()) {
          properties.set(name, schema(depth - 1));
        }
      }
    }
    if (random.nextInt(3) == 0) {
      schema.putArray("required").add(NAMES[random.nextInt(NAMES.length)]);
    }
    maybe(schema, "minProperties", random.nextInt(2));
    maybe(schema, "maxProperties", 1 + random.nextInt(4));
  }

  private void maybe(ObjectNode schema, String keyword, int value) {
    if (random.nextInt(4) == 0) {
      schema.put(keyword, (long) value);
    }
  }

  /// A value that has a good chance to be valid.
  private JsonNode fitting(JsonNode schema, int depth) {
    return switch (schema.path("type").asString("")) {
      case "object" -> {
        ObjectNode out = NODES.objectNode();
        for (String name : NAMES) {
          JsonNode below = schema.path("properties").path(name);
          if (below.isMissingNode()) {
            below = schema.path("additionalProperties");
          }
          if (!below.isMissingNode() && random.nextInt(3) > 0) {
            out.set(name, fitting(below, depth - 1));
          }
        }
        yield out;
      }
      case "array" -> {
        ArrayNode out = NODES.arrayNode();
        for (int i = random.nextInt(3); i > 0; i--) {
          out.add(fitting(schema.path("items"), depth - 1));
        }
        yield out;
      }
      case "string" -> NODES.stringNode("abc".substring(random.nextInt(4)));
      case "integer" -> NODES.numberNode((long) random.nextInt(5) - 1);
      case "number" ->
          random.nextBoolean()
              ? NODES.numberNode((long) random.nextInt(4))
              : Json.parse("1." + (1 + random.nextInt(9)));
      case "boolean" -> NODES.booleanNode(random.nextBoolean());
      default -> value(depth);
    };
  }

  private JsonNode value(int depth) {
    return switch (random.nextInt(depth == 0 ? 6 : 8)) {
      case 0 -> NODES.nullNode();
      case 1 -> NODES.booleanNode(random.nextBoolean());
      case 2 -> NODES.numberNode((long) random.nextInt(6) - 2);
      case 3 -> Json.parse("0." + (1 + random.nextInt(99)));
      case 4 -> NODES.stringNode("abcb\u00e9\ud83d\ude00".substring(0, random.nextInt(5)));
      case 5 -> NODES.stringNode("");
      case 6 -> {
        ArrayNode out = NODES.arrayNode();
        for (int i = random.nextInt(4); i > 0; i--) {
          out.add(value(depth - 1));
        }
        yield out;
      }
      default -> {
        ObjectNode out = NODES.objectNode();
        for (int i = random.nextInt(4); i > 0; i--) {
          out.set(NAMES[random.nextInt(NAMES.length)], value(depth - 1));
        }
        yield out;
      }
    };
  }
}
