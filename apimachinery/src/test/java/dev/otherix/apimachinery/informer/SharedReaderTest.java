package dev.otherix.apimachinery.informer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.codec.Limits;
import dev.otherix.apimachinery.status.ApiException;
import java.math.BigDecimal;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

final class SharedReaderTest {
  private static final String EVENT =
      """
      {"type":"ADDED","object":{"kind":"Pod","metadata":{"name":"web-%d","labels":{"app":"web"},\
      "managedFields":[{"manager":"apply","fieldsV1":{"f:spec":{"f:cores":{}}}}]},\
      "spec":{"cores":%d}}}\
      """;

  private static final String SPOILING = "{}[],:\"\\ x0-";

  private static final String[] WORDS = {
    "", "a", "kind", "a longer text than eight", "\"", "\\", "\n", "\u0001", "é", "名前", "😀", "a\tb"
  };

  private final SharedReader reader = new SharedReader(new SharedTrees());

  private JsonNode read(String json) {
    return reader.read(json.getBytes(UTF_8));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "[]",
        "{\"a\":[],\"b\":{},\"c\":[{},[]]}",
        "{\"a\":0,\"b\":-1,\"c\":10,\"d\":999999999999999999,\"e\":9223372036854775807}",
        "{\"a\":9223372036854775808,\"b\":-9223372036854775808,\"c\":1.50,\"d\":1e3,\"e\":-0}",
        "{\"a\":true,\"b\":false,\"c\":null}",
        "{\"a\":\"\",\"b\":\"x\",\"c\":\"12345678\",\"d\":\"123456789\",\"e\":\"1234567\"}",
        "{\"a\":\"\\\"\",\"b\":\"x\\\\\",\"c\":\"\\u00e9\\n\",\"d\":\"é名前😀\"}",
        "{\"é\":1,\"a\\\"b\":{\"c\":2}}",
        " { \"a\" : [ 1 , 2 ] } ",
        "\"text\"",
        "17"
      })
  void read_ofAnyForm_isWhatTheCodecReads(String json) {
    JsonNode expected = Json.decode(json.getBytes(UTF_8), Limits.STORED).tree();
    assertEquals(expected.toString(), read(json).toString());
    assertEquals(expected.toString(), read(json).toString());
    assertEquals(expected, read(json));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1,}",
        "{\"a\":1",
        "{\"a\":01}",
        "{\"a\":-}",
        "{\"a\":1}}",
        "{\"a\":tru}",
        "{\"a\":\"x}",
        "{\"a\":\"\\x\"}",
        "{\"a\":\"\\ud800\"}",
        "{,}",
        "[1,]",
        "[,1]",
        "{\"a\":\"x\\",
        "{\"a\":\"x\\\"",
        "{a:1}",
        "nul",
        "{\"a\":\"\t\"}",
        "{\"a\":1 2}",
        "[1}"
      })
  void read_ofWhatIsNotJson_throwsAsTheCodecDoes(String json) {
    ApiException expected =
        assertThrows(
            ApiException.class, () -> Json.decode(json.getBytes(UTF_8), Limits.STORED).tree());
    assertEquals(
        expected.getMessage(), assertThrows(ApiException.class, () -> read(json)).getMessage());
    assertEquals("{\"a\":1}", read("{\"a\":1}").toString());
  }

  @Test
  void read_ofAMemberThatIsNamedTwice_keepsTheLast() {
    assertEquals("{\"a\":2,\"b\":3}", read("{\"a\":1,\"b\":3,\"a\":2}").toString());
  }

  @Test
  void read_ofDocumentsThatAreAlike_makesTheirEqualPartsOne() {
    JsonNode first = read(EVENT.formatted(1, 4)).get("object");
    JsonNode second = read(EVENT.formatted(2, 4)).get("object");
    JsonNode third = read(EVENT.formatted(3, 5)).get("object");
    assertSame(first.get("spec"), second.get("spec"));
    assertNotSame(first.get("spec"), third.get("spec"));
    assertSame(
        first.path("metadata").get("managedFields"), third.path("metadata").get("managedFields"));
    assertSame(first.path("metadata").get("labels"), third.path("metadata").get("labels"));
    assertEquals("web-3", third.path("metadata").path("name").asString());
    assertEquals(5, third.path("spec").path("cores").asInt());
  }

  @Test
  void read_afterAnotherWay_sharesWithIt() {
    SharedTrees trees = new SharedTrees();
    ObjectNode listed = trees.share(Json.parseObject("{\"x\":{\"on\":true,\"cores\":4}}"));
    JsonNode read =
        new SharedReader(trees).read("{\"x\":{\"on\":true,\"cores\":4}}".getBytes(UTF_8));
    assertEquals(listed, read);
  }

  @Test
  void read_ofATree_throwsOnEveryAttemptToChange() {
    ObjectNode event = (ObjectNode) read(EVENT.formatted(1, 4));
    ObjectNode metadata = (ObjectNode) event.path("object").path("metadata");
    assertThrows(UnsupportedOperationException.class, () -> metadata.put("name", "x"));
    assertThrows(
        UnsupportedOperationException.class,
        () -> ((ArrayNode) metadata.get("managedFields")).removeAll());
  }

  @Test
  void read_ofWhatIsTooDeepOrTooLongOrTooWide_isLeftToTheCodec() {
    String deep = "[".repeat(150) + "]".repeat(150);
    assertEquals(deep, read(deep).toString());
    String tooDeep = "[".repeat(250) + "]".repeat(250);
    assertThrows(ApiException.class, () -> read(tooDeep));
    String longText = "{\"a\":\"" + "x".repeat(300 * 1024) + "\"}";
    assertEquals(longText, read(longText).toString());
    StringBuilder wide = new StringBuilder("{\"m0\":0");
    for (int i = 1; i < 100; i++) {
      wide.append(",\"m").append(i).append("\":").append(i);
    }
    assertEquals(wide + "}", read(wide + "}").toString());
  }

  /// Documents that change a little from one to the next, as those of a stream do, among them some
  /// that are cut or spoilt.
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void read_ofRandomDocuments_isWhatTheCodecReads(long seed) {
    Random random = new Random(seed);
    ObjectNode document = JsonNodeFactory.instance.objectNode();
    for (int i = 0; i < 3_000; i++) {
      change(document, random, 0);
      byte[] json = document.toString().getBytes(UTF_8);
      if (random.nextInt(4) == 0 && json.length > 0) {
        json[random.nextInt(json.length)] =
            (byte) SPOILING.charAt(random.nextInt(SPOILING.length()));
      }
      assertEquals(outcome(json, false), outcome(json, true), "seed " + seed + " document " + i);
      if (document.toString().length() > 3_000) {
        document.removeAll();
      }
    }
  }

  private String outcome(byte[] json, boolean shared) {
    try {
      JsonNode tree = shared ? reader.read(json) : Json.decode(json, Limits.STORED).tree();
      return tree.toString();
    } catch (ApiException e) {
      return "error " + e.getMessage();
    }
  }

  private static void change(ObjectNode object, Random random, int depth) {
    String name = random.nextInt(20) == 0 ? word(random) : "m" + random.nextInt(6);
    JsonNode there = object.get(name);
    if (there instanceof ObjectNode inner && random.nextInt(4) > 0) {
      change(inner, random, depth + 1);
    } else if (there instanceof ArrayNode items && random.nextInt(4) > 0 && items.size() < 5) {
      items.add(scalar(random));
    } else if (random.nextInt(6) == 0) {
      object.remove(name);
    } else if (depth < 5 && random.nextBoolean()) {
      object.set(name, random.nextInt(3) == 0 ? object.arrayNode() : object.objectNode());
    } else {
      object.set(name, scalar(random));
    }
  }

  private static String word(Random random) {
    return WORDS[random.nextInt(WORDS.length)];
  }

  private static JsonNode scalar(Random random) {
    JsonNodeFactory nodes = JsonNodeFactory.instance;
    return switch (random.nextInt(7)) {
      case 0 -> nodes.booleanNode(random.nextBoolean());
      case 1 -> nodes.nullNode();
      case 2 -> nodes.numberNode(random.nextLong());
      case 3 -> nodes.numberNode((long) random.nextInt(100));
      case 4 -> nodes.numberNode(BigDecimal.valueOf(random.nextInt(1_000), 2));
      case 5 -> nodes.stringNode("x".repeat(random.nextInt(200)));
      default -> nodes.stringNode(word(random));
    };
  }
}
