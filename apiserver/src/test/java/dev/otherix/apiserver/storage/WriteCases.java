package dev.otherix.apiserver.storage;

import static dev.otherix.apiserver.storage.StorageCases.bytes;
import static dev.otherix.apiserver.storage.StorageCases.refused;
import static dev.otherix.apiserver.storage.StorageCases.text;
import static dev.otherix.apiserver.storage.StorageCases.there;
import static dev.otherix.apiserver.storage.StorageCases.written;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// One writer: outcomes of create, update and delete, and the revisions that they take.
interface WriteCases extends StorageCases {
  @Test
  default void create_newKey_isWritten() {
    long before = store().revision();
    Outcome.Written outcome =
        assertInstanceOf(Outcome.Written.class, store().create("/a/k", bytes("1"), null));
    assertTrue(outcome.revision() > before);
    assertNull(outcome.previous());
    Entry entry = held("/a/k");
    assertEquals("1", text(entry));
    assertEquals(outcome.revision(), entry.revision());
    assertEquals("/a/k", entry.key());
  }

  @Test
  default void create_existingKey_isExistsWithCurrent() {
    long first = create("/a/k", "1");
    long second = update("/a/k", "2", first);
    Outcome.Exists outcome =
        assertInstanceOf(Outcome.Exists.class, store().create("/a/k", bytes("3"), null));
    assertEquals("2", text(outcome.current()));
    assertEquals(second, outcome.current().revision());
    assertEquals("2", text(get("/a/k")));
  }

  @Test
  default void create_existingKey_takesNoRevision() {
    long first = create("/a/k", "1");
    assertInstanceOf(Outcome.Exists.class, store().create("/a/k", bytes("1"), null));
    assertEquals(first, store().revision());
  }

  @Test
  default void create_afterDelete_isWrittenAtNewRevision() {
    long first = create("/a/k", "1");
    long removed = delete("/a/k", first);
    long second = create("/a/k", "2");
    assertTrue(second > removed);
    assertEquals("2", text(get("/a/k")));
  }

  @Test
  default void create_emptyValue_isKept() {
    create("/a/k", "");
    assertEquals("", text(get("/a/k")));
  }

  @Test
  default void create_everyByte_isKept() {
    byte[] value = new byte[256];
    for (int i = 0; i < value.length; i++) {
      value[i] = (byte) i;
    }
    written(store().create("/a/k", value, null));
    assertArrayEquals(value, held("/a/k").value());
  }

  @Test
  default void create_largestValue_isKept() {
    byte[] value = new byte[valueBytesMax()];
    value[value.length - 1] = 7;
    written(store().create("/a/k", value, null));
    assertArrayEquals(value, held("/a/k").value());
  }

  @Test
  default void create_tooLargeValue_isRefused() {
    long before = store().revision();
    refused(
        StorageException.Reason.TOO_LARGE,
        () -> store().create("/a/k", new byte[valueBytesMax() + 1], null));
    assertNull(get("/a/k"));
    assertEquals(before, store().revision());
  }

  @Test
  default void create_keyBesideItsPath_areApart() {
    create("/a/k", "1");
    create("/a/k/sub", "2");
    create("/a/k-2", "3");
    assertEquals("1", text(get("/a/k")));
    assertEquals("2", text(get("/a/k/sub")));
    assertEquals("3", text(get("/a/k-2")));
  }

