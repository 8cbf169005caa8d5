package dev.otherix.apiserver.storage;

import static dev.otherix.apiserver.storage.StorageCases.refused;
import static dev.otherix.apiserver.storage.StorageCases.text;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

/// Single entries, now and at every revision of their past.
interface ReadCases extends StorageCases {
  @Test
  default void get_neverWritten_isNull() {
    create("/a/k", "1");
    assertNull(get("/a/other"));
    assertNull(get("/a/k/sub"));
    assertNull(get("/a"));
  }

  @Test
  default void get_atEveryRevision_isWhatWasThere() {
    create("/a/before", "x");
    long before = store().revision();
    long created = create("/a/k", "1");
    long updated = update("/a/k", "2", created);
    long elsewhere = create("/a/other", "x");
    long again = update("/a/k", "3", updated);
    long deleted = delete("/a/k", again);
    long recreated = create("/a/k", "4");

    assertNull(get("/a/k", before));
    assertEquals("1", text(get("/a/k", created)));
    assertEquals("2", text(get("/a/k", updated)));
    assertEquals("2", text(get("/a/k", elsewhere)));
    assertEquals("3", text(get("/a/k", again)));
    assertNull(get("/a/k", deleted));
    assertEquals("4", text(get("/a/k", recreated)));
    assertEquals("4", text(get("/a/k")));
  }

  @Test
  default void get_atRevision_hasRevisionOfItsWrite() {
    long created = create("/a/k", "1");
    long elsewhere = create("/a/other", "x");
    update("/a/k", "2", created);
    assertEquals(created, held("/a/k", elsewhere).revision());
  }

  @Test
  default void get_atRevision_staysTheSame() {
    long created = create("/a/k", "1");
    Entry entry = get("/a/k", created);
    long updated = update("/a/k", "2", created);
    assertEquals(entry, get("/a/k", created));
    delete("/a/k", updated);
    assertEquals(entry, get("/a/k", created));
  }

  @Test
  default void get_keysThatShareBeginnings_areNeverMixed() {
    long short1 = create("/a/k", "short");
    create("/a/k0", "zero");
    create("/a/k-", "dash");
    create("/a/k/x", "below");
    long end = store().revision();
    delete("/a/k", short1);
    assertNull(get("/a/k"));
    assertEquals("short", text(get("/a/k", end)));
    assertEquals("zero", text(get("/a/k0", end)));
    assertEquals("dash", text(get("/a/k-")));
    assertEquals("below", text(get("/a/k/x")));
  }

  @Test
  default void get_everyVisibleCharacter_isAKey() {
    StringBuilder visible = new StringBuilder("/a/");
    for (char c = '!'; c < 0x7f; c++) {
      if (c != '/' && c != '.') {
        visible.append(c);
      }
    }
    create(visible.toString(), "1");
    assertEquals("1", text(get(visible.toString())));
  }

  @Test
  default void get_futureRevision_isRefused() {
    long created = create("/a/k", "1");
    refused(StorageException.Reason.FUTURE_REVISION, () -> get("/a/k", created + 1000));
    refused(StorageException.Reason.FUTURE_REVISION, () -> get("/a/none", created + 1000));
  }

  @Test
  default void get_compactedRevision_isRefused() {
    long created = create("/a/k", "1");
    long updated = update("/a/k", "2", created);
    store().compact(updated);
    refused(StorageException.Reason.COMPACTED, () -> get("/a/k", created));
    refused(StorageException.Reason.COMPACTED, () -> get("/a/none", created));
  }

  @Test
  default void readAt_zeroOrNegative_isRefused() {
    assertThrows(IllegalArgumentException.class, () -> ReadAt.revision(0));
    assertThrows(IllegalArgumentException.class, () -> ReadAt.revision(-1));
  }
}
