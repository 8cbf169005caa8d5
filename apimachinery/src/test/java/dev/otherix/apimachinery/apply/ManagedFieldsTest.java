package dev.otherix.apimachinery.apply;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.apimachinery.apply.ManagedEntry.Operation;
import dev.otherix.apimachinery.codec.Json;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ManagedFieldsTest {
  private static ManagedEntry entry(
      String manager, Operation operation, String version, @Nullable Instant time, String field) {
    return new ManagedEntry(manager, operation, version, "", time, FieldSet.ofFields(field));
  }

  private static List<String> managers(ManagedFields fields) {
    List<String> names = new ArrayList<>();
    fields
        .encode()
        .forEach(each ->
            names.add(
                each.path("manager").asString("") + "@" + each.path("apiVersion").asString("")));
    return names;
  }

  @Test
  void decode_wellFormed_encodesTheSame() throws MalformedFieldsException {
    String text =
        """
        [{"apiVersion":"v1","fieldsType":"FieldsV1","fieldsV1":{"f:a":{}},"manager":"m",
          "operation":"Apply","subresource":"status","time":"2026-01-02T03:04:05Z"},
         {"apiVersion":"v1","fieldsType":"FieldsV1","fieldsV1":{"f:b":{}},"manager":"m",
          "operation":"Update"}]
        """;
    assertTrue(Json.equal(Json.parse(text), ManagedFields.decode(Json.parse(text)).encode()));
  }

  @Test
  void encode_anyOrder_isOperationThenTimeThenNames() {
    ManagedFields fields = new ManagedFields();
    fields.put(entry("c", Operation.UPDATE, "v1", Instant.ofEpochSecond(5), "a"));
    fields.put(entry("b", Operation.UPDATE, "v2", Instant.ofEpochSecond(5), "a"));
    fields.put(entry("b", Operation.UPDATE, "v1", Instant.ofEpochSecond(5), "a"));
    fields.put(entry("d", Operation.UPDATE, "v1", null, "a"));
    fields.put(entry("z", Operation.APPLY, "v1", Instant.ofEpochSecond(9), "a"));
    assertEquals(List.of("z@v1", "d@v1", "b@v1", "b@v2", "c@v1"), managers(fields));
  }

  @Test
  void encode_time_hasSecondPrecision() {
    ManagedFields fields = new ManagedFields();
    fields.put(entry("a", Operation.APPLY, "v1", Instant.ofEpochSecond(0, 999_999_999), "a"));
    assertEquals("1970-01-01T00:00:00Z", fields.encode().get(0).path("time").asString(""));
  }

  @Test
  void put_applierInAnotherVersion_replacesItsEntry() {
    ManagedFields fields = new ManagedFields();
    fields.put(entry("a", Operation.APPLY, "v1", null, "a"));
    fields.put(entry("a", Operation.APPLY, "v2", null, "b"));
    fields.put(entry("a", Operation.UPDATE, "v1", null, "a"));
    fields.put(entry("a", Operation.UPDATE, "v2", null, "b"));
    assertEquals(List.of("a@v2", "a@v1", "a@v2"), managers(fields));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "\"x\"",
        "[1]",
        "[{}]",
        "[{\"apiVersion\":\"v1\",\"fieldsType\":\"FieldsV1\",\"operation\":\"Delete\"}]",
        "[{\"apiVersion\":\"v1\",\"fieldsType\":\"FieldsV2\",\"operation\":\"Apply\"}]",
        "[{\"apiVersion\":\"v1\",\"operation\":\"Apply\"}]",
        "[{\"fieldsType\":\"FieldsV1\",\"operation\":\"Apply\"}]",
        "[{\"apiVersion\":1,\"fieldsType\":\"FieldsV1\",\"operation\":\"Apply\"}]",
        "[{\"apiVersion\":\"v1\",\"fieldsType\":\"FieldsV1\",\"operation\":\"Apply\",\"time\":\"x\"}]",
        "[{\"apiVersion\":\"v1\",\"fieldsType\":\"FieldsV1\",\"operation\":\"Apply\",\"fieldsV1\":1}]",
      })
  void decode_malformed_fails(String text) {
    assertThrows(MalformedFieldsException.class, () -> ManagedFields.decode(Json.parse(text)));
  }

  @Test
  void decode_tooManyEntries_fails() {
    String one = "{\"apiVersion\":\"v1\",\"fieldsType\":\"FieldsV1\",\"operation\":\"Apply\"},";
    String text = "[" + one.repeat(ManagedFields.ENTRIES_MAX) + one.replace("},", "}]");
    assertThrows(MalformedFieldsException.class, () -> ManagedFields.decode(Json.parse(text)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {"[]|true", "[{}]|true", "[{},{}]|false", "[{\"manager\":\"a\"}]|false", "{}|false"})
  void isReset_onlyEmptyLists(String text, boolean reset) {
    assertEquals(reset, ManagedFields.isReset(Json.parse(text)));
    assertFalse(ManagedFields.isReset(null));
  }

  @Test
  void capUpdaters_moreThanAllowed_mergesTheOldestPerVersion() {
    ManagedFields fields = new ManagedFields();
    fields.put(entry("applier", Operation.APPLY, "v1", Instant.ofEpochSecond(1), "z"));
    for (int i = 0; i < ManagedFields.UPDATERS_MAX + 3; i++) {
      String version = i == 1 ? "v2" : "v1";
      fields.put(
          entry("u" + i, Operation.UPDATE, version, Instant.ofEpochSecond(100 + i), "f" + i));
    }
    fields.capUpdaters();
    assertEquals(
        List.of(
            "applier@v1",
            "u1@v2",
            "ancient-changes@v1",
            "u5@v1",
            "u6@v1",
            "u7@v1",
            "u8@v1",
            "u9@v1",
            "u10@v1",
            "u11@v1",
            "u12@v1"),
        managers(fields));
    ManagedEntry ancient =
        fields.get(new ManagedEntry.ManagerKey("ancient-changes", Operation.UPDATE, "v1", ""));
    assertTrue(ancient != null);
    assertEquals(".f0\n.f2\n.f3\n.f4", ancient.fields().toString());
    assertEquals(Instant.ofEpochSecond(104), ancient.time());
  }

  @Test
  void capUpdaters_ancientChangesThere_growsThem() {
    ManagedFields fields = new ManagedFields();
    fields.put(entry("ancient-changes", Operation.UPDATE, "v1", Instant.ofEpochSecond(1), "old"));
    for (int i = 0; i < ManagedFields.UPDATERS_MAX; i++) {
      fields.put(entry("u" + i, Operation.UPDATE, "v1", Instant.ofEpochSecond(100 + i), "f" + i));
    }
    fields.capUpdaters();
    assertEquals(ManagedFields.UPDATERS_MAX, fields.entries().size());
    assertEquals("ancient-changes@v1", managers(fields).getFirst());
    assertEquals("u1@v1", managers(fields).get(1));
  }

  @Test
  void capUpdaters_everyVersionItsOwn_leavesAll() {
    ManagedFields fields = new ManagedFields();
    for (int i = 0; i < ManagedFields.UPDATERS_MAX + 2; i++) {
      fields.put(entry("u", Operation.UPDATE, "v" + i, Instant.ofEpochSecond(i), "f"));
    }
    fields.capUpdaters();
    assertEquals(ManagedFields.UPDATERS_MAX + 2, fields.entries().size());
  }

  @Test
  void sameOwners_otherTimes_isTrueAndOtherFieldsIsFalse() {
    ManagedFields left = new ManagedFields();
    left.put(entry("a", Operation.APPLY, "v1", Instant.ofEpochSecond(1), "a"));
    ManagedFields right = new ManagedFields();
    right.put(entry("a", Operation.APPLY, "v1", Instant.ofEpochSecond(2), "a"));
    assertTrue(left.sameOwners(right));
    right.put(entry("a", Operation.APPLY, "v2", Instant.ofEpochSecond(2), "a"));
    assertFalse(left.sameOwners(right));
    right.put(entry("a", Operation.APPLY, "v1", Instant.ofEpochSecond(2), "b"));
    assertFalse(left.sameOwners(right));
  }
}
