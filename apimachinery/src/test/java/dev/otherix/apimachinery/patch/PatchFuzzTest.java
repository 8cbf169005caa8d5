package dev.otherix.apimachinery.patch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.fuzz.Fuzz;
import dev.otherix.apimachinery.fuzz.RandomJson;
import dev.otherix.apimachinery.schema.SchemaNode;
import dev.otherix.apimachinery.schema.SchemaReader;
import dev.otherix.apimachinery.status.ApiException;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tools.jackson.core.JsonPointer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

final class PatchFuzzTest {
  private static final int DEPTH = 3;
  private static final SchemaNode SCHEMA =
      SchemaReader.read(
          Json.parseObject(
              """
              {"type":"object","properties":{
                "a":{"type":"array","x-kubernetes-patch-strategy":"merge",
                  "x-kubernetes-patch-merge-key":"b","items":{"type":"object"}},
                "b":{"type":"array","x-kubernetes-patch-strategy":"merge",
                  "x-kubernetes-patch-merge-key":"a","items":{"type":"integer"}},
                "c":{"type":"object","x-kubernetes-patch-strategy":"replace"}}}
              """));

  @Test
  void jsonPatch_anyPatch_isAtomicAndTheSumOfItsOperations() {
    Fuzz.runText(
        "json-patch",
        PatchFuzzTest::jsonPatchCase,
        text -> {
          if (!(decoded(text) instanceof ObjectNode input)
              || input.get("doc") == null
              || !(input.get("patch") instanceof ArrayNode operations)) {
            return;
          }
          JsonNode document = input.get("doc");
          JsonNode before = document.deepCopy();
          Optional<JsonNode> whole =
              attempt(() -> JsonPatch.parse(operations).apply(document), 400, 413, 422);
          assertTrue(Json.equal(before, document), "the document changed");
          Optional<JsonNode> stepped = Optional.of(document);
          for (JsonNode operation : operations.values()) {
            stepped = stepped.flatMap(at -> step(at, operation));
          }
          assertEquals(stepped.isPresent(), whole.isPresent());
          assertTrue(Json.equal(stepped.orElse(null), whole.orElse(null)));
        });
  }

  /// One operation; `copy` and `move` as what RFC 6902 says they are short for.
  private static Optional<JsonNode> step(JsonNode document, JsonNode operation) {
    ArrayNode plain = JsonNodeFactory.instance.arrayNode();
    String name = operation.path("op").asString("");
    boolean moves = name.equals("move") || name.equals("copy");
    String from = operation.path("from").asString("");
    String path = operation.path("path").asString("");
    if (moves
        && operation.path("from").isString()
        && (from.isEmpty() || from.startsWith("/"))
        && !document.at(JsonPointer.compile(from)).isMissingNode()
        && !path.startsWith(from + "/")
        && !(from.isEmpty() && name.equals("move"))) {
      if (name.equals("move")) {
        plain.addObject().put("op", "remove").put("path", from);
      }
      plain
          .addObject()
          .put("op", "add")
          .put("path", path)
          .set("value", document.at(JsonPointer.compile(from)).deepCopy());
      // What the short form is short for does not know that a path is no string.
      if (!operation.path("path").isString()) {
        return Optional.empty();
      }
    } else {
      plain.add(operation);
    }
    return attempt(() -> JsonPatch.parse(plain).apply(document), 400, 413, 422);
  }

  @Test
  void mergePatch_anyTrees_areReachedByTheirDifference() {
    Fuzz.runText(
        "merge-patch",
        random -> {
          ObjectNode out = JsonNodeFactory.instance.objectNode();
          out.set("a", new RandomJson(random, false).value(DEPTH));
          out.set("b", new RandomJson(random, random.nextBoolean()).value(DEPTH));
          return out.toString();
        },
        text -> {
          JsonNode input = decoded(text);
          JsonNode a = input == null ? null : input.get("a");
          JsonNode b = input == null ? null : input.get("b");
          if (a == null || b == null) {
            return;
          }
          JsonNode before = a.deepCopy();
          JsonNode merged = MergePatch.apply(a, b);
          assertTrue(Json.equal(merged, MergePatch.apply(merged, b)), "not idempotent");
          if (!text.contains("null") && !text.contains("nul")) {
            assertTrue(Json.equal(b, MergePatch.apply(a, MergePatch.diff(a, b))));
          }
          assertTrue(Json.equal(before, a), "the target changed");
        });
  }