  @Test
  default void create_longestKey_isKept() {
    String key = "/a/" + "k".repeat(Keys.KEY_BYTES_MAX - 3);
    create(key, "1");
    assertEquals("1", text(get(key)));
    assertEquals(1, list("/a/").entries().size());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "", "k", "a/k", "/", "/a/", "/a//k", "//k", "/a/ k", "/a/k\0", "/a/ü", "/a/../k", "/a/./k",
        "/a/..", "/a/."
      })
  default void write_malformedKey_isRefused(String key) {
    assertThrows(
        IllegalArgumentException.class, () -> store().create(key, bytes("1"), null), "create");
    assertThrows(
        IllegalArgumentException.class, () -> store().update(key, bytes("1"), 1, null), "update");
    assertThrows(IllegalArgumentException.class, () -> store().delete(key, 1), "delete");
    assertThrows(IllegalArgumentException.class, () -> store().get(key, ReadAt.LATEST), "get");
  }

  @Test
  default void write_keyTooLong_isRefused() {
    String key = "/a/" + "k".repeat(Keys.KEY_BYTES_MAX - 2);
    assertThrows(
        IllegalArgumentException.class, () -> store().create(key, bytes("1"), null), "create");
  }

  @Test
  default void update_expectedRevision_isWrittenWithPrevious() {
    long first = create("/a/k", "1");
    Outcome.Written outcome =
        assertInstanceOf(Outcome.Written.class, store().update("/a/k", bytes("2"), first, null));
    assertTrue(outcome.revision() > first);
    assertEquals("1", text(outcome.previous()));
    assertEquals(first, there(outcome.previous()).revision());
    Entry entry = held("/a/k");
    assertEquals("2", text(entry));
    assertEquals(outcome.revision(), entry.revision());
  }

  @Test
  default void update_formerRevision_isChangedWithCurrent() {
    long first = create("/a/k", "1");
    long second = update("/a/k", "2", first);
    Outcome.Changed outcome =
        assertInstanceOf(Outcome.Changed.class, store().update("/a/k", bytes("3"), first, null));
    assertEquals("2", text(outcome.current()));
    assertEquals(second, outcome.current().revision());
    assertEquals("2", text(get("/a/k")));
  }

  @Test
  default void update_revisionOfAnotherKey_isChanged() {
    long first = create("/a/k", "1");
    long other = create("/a/other", "1");
    Outcome.Changed outcome =
        assertInstanceOf(Outcome.Changed.class, store().update("/a/k", bytes("2"), other, null));
    assertEquals(first, outcome.current().revision());
  }

  @Test
  default void update_missing_isMissing() {
    assertInstanceOf(Outcome.Missing.class, store().update("/a/k", bytes("1"), 1, null));
    assertNull(get("/a/k"));
  }

  @Test
  default void update_deleted_isMissing() {
    long first = create("/a/k", "1");
    delete("/a/k", first);
    assertInstanceOf(Outcome.Missing.class, store().update("/a/k", bytes("2"), first, null));
    assertNull(get("/a/k"));
  }

  @Test
  default void update_recreatedWithOldRevision_isChanged() {
    long first = create("/a/k", "1");
    delete("/a/k", first);
    long second = create("/a/k", "1");
    Outcome.Changed outcome =
        assertInstanceOf(Outcome.Changed.class, store().update("/a/k", bytes("2"), first, null));
    assertEquals(second, outcome.current().revision());
  }

  @Test
  default void update_refused_takesNoRevision() {
    long first = create("/a/k", "1");
    long second = update("/a/k", "2", first);
    assertInstanceOf(Outcome.Changed.class, store().update("/a/k", bytes("3"), first, null));
    assertInstanceOf(Outcome.Missing.class, store().update("/a/no", bytes("3"), first, null));
    assertEquals(second, store().revision());
  }

  @Test
  default void update_sameBytes_isWrittenAgain() {
    long first = create("/a/k", "1");
    long second = update("/a/k", "1", first);
    assertTrue(second > first);
    assertEquals(second, held("/a/k").revision());
  }

  @Test
  default void update_tooLargeValue_isRefused() {
    long first = create("/a/k", "1");
    refused(
        StorageException.Reason.TOO_LARGE,
        () -> store().update("/a/k", new byte[valueBytesMax() + 1], first, null));
    assertEquals("1", text(get("/a/k")));
    assertEquals(first, store().revision());
  }

  @Test
  default void delete_expectedRevision_isWrittenWithEntry() {
    long first = create("/a/k", "1");
    Outcome.Written outcome =
        assertInstanceOf(Outcome.Written.class, store().delete("/a/k", first));
    assertTrue(outcome.revision() > first);
    assertEquals("1", text(outcome.previous()));
    assertEquals(first, there(outcome.previous()).revision());
    assertNull(get("/a/k"));
    assertEquals(outcome.revision(), store().revision());
  }

  @Test
  default void delete_formerRevision_isChangedWithCurrent() {
    long first = create("/a/k", "1");
    long second = update("/a/k", "2", first);
    Outcome.Changed outcome =
        assertInstanceOf(Outcome.Changed.class, store().delete("/a/k", first));
    assertEquals("2", text(outcome.current()));
    assertEquals(second, outcome.current().revision());
    assertEquals("2", text(get("/a/k")));
  }

  @Test
  default void delete_missing_isMissing() {
    assertInstanceOf(Outcome.Missing.class, store().delete("/a/k", 1));
  }

  @Test
  default void delete_twice_isMissing() {
    long first = create("/a/k", "1");
    delete("/a/k", first);
    assertInstanceOf(Outcome.Missing.class, store().delete("/a/k", first));
  }

  @Test
  default void delete_refused_takesNoRevision() {
    long first = create("/a/k", "1");
    long second = update("/a/k", "2", first);
    assertInstanceOf(Outcome.Changed.class, store().delete("/a/k", first));
    assertInstanceOf(Outcome.Missing.class, store().delete("/a/no", first));
    assertEquals(second, store().revision());
  }

  @Test
  default void revision_everyWrite_isTheWritesOwn() {
    long first = create("/a/k", "1");
    assertEquals(first, store().revision());
    long second = update("/a/k", "2", first);
    assertEquals(second, store().revision());
    long third = delete("/a/k", second);
    assertEquals(third, store().revision());
    assertTrue(first < second && second < third);
  }

  @Test
  default void revision_reads_leaveItAlone() {
    long first = create("/a/k", "1");
    get("/a/k");
    list("/a/");
    store().stats("/a/");
    store().watch("/a/", first).close();
    assertEquals(first, store().revision());
  }
}
