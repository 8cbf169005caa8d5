package dev.otherix.apiserver.storage;

import static dev.otherix.apiserver.storage.StorageCases.pairs;
import static dev.otherix.apiserver.storage.StorageCases.refused;
import static dev.otherix.apiserver.storage.StorageCases.text;
import static dev.otherix.apiserver.storage.StorageCases.texts;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.List;
import org.junit.jupiter.api.Test;

/// Forgetting history, and what must be there after.
interface CompactionCases extends StorageCases {
  @Test
  default void compact_current_keepsWhatIsLive() {
    long first = create("/a/1", "1");
    create("/a/2", "2");
    long current = update("/a/1", "uno", first);
    store().compact(current);
    assertEquals(List.of("/a/1=uno", "/a/2=2"), pairs(list("/a/")));
    assertEquals(List.of("/a/1=uno", "/a/2=2"), pairs(list("/a/", current)));
    assertEquals("uno", text(get("/a/1", current)));
    assertEquals("2", text(get("/a/2")));
  }

  @Test
  default void compact_middle_keepsThatStateAndLaterOnes() {
    long first = create("/a/1", "1");
    long middle = update("/a/1", "2", first);
    long later = update("/a/1", "3", middle);
    long last = delete("/a/1", later);
    store().compact(middle);
    refused(StorageException.Reason.COMPACTED, () -> get("/a/1", first));
    assertEquals("2", text(get("/a/1", middle)));
    assertEquals("3", text(get("/a/1", later)));
    assertNull(get("/a/1", last));
  }

  @Test
  default void compact_aboveADeletion_keepsItDeleted() {
    long first = create("/a/1", "1");
    long removed = delete("/a/1", first);
    long second = create("/a/2", "2");
    store().compact(second);
    assertNull(get("/a/1"));
    assertEquals(List.of("/a/2=2"), pairs(list("/a/")));
    refused(StorageException.Reason.COMPACTED, () -> get("/a/1", removed));
  }

  @Test
  default void compact_beforeADeletion_keepsItsFormerValue() {
    long first = create("/a/1", "1");
    long second = create("/a/2", "2");
    delete("/a/1", first);
    store().compact(second);
    assertEquals("1", text(get("/a/1", second)));
    assertNull(get("/a/1"));
  }

  @Test
  default void compact_atADeletion_isAState() {
    long first = create("/a/1", "1");
    long removed = delete("/a/1", first);
    create("/a/1", "again");
    store().compact(removed);
    assertNull(get("/a/1", removed));
    assertEquals("again", text(get("/a/1")));
  }

  @Test
  default void compact_takesNoRevisionAndMakesNoEvent() throws InterruptedException {
    long first = create("/a/1", "1");
    long second = update("/a/1", "2", first);
    try (Watch watch = store().watch("/a/", second)) {
      store().compact(second);
      assertEquals(second, store().revision());
      long third = update("/a/1", "3", second);
      assertEquals(List.of("~/a/1=3<2"), texts(until(watch, second, third)));
    }
  }

  @Test
  default void compact_futureRevision_isRefused() {
    long revision = create("/a/1", "1");
    refused(StorageException.Reason.FUTURE_REVISION, () -> store().compact(revision + 1000));
    assertEquals("1", text(get("/a/1", revision)));
  }

  @Test
  default void compact_lowerOrSameRevision_hasNoEffect() {
    long first = create("/a/1", "1");
    long second = update("/a/1", "2", first);
    long third = update("/a/1", "3", second);
    store().compact(second);
    store().compact(second);
    store().compact(first);
    assertEquals(second, store().compactedRevision());
    assertEquals("2", text(get("/a/1", second)));
    assertEquals("3", text(get("/a/1", third)));
  }

  @Test
  default void compactedRevision_afterCompaction_isIt() {
    long first = create("/a/1", "1");
    long second = update("/a/1", "2", first);
    store().compact(second);
    assertEquals(second, store().compactedRevision());
  }

  @Test
  default void compact_formerValues_areThereForLaterEvents() throws InterruptedException {
    long first = create("/a/1", "1");
    long second = create("/a/2", "1");
    update("/a/1", "2", first);
    delete("/a/2", second);
    store().compact(second);
    assertEquals(List.of("~/a/1=2<1", "-/a/2<1"), texts(events("/a/", second)));
  }

  @Test
  default void compact_stepByStep_keepsEveryLaterState() {
    long[] revisions = new long[20];
    revisions[0] = create("/a/1", "0");
    for (int i = 1; i < revisions.length; i++) {
      revisions[i] = update("/a/1", String.valueOf(i), revisions[i - 1]);
    }
    for (int floor = 1; floor < revisions.length; floor++) {
      long below = revisions[floor - 1];
      store().compact(revisions[floor]);
      refused(StorageException.Reason.COMPACTED, () -> get("/a/1", below));
      for (int i = floor; i < revisions.length; i++) {
        assertEquals(String.valueOf(i), text(get("/a/1", revisions[i])));
      }
    }
  }

  @Test
  default void compact_whileRead_neverFailsALatestRead() throws InterruptedException {
    create("/a/1", "0");
    create("/a/2", "0");
    together(
        List.of(
            () -> {
              for (int i = 0; i < 200; i++) {
                store().compact(update("/a/1", String.valueOf(i), held("/a/1").revision()));
              }
              delete("/a/2", held("/a/2").revision());
              return true;
            },
            () -> {
              while (get("/a/2") != null) {
                assertEquals("/a/1", list("/a/").entries().getFirst().key());
                assertNull(get("/a/none"));
                held("/a/1").value();
              }
              return true;
            }));
  }
}
