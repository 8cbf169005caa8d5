package dev.otherix.apimachinery.apply;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.status.ApiException;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

final class FieldsV1Test {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{\"f:a\":{}}",
        "{\"f:a\":{\".\":{},\"f:b\":{}}}",
        "{\"f:l\":{\"k:{\\\"name\\\":\\\"x\\\",\\\"port\\\":80}\":{\".\":{},\"f:name\":{}}}}",
        "{\"f:s\":{\"v:\\\"x\\\"\":{},\"v:1\":{},\"v:true\":{},\"v:null\":{}}}",
        "{\"f:s\":{\"i:0\":{},\"i:7\":{\".\":{},\"f:a\":{}}}}",
        "{\"f:\":{},\"f:a.b/c\":{},\"f:f:x\":{}}",
      })
  void read_wellFormed_writesTheSame(String text) throws MalformedFieldsException {
    JsonNode fields = Json.parse(text);
    assertTrue(Json.equal(fields, FieldsV1.write(FieldsV1.read(fields))), text);
  }

  @Test
  void write_elementsInAnyOrder_isSorted() throws MalformedFieldsException {
    String text =
        "{\"i:1\":{},\"v:\\\"b\\\":{},\"v:2\":{},\"k:{\\\"n\\\":\\\"x\\\"}\":{},\"f:b\":{},"
            + "\"f:a\":{\"f:z\":{},\".\":{}}}";
    FieldSet set = FieldsV1.read(Json.parse(text.replace("\\\":{}", "\\\"\":{}")));
    assertEquals(
        "{\"f:a\":{\".\":{},\"f:z\":{}},\"f:b\":{},\"k:{\\\"n\\\":\\\"x\\\"}\":{},\"v:2\":{},"
            + "\"v:\\\"b\\\"\":{},\"i:1\":{}}",
        FieldsV1.write(set).toString());
  }

  @Test
  void read_keyFieldsInAnyOrder_areOneElement() throws MalformedFieldsException {
    FieldSet set =
        FieldsV1.read(
            Json.parse(
                """
                {"k:{\\"a\\":1,\\"b\\":2}":{}, "k:{\\"b\\": 2.0,\\"a\\":1}":{"f:x":{}}}
                """));
    assertEquals("[a=1,b=2]\n[a=1,b=2].x", set.toString());
  }

  @Test
  void read_unknownKindOfElement_isLeftOut() throws MalformedFieldsException {
    FieldSet set = FieldsV1.read(Json.parse("{\"f:a\":{},\"z:b\":{\"f:c\":{}}}"));
    assertEquals(".a", set.toString());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[]",
        "null",
        "1",
        "\"x\"",
        "{\"a\":{}}",
        "{\"\":{}}",
        "{\"f\":{}}",
        "{\"f:a\":1}",
        "{\"f:a\":null}",
        "{\"f:a\":[]}",
        "{\"k:\":{}}",
        "{\"k:{}\":{}}",
        "{\"k:[]\":{}}",
        "{\"k:{\\\"a\\\":1,\\\"a\\\":2}\":{}}",
        "{\"k:{\\\"a\\\":1}x\":{}}",
        "{\"v:\":{}}",
        "{\"v:x\":{}}",
        "{\"i:\":{}}",
        "{\"i:x\":{}}",
        "{\"i:99999999999\":{}}",
      })
  void read_malformed_fails(String text) {
    assertThrows(MalformedFieldsException.class, () -> FieldsV1.read(Json.parse(text)));
  }

  @Test
  void read_tooDeepOrTooLarge_fails() {
    ObjectNode deep = JsonNodeFactory.instance.objectNode();
    ObjectNode at = deep;
    for (int i = 0; i <= FieldsV1.DEPTH_MAX; i++) {
      at = at.putObject("f:a");
    }
    assertThrows(MalformedFieldsException.class, () -> FieldsV1.read(deep));
    ObjectNode wide = JsonNodeFactory.instance.objectNode();
    for (int i = 0; i <= FieldsV1.ELEMENTS_MAX; i++) {
      wide.putObject("f:" + i);
    }
    assertThrows(MalformedFieldsException.class, () -> FieldsV1.read(wide));
  }

  @Test
  void write_randomSets_readsBackTheSame() throws MalformedFieldsException {
    for (long seed = 0; seed < 5_000; seed++) {
      FieldSet set = new RandomTrees(seed).fieldSet(5);
      String text = FieldsV1.write(set).toString();
      FieldSet back = FieldsV1.read(Json.parse(text));
      assertEquals(set, back, "SEED=" + seed);
      assertEquals(text, FieldsV1.write(back).toString(), "SEED=" + seed);
    }
  }

  /// Whatever the text, it reads, or is not JSON, or fails as malformed; nothing else escapes.
  @Test
  void read_mutatedText_neverFailsOtherwise() {
    String alphabet = "{}[]\":,.fkvi0123456789-eE\\uabntrl \u0000\ud83d";
    int read = 0;
    int malformed = 0;
    for (long seed = 0; seed < 20_000; seed++) {
      Random random = new Random(seed);
      StringBuilder text =
          new StringBuilder(FieldsV1.write(new RandomTrees(seed).fieldSet(4)).toString());
      for (int n = random.nextInt(4); n >= 0; n--) {
        int place = random.nextInt(text.length() + 1);
        char c = alphabet.charAt(random.nextInt(alphabet.length()));
        if (random.nextBoolean() || place == text.length()) {
          text.insert(place, c);
        } else {
          text.setCharAt(place, c);
        }
      }
      JsonNode fields;
      try {
        fields = Json.parse(text.toString());
      } catch (ApiException _) {
        continue;
      }
      try {
        FieldsV1.write(FieldsV1.read(fields));
        read++;
      } catch (MalformedFieldsException _) {
        malformed++;
      } catch (RuntimeException e) {
        throw new AssertionError("SEED=" + seed + " " + text, e);
      }
    }
    assertTrue(read > 100 && malformed > 100, "read " + read + ", malformed " + malformed);
  }
}
