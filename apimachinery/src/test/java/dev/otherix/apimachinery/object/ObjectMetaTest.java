package dev.otherix.apimachinery.object;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.status.FieldPath;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ObjectMetaTest {
  private static final FieldPath PATH = FieldPath.ROOT.child("metadata");
  private static final String FULL =
      """
      {"name":"w1","generateName":"w","namespace":"ns","uid":"u","resourceVersion":"7",
      "generation":3,"creationTimestamp":"2026-01-01T00:00:00Z",
      "deletionTimestamp":"2026-01-02T00:00:00Z","deletionGracePeriodSeconds":0,
      "labels":{"z":"1","a":"2"},"annotations":{"k":"v"},
      "ownerReferences":[{"apiVersion":"otherix/v1","kind":"VM","name":"vm","uid":"o",
      "controller":true,"blockOwnerDeletion":false}],"finalizers":["a/b"],
      "managedFields":[{"manager":"m","operation":"Apply","apiVersion":"v1",
      "time":"2026-01-01T00:00:00Z","fieldsType":"FieldsV1","fieldsV1":{"f:spec":{}},
      "subresource":"status"}]}
      """
          .replace("\n", "");

  private static ObjectMeta read(String json, Findings findings) {
    return ObjectMeta.read(Json.parse(json), PATH, findings);
  }

  @Test
  void read_everyMember_isWrittenBackInTheSameOrder() {
    Findings findings = new Findings();
    ObjectMeta meta = read(FULL, findings);
    assertTrue(findings.clean(), () -> findings.errors().toString());
    assertEquals(FULL, meta.toJson().toString());
    assertEquals(meta, meta.toBuilder().build());
    assertEquals(new ObjectKey("ns", "w1"), meta.key());
    assertTrue(meta.deleting());
    assertEquals("vm", meta.controller().orElseThrow().name());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "null",
        "{}",
        "{\"name\":null,\"labels\":null,\"finalizers\":null,\"creationTimestamp\":null}",
        "{\"name\":\"\",\"generation\":0,\"labels\":{},\"finalizers\":[],\"managedFields\":[]}",
        "{\"selfLink\":\"/old/way\"}",
        "{\"creationTimestamp\":\"\"}",
      })
  void read_nothingInIt_isEmpty(String json) {
    Findings findings = new Findings();
    assertEquals(ObjectMeta.EMPTY, read(json, findings));
    assertTrue(findings.clean());
    assertEquals("{}", ObjectMeta.EMPTY.toJson().toString());
    assertEquals(ObjectMeta.EMPTY, ObjectMeta.read(null, PATH, findings));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "[] | metadata: Invalid value: []: must be an object",
        "`\"x\"` | metadata: Invalid value: \"x\": must be an object",
        "{\"name\":1} | metadata.name: Invalid value: 1: must be a string",
        "{\"uid\":{}} | metadata.uid: Invalid value: {}: must be a string",
        "{\"resourceVersion\":5} | metadata.resourceVersion: Invalid value: 5: must be a string",
        "{\"generation\":\"1\"} | metadata.generation: Invalid value: \"1\": must be an integer of"
            + " 64 bits",
        "{\"generation\":1.5} | metadata.generation: Invalid value: 1.5: must be an integer of 64"
            + " bits",
        "{\"generation\":9223372036854775808} | metadata.generation: Invalid value:"
            + " 9223372036854775808: must be an integer of 64 bits",
        "{\"deletionGracePeriodSeconds\":true} | metadata.deletionGracePeriodSeconds: Invalid"
            + " value: true: must be an integer of 64 bits",
        "{\"creationTimestamp\":\"yesterday\"} | metadata.creationTimestamp: Invalid value:"
            + " \"yesterday\": \"yesterday\" is not an RFC 3339 timestamp; write it like"
            + " 2026-01-02T03:04:05Z",
        "{\"creationTimestamp\":1} | metadata.creationTimestamp: Invalid value: 1: must be a string",
        "{\"labels\":[]} | metadata.labels: Invalid value: []: must be an object",
        "{\"labels\":{\"app\":1}} | metadata.labels[app]: Invalid value: 1: must be a string",
        "{\"annotations\":{\"a/b\":{}}} | metadata.annotations[a/b]: Invalid value: {}: must be a"
            + " string",
        "{\"finalizers\":{}} | metadata.finalizers: Invalid value: {}: must be a list",
        "{\"finalizers\":[\"a\",1]} | metadata.finalizers[1]: Invalid value: 1: must be a string",
        "{\"ownerReferences\":[1]} | metadata.ownerReferences[0]: Invalid value: 1: must be an"
            + " object",
        "{\"ownerReferences\":[{\"controller\":\"true\"}]} |"
            + " metadata.ownerReferences[0].controller: Invalid value: \"true\": must be true or"
            + " false",
        "{\"managedFields\":[{\"fieldsV1\":[]}]} | metadata.managedFields[0].fieldsV1: Invalid"
            + " value: []: must be an object",
      })
  void read_wrongType_isReportedWithItsPath(String json, String message) {
    Findings findings = new Findings();
    read(json, findings);
    assertEquals("[" + message + "]", findings.errors().toString());
    assertTrue(findings.unknown().isEmpty());
  }

  @Test
  void read_unknownMembers_areReportedByPath() {
    Findings findings = new Findings();
    read(
        """
        {"clusterName":"x","labels":{"any":"thing"},"ownerReferences":[{"foo":1}],
        "managedFields":[{},{"bar":1}]}
        """,
        findings);
    assertEquals(
        "[metadata.clusterName, metadata.ownerReferences[0].foo, metadata.managedFields[1].bar]",
        findings.unknown().toString());
    assertTrue(findings.errors().isEmpty());
    assertFalse(findings.clean());
  }

  @Test
  void read_nullLabel_isEmptyAsInKubernetes() {
    Findings findings = new Findings();
    assertEquals(Map.of("a", ""), read("{\"labels\":{\"a\":null}}", findings).labels());
    assertTrue(findings.clean());
  }

  @Test
  void toJson_result_sharesNothingWithTheObject() {
    ObjectMeta meta = read(FULL, new Findings());
    meta.toJson().withObject("/managedFields/0/fieldsV1").removeAll();
    assertEquals(FULL, meta.toJson().toString());
  }

  @Test
  void withServerFieldsOf_stored_takesWhatNoUserMayChange() {
    ObjectMeta stored = read(FULL, new Findings());
    ObjectMeta sent =
        ObjectMeta.EMPTY.toBuilder()
            .name("n")
            .generation(99)
            .creationTimestamp(Time.parse("2020-01-01T00:00:00Z"))
            .labels(Map.of("l", "v"))
            .build();
    ObjectMeta merged = sent.withServerFieldsOf(stored);
    assertEquals("u", merged.uid());
    assertEquals(3, merged.generation());
    assertEquals(stored.creationTimestamp(), merged.creationTimestamp());
    assertEquals(stored.deletionTimestamp(), merged.deletionTimestamp());
    assertEquals(0L, merged.deletionGracePeriodSeconds());
    assertEquals("n", merged.name());
    assertEquals(Map.of("l", "v"), merged.labels());
    assertEquals("other", sent.toBuilder().uid("other").build().withServerFieldsOf(stored).uid());
  }

  @Test
  void with_oneMember_changesOnlyThat() {
    ObjectMeta meta = read(FULL, new Findings());
    ObjectMeta changed =
        meta.withName("x").withNamespace("y").withResourceVersion("8").withFinalizers(List.of());
    assertEquals("x", changed.name());
    assertEquals("y", changed.namespace());
    assertEquals("8", changed.resourceVersion());
    assertTrue(changed.finalizers().isEmpty());
    assertEquals(
        meta,
        changed
            .withName("w1")
            .withNamespace("ns")
            .withResourceVersion("7")
            .withFinalizers(List.of("a/b")));
    assertThrows(UnsupportedOperationException.class, () -> meta.labels().put("a", "b"));
  }

  @Test
  void listMeta_json_goesBothWays() {
    Findings findings = new Findings();
    String text = "{\"resourceVersion\":\"5\",\"continue\":\"abc\",\"remainingItemCount\":3}";
    ListMeta meta = ListMeta.read(Json.parse(text), PATH, findings);
    assertEquals(new ListMeta("5", "abc", 3L), meta);
    assertEquals(text, meta.toJson().toString());
    assertNull(
        ListMeta.read(Json.parse("{\"selfLink\":\"x\"}"), PATH, findings).remainingItemCount());
    assertTrue(findings.clean());
    assertEquals("{}", ListMeta.read(null, PATH, findings).toJson().toString());
  }
}
