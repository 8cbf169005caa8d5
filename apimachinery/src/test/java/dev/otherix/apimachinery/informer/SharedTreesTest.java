package dev.otherix.apimachinery.informer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.apimachinery.codec.Json;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

final class SharedTreesTest {
  private static final String POD =
      """
      {"kind": "Pod", "metadata": {"name": "web-%d", "labels": {"app": "web", "tier": "front"},
       "finalizers": ["a", "b"]}, "spec": {"cores": 4, "share": 0.5, "on": true, "none": null}}
      """;

  private final SharedTrees trees = new SharedTrees();

  @Test
  void share_ofAnObject_holdsTheSameInTheSameOrder() {
    ObjectNode plain = Json.parseObject(POD.formatted(1));
    ObjectNode shared = trees.share(plain);
    assertEquals(plain, shared);
    assertEquals(plain.toString(), shared.toString());
    assertEquals(new ArrayList<>(plain.propertyNames()), new ArrayList<>(shared.propertyNames()));
    assertTrue(Json.equal(plain, shared));
    assertNull(shared.get("nothing"));
    assertFalse(shared.has("nothing"));
  }

  @Test
  void share_ofObjectsThatAreAlike_makesTheirEqualPartsOne() {
    ObjectNode first = trees.share(Json.parseObject(POD.formatted(1)));
    ObjectNode second = trees.share(Json.parseObject(POD.formatted(2)));
    assertSame(first.get("kind"), second.get("kind"));
    assertSame(first.get("metadata").get("labels"), second.get("metadata").get("labels"));
    assertSame(first.get("spec"), second.get("spec"));
    assertNotSame(first, second);
    assertEquals("web-1", first.path("metadata").path("name").asString());
    assertEquals("web-2", second.path("metadata").path("name").asString());
  }

  @Test
  void share_ofWhatOnlyLooksAlike_keepsItApart() {
    JsonNode number = trees.share(Json.parseObject("{\"a\": 1}")).get("a");
    assertEquals("\"1\"", trees.share(Json.parseObject("{\"a\": \"1\"}")).get("a").toString());
    assertEquals("1", number.toString());
    assertEquals(
        "{\"x\":{\"b\":2,\"a\":1}}",
        shareBoth("{\"x\": {\"a\": 1, \"b\": 2}}", "{\"x\": {\"b\": 2, \"a\": 1}}").toString());
    assertEquals(
        "{\"x\":{\"a\":2}}", shareBoth("{\"x\": {\"a\": 1}}", "{\"x\": {\"a\": 2}}").toString());
  }

  private ObjectNode shareBoth(String first, String second) {
    trees.share(Json.parseObject(first));
    return trees.share(Json.parseObject(second));
  }

  @Test
  void share_withoutAnyChange_throwsOnEveryAttemptToChange() {
    ObjectNode shared = trees.share(Json.parseObject(POD.formatted(1)));
    ObjectNode metadata = (ObjectNode) shared.get("metadata");
    ArrayNode finalizers = (ArrayNode) metadata.get("finalizers");
    assertThrows(UnsupportedOperationException.class, () -> shared.put("more", 1));
    assertThrows(UnsupportedOperationException.class, () -> metadata.remove("name"));
    assertThrows(UnsupportedOperationException.class, () -> finalizers.add("c"));
    Iterator<Map.Entry<String, JsonNode>> members = shared.properties().iterator();
    assertEquals("kind", members.next().getKey());
    assertThrows(UnsupportedOperationException.class, members::remove);
    members.next();
    members.next();
    assertFalse(members.hasNext());
    assertThrows(NoSuchElementException.class, members::next);
  }

  @Test
  void deepCopy_ofAShared_canBeChangedAndLeavesTheSharedAlone() {
    ObjectNode shared = trees.share(Json.parseObject(POD.formatted(1)));
    ObjectNode copy = shared.deepCopy();
    ((ObjectNode) copy.get("metadata")).put("name", "other");
    ((ArrayNode) copy.get("metadata").get("finalizers")).add("c");
    assertEquals(Json.parseObject(POD.formatted(1)), shared);
  }

  @Test
  void share_ofManyMembers_holdsThemInOrderAndUnchangeable() {
    ObjectNode plain = JsonNodeFactory.instance.objectNode();
    for (int i = 0; i < 200; i++) {
      plain.put("key-" + i, "value-" + i % 7);
    }
    ObjectNode shared = trees.share(plain);
    assertEquals(plain.toString(), shared.toString());
    assertSame(shared.get("key-0"), shared.get("key-7"));
    assertThrows(UnsupportedOperationException.class, () -> shared.put("key-0", 1));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void share_ofRandomTrees_holdsTheSameAndGoesOnDoingSo(long seed) {
    Random random = new Random(seed);
    List<ObjectNode> plain = new ArrayList<>();
    List<ObjectNode> shared = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      ObjectNode tree = randomObject(random, 4);
      plain.add(tree.deepCopy());
      shared.add(trees.share(tree));
    }
    for (int i = 0; i < plain.size(); i++) {
      assertEquals(plain.get(i).toString(), shared.get(i).toString(), "seed " + seed);
    }
  }

  private static ObjectNode randomObject(Random random, int depth) {
    ObjectNode object = JsonNodeFactory.instance.objectNode();
    int members = random.nextInt(20) == 0 ? 40 : random.nextInt(5);
    for (int i = 0; i < members; i++) {
      object.set("m" + random.nextInt(50), randomValue(random, depth - 1));
    }
    return object;
  }

  private static JsonNode randomValue(Random random, int depth) {
    JsonNodeFactory nodes = JsonNodeFactory.instance;
    return switch (random.nextInt(depth > 0 ? 8 : 6)) {
      case 0 -> nodes.numberNode((long) random.nextInt(3));
      case 1 -> nodes.booleanNode(random.nextBoolean());
      case 2 -> nodes.nullNode();
      case 3 -> Json.parse(random.nextInt(3) + ".5");
      case 4 -> nodes.stringNode("text".repeat(random.nextInt(60)));
      case 5 -> nodes.stringNode("" + random.nextInt(3));
      case 6 -> randomObject(random, depth);
      case 7 -> {
        ArrayNode array = nodes.arrayNode();
        for (int i = random.nextInt(4); i > 0; i--) {
          array.add(randomValue(random, depth));
        }
        yield array;
      }
      default -> throw new IllegalStateException();
    };
  }
}
