package dev.otherix.apimachinery.schema;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.status.ApiException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Damaged schema files and CustomResourceDefinitions: refused in words, or taken and then usable.
@Tag("slow")
final class RegistrationFuzzTest {
  private static final long SEED = 20260103L;
  private static final int ROUNDS = 3_000;
  private static final String[] WORDS = {
    "type",
    "properties",
    "items",
    "required",
    "enum",
    "default",
    "allOf",
    "not",
    "nullable",
    "format",
    "pattern",
    "additionalProperties",
    "x-kubernetes-list-type",
    "x-otherix-rules",
    "x-kubernetes-embedded-resource",
    "x-kubernetes-preserve-unknown-fields",
    "minimum",
    "x-kubernetes-list-map-keys",
    "$ref",
    "metadata",
    "exclusiveMinimum",
    "x-otherix-immutable"
  };
  private static final String[] VALUES = {
    "null",
    "true",
    "false",
    "0",
    "-1",
    "1.5",
    "99999999999999999999",
    "\"\"",
    "\"x\"",
    "\"object\"",
    "\"array\"",
    "\"string\"",
    "\"map\"",
    "\"set\"",
    "\"ipv4\"",
    "\"[\"",
    "[]",
    "{}",
    "[null]",
    "[\"name\"]",
    "[{}]",
    "{\"x\":1}",
    "{\"type\":\"string\"}",
    "[{\"minLength\":1}]",
    "\"#/$defs/image\"",
    "[{\"when\":{\"name\":\"x\"},\"forbid\":[\"name\"]}]",
    "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"integer\",\"default\":1}}}"
  };

  private final Random random = new Random(SEED);

  @Test
  void schemaFile_damaged_isRefusedOrUsable() {
    int taken = 0;
    for (int round = 0; round < ROUNDS; round++) {
      ObjectNode file = Json.parseObject(TestKinds.resource("machine.json"));
      damage(file);
      try {
        use(SchemaFile.read("x.json", file));
        taken++;
      } catch (ApiException e) {
        assertEquals(422, e.code(), e.status().message());
      } catch (RuntimeException e) {
        throw new AssertionError("seed " + SEED + ", round " + round + ": " + file, e);
      }
    }
    assertTrue(taken > ROUNDS / 50, "taken: " + taken);
  }

  @Test
  void customResource_damaged_isRefusedOrUsable() {
    int taken = 0;
    for (int round = 0; round < ROUNDS; round++) {
      ObjectNode definition = CustomResourceTest.definition();
      ObjectNode file = Json.parseObject(TestKinds.resource("machine.json"));
      ObjectNode definitions = (ObjectNode) file.required("$defs");
      file.remove(List.of("$schema", "$defs", "x-otherix-kind"));
      ObjectNode schema = SchemaFile.inlined(file, definitions, "#/$defs/");
      schema = SchemaDialect.fromJsonSchema(schema);
      ((ObjectNode) schema.required("properties")).putObject("color").put("type", "string");
      ((ObjectNode) definition.at("/spec/versions/0/schema")).set("openAPIV3Schema", schema);
      damage(definition);
      try {
        CustomResource.kinds(definition).forEach(this::use);
        taken++;
      } catch (ApiException e) {
        assertEquals(422, e.code(), e.status().message());
      } catch (RuntimeException e) {
        throw new AssertionError("seed " + SEED + ", round " + round + ": " + definition, e);
      }
    }
    assertTrue(taken > ROUNDS / 50, "taken: " + taken);
  }

  private void use(Kind kind) {
    ObjectNode object = Json.parseObject(TestKinds.machineObject());
    kind.prepare(object);
    kind.validate(object);
    if (random.nextInt(50) == 0) {
      OpenApiV3.document("x", "1", List.of(kind));
      OpenApiV2.document("x", "1", List.of(kind));
      EditorSchema.of(List.of(kind));
      Explain.explain(kind, List.of(), true);
    }
  }

  private void damage(ObjectNode document) {
    for (int i = random.nextInt(2); i >= 0; i--) {
      List<JsonNode> places = new ArrayList<>();
      collect(document, places);
      JsonNode place = places.get(random.nextInt(places.size()));
      JsonNode value = Json.parse(VALUES[random.nextInt(VALUES.length)]);
      if (place instanceof ArrayNode array) {
        if (random.nextBoolean() && !array.isEmpty()) {
          array.set(random.nextInt(array.size()), value);
        } else {
          array.add(value);
        }
      } else if (place instanceof ObjectNode object) {
        List<String> names = new ArrayList<>(object.propertyNames());
        boolean known = random.nextBoolean() && !names.isEmpty();
        String name =
            known ? names.get(random.nextInt(names.size())) : WORDS[random.nextInt(WORDS.length)];
        if (random.nextInt(4) == 0) {
          object.remove(name);
        } else {
          object.set(name, value);
        }
      }
    }
  }

  private static void collect(JsonNode node, List<JsonNode> out) {
    if (node.isContainer()) {
      out.add(node);
      if (node instanceof ObjectNode object) {
        for (Map.Entry<String, JsonNode> each : object.properties()) {
          collect(each.getValue(), out);
        }
      } else {
        node.forEach(each -> collect(each, out));
      }
    }
  }
}