  @Test
  void strategicMergePatch_anyPatch_agreesWithMergePatchWhereBothMeanTheSame() {
    Fuzz.runText(
        "strategic-merge-patch",
        PatchFuzzTest::strategicCase,
        text -> {
          if (!(decoded(text) instanceof ObjectNode input)
              || !(input.get("doc") instanceof ObjectNode document)
              || !(input.get("patch") instanceof ObjectNode patch)) {
            return;
          }
          JsonNode before = input.deepCopy();
          Optional<ObjectNode> merged =
              attempt(() -> StrategicMergePatch.apply(document, patch, SCHEMA), 400, 422);
          Optional<ObjectNode> untyped =
              attempt(() -> StrategicMergePatch.apply(document, patch, SchemaNode.UNTYPED), 400);
          assertTrue(Json.equal(before, input), "the input changed");
          if (patch.toString().contains("$")) {
            return;
          }
          merged.ifPresent(once -> {
            ObjectNode twice = StrategicMergePatch.apply(once, patch, SCHEMA);
            assertTrue(Json.equal(once, twice), "not idempotent: " + once + " " + twice);
          });
          if (!patch.toString().contains("null")) {
            assertTrue(
                Json.equal(MergePatch.apply(document, patch), untyped.orElseThrow()),
                untyped.toString());
          }
        });
  }

  private static String jsonPatchCase(RandomGenerator random) {
    RandomJson json = new RandomJson(random, true);
    ObjectNode out = JsonNodeFactory.instance.objectNode();
    out.set("doc", json.value(DEPTH));
    ArrayNode patch = out.putArray("patch");
    List<String> names = List.of("add", "remove", "replace", "move", "copy", "test");
    for (int i = random.nextInt(5); i >= 0; i--) {
      ObjectNode operation = patch.addObject();
      operation.put("op", names.get(random.nextInt(names.size())));
      operation.put("path", pointer(random, json)).put("from", pointer(random, json));
      operation.set("value", json.value(1));
    }
    return out.toString();
  }

  private static String pointer(RandomGenerator random, RandomJson json) {
    StringBuilder out = new StringBuilder();
    for (int i = random.nextInt(4); i > 0; i--) {
      String name =
          switch (random.nextInt(4)) {
            case 0 -> "-";
            case 1 -> Integer.toString(random.nextInt(3));
            default -> json.name().replace("~", "~0").replace("/", "~1");
          };
      out.append('/').append(name);
    }
    return out.toString();
  }

  private static String strategicCase(RandomGenerator random) {
    ObjectNode out = JsonNodeFactory.instance.objectNode();
    out.set("doc", strategicObject(random, false));
    out.set("patch", strategicObject(random, true));
    return out.toString();
  }

  private static ObjectNode strategicObject(RandomGenerator random, boolean patch) {
    ObjectNode out = new RandomJson(random, patch && random.nextBoolean()).object(2);
    ArrayNode objects = out.putArray("a");
    ArrayNode scalars = out.putArray("b");
    ArrayNode order = JsonNodeFactory.instance.arrayNode();
    for (int i = random.nextInt(4); i > 0; i--) {
      long key = random.nextInt(5);
      objects.addObject().put("b", key).put("v", random.nextInt(3));
      scalars.add(key);
      order.add(key);
    }
    if (patch && random.nextInt(3) == 0) {
      out.set("$setElementOrder/b", order);
      out.putArray("$deleteFromPrimitiveList/b").add(1L);
      objects.addObject().put("b", 2).put("$patch", "delete");
    }
    return out;
  }

  private static @Nullable JsonNode decoded(String text) {
    try {
      return Json.parse(text);
    } catch (ApiException e) {
      // What cannot be read is JsonFuzzTest's to judge.
      return null;
    }
  }

  private static <T> Optional<T> attempt(Supplier<T> work, int... codes) {
    try {
      return Optional.of(work.get());
    } catch (ApiException e) {
      for (int code : codes) {
        if (code == e.code()) {
          return Optional.empty();
        }
      }
      throw new AssertionError("unexpected code " + e.code(), e);
    }
  }
}
