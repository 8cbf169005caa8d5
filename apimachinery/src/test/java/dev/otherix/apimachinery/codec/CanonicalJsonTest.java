package dev.otherix.apimachinery.codec;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

final class CanonicalJsonTest {
  private static final EncodedObject.Head VM = EncodedObject.Head.of("otherix/v1", "VM");

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\0',
      value = {
        "{\"b\":1,\"a\":2}|{\"a\":2,\"b\":1}",
        "{\"b\":{\"d\":1,\"c\":[]},\"a\":null}|{\"a\":null,\"b\":{\"c\":[],\"d\":1}}",
        "[1.0, 1.50, 1e2, 0.000001, 1e-10]|[1,1.5,100,0.000001,1E-10]",
        "[12345678901234567890, -0]|[12345678901234567890,0]",
        "\"a\\u0001\\n\\\"\\\\/é\\u2028\"|\"a\\u0001\\n\\\"\\\\/é\u2028\"",
        "\"\\ud83d\\ude00\"|\"😀\"",
        "[true, false, {}]|[true,false,{}]",
      })
  void encode_tree_hasOneForm(String json, String canonical) {
    assertEquals(canonical, text(CanonicalJson.encode(Json.parse(json))));
  }

  @Test
  void encode_equalTrees_giveEqualBytes() {
    ObjectNode made = JsonNodeFactory.instance.objectNode();
    made.put("x", 1.5d).put("n", 3).put("big", 1e3);
    assertArrayEquals(
        CanonicalJson.encode(Json.parse("{\"n\":3.0,\"x\":1.50,\"big\":1000}")),
        CanonicalJson.encode(made));
  }

  @Test
  void of_object_putsHeadAndRevisionInFrontAndSortsTheRest() {
    ObjectNode tree =
        Json.parseObject(
            "{\"spec\":{\"b\":1,\"a\":2},\"kind\":\"Old\",\"metadata\":{\"uid\":\"u\",\"name\":\"n\","
                + "\"resourceVersion\":\"7\"},\"apiVersion\":\"old/v0\"}");
    EncodedObject object = EncodedObject.of(VM, 1042, tree);
    assertEquals(
        "{\"apiVersion\":\"otherix/v1\",\"kind\":\"VM\",\"metadata\":{\"resourceVersion\":\"1042\","
            + "\"name\":\"n\",\"uid\":\"u\"},\"spec\":{\"a\":2,\"b\":1}}",
        text(object.toBytes()));
    assertEquals(object.toBytes().length, object.length());
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 9, 10, 99, 100, 1234567890123L, Long.MAX_VALUE})
  void withRevision_changesOnlyTheRevision(long revision) {
    EncodedObject object =
        EncodedObject.of(VM, 1, Json.parseObject("{\"metadata\":{\"name\":\"a\"}}"))
            .withRevision(revision);
    ObjectNode tree = object.toTree();
    String shown = revision == 0 ? "" : Long.toString(revision);
    assertEquals(shown, tree.at("/metadata/resourceVersion").stringValue());
    assertEquals("a", tree.at("/metadata/name").stringValue());
    assertEquals(object.toBytes().length, object.length());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"metadata\":{\"name\":\"a\"},\"spec\":{\"b\":1}}",
        "{\"metadata\":{},\"spec\":{\"b\":1}}",
        "{\"spec\":{\"b\":1}}",
        "{\"metadata\":{\"labels\":{\"a}\\\"\":\"}}{\\\\\"},\"uid\":\"x\"},\"a\":{}}",
        "{\"metadata\":{\"ownerReferences\":[{\"a\":[{}]},{}]},\"status\":{}}"
      })
  void metadataOnly_isTheMetadataAndNothingElse(String text) {
    ObjectNode whole = Json.parseObject(text);
    EncodedObject.Head head = EncodedObject.Head.of("meta.k8s.io/v1", "PartialObjectMetadata");
    ObjectNode cut = EncodedObject.of(VM, 7, whole).metadataOnly(head).toTree();
    ObjectNode expected = whole.withObjectProperty("metadata").deepCopy();
    expected.put("resourceVersion", "7");
    assertTrue(Json.equal(expected, cut.get("metadata")), cut::toString);
    assertEquals(3, cut.size());
  }

  @Test
  void withHead_servesTheSameBodyAsAnotherVersion() {
    EncodedObject object = EncodedObject.of(VM, 5, Json.parseObject("{\"spec\":{}}"));
    EncodedObject other = object.withHead(EncodedObject.Head.of("otherix/v2", "VM"));
    assertEquals("otherix/v2", other.toTree().get("apiVersion").stringValue());
    assertEquals(object.body(), other.body());
  }

  @Test
  void writeTo_negativeRevision_isABug() {
    EncodedObject object = EncodedObject.ofBody(VM, -1, new byte[0]);
    assertThrows(IllegalArgumentException.class, object::toBytes);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 1000})
  void write_list_isOneJsonDocumentOfItsItems(int count) {
    List<EncodedObject> items =
        java.util.stream.IntStream.range(0, count)
            .mapToObj(i ->
                EncodedObject.of(
                    VM, i, Json.parseObject("{\"metadata\":{\"name\":\"vm-" + i + "\"}}")))
            .toList();
    ListEncoding.Head head =
        new ListEncoding.Head("otherix/v1", "VMList", 2000, count == 2 ? "a\"b" : "", count - 1);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ListEncoding list = new ListEncoding(head, items);
    int pieces = 1;
    while (list.write((bytes, offset, length, _) -> out.write(bytes, offset, length), 1000)) {
      pieces++;
    }
    assertTrue(pieces <= 2 + out.size() / 1000, () -> "a piece is too small");
    assertEquals(list.length(), out.size());
    ObjectNode tree = (ObjectNode) Json.decode(out.toByteArray(), Limits.STORED).tree();
    assertEquals(count, tree.get("items").size());
    assertEquals("2000", tree.at("/metadata/resourceVersion").stringValue());
    for (int i = 0; i < count; i++) {
      assertTrue(Json.equal(items.get(i).toTree(), tree.get("items").get(i)));
    }
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
