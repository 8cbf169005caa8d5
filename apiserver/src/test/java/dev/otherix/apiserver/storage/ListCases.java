package dev.otherix.apiserver.storage;

import static dev.otherix.apiserver.storage.StorageCases.keys;
import static dev.otherix.apiserver.storage.StorageCases.pairs;
import static dev.otherix.apiserver.storage.StorageCases.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Lists, pages, and what they count.
interface ListCases extends StorageCases {
  @Test
  default void list_nothingThere_isEmptyAtCurrentRevision() {
    long revision = create("/b/k", "1");
    Page page = list("/a/");
    assertEquals(List.of(), page.entries());
    assertEquals(revision, page.revision());
    assertEquals(0, page.remaining());
  }

  @Test
  default void list_severalEntries_areInKeyOrder() {
    create(List.of("/a/k2", "/a/k10", "/a/K", "/a/k", "/a/k/x", "/a/k-x", "/a/~", "/a/!"));
    assertEquals(
        List.of("/a/!", "/a/K", "/a/k", "/a/k-x", "/a/k/x", "/a/k10", "/a/k2", "/a/~"),
        keys(list("/a/")));
  }

  @Test
  default void list_siblingPrefix_isNeverMixedIn() {
    create(List.of("/a/k", "/ab/k", "/a-b/k", "/a0/k", "/a", "/A/k"));
    assertEquals(List.of("/a/k"), keys(list("/a/")));
    assertEquals(List.of("/ab/k"), keys(list("/ab/")));
    assertEquals(List.of("/a-b/k"), keys(list("/a-b/")));
  }

  @Test
  default void list_nestedKeys_areFlattened() {
    create(List.of("/a/x/1", "/a/x/y/2", "/a/3", "/a/z/z/z/4"));
    assertEquals(List.of("/a/3", "/a/x/1", "/a/x/y/2", "/a/z/z/z/4"), keys(list("/a/")));
    assertEquals(List.of("/a/x/1", "/a/x/y/2"), keys(list("/a/x/")));
  }

  @Test
  default void list_keyOfAnEntryAsPrefix_isEmpty() {
    create(List.of("/a/k", "/a/k2"));
    assertEquals(List.of(), keys(list("/a/k/")));
  }

  @Test
  default void list_root_isEverything() {
    create(List.of("/a/k", "/b/k", "/~/k", "/!/k"));
    assertEquals(List.of("/!/k", "/a/k", "/b/k", "/~/k"), keys(list("/")));
  }

  @Test
  default void list_entries_haveValueAndRevisionOfTheirWrite() {
    long first = create("/a/1", "one");
    long second = create("/a/2", "two");
    long third = update("/a/1", "uno", first);
    Page page = list("/a/");
    assertEquals(List.of("/a/1=uno", "/a/2=two"), pairs(page));
    assertEquals(List.of(third, second), page.entries().stream().map(Entry::revision).toList());
    assertEquals(third, page.revision());
  }

  @Test
  default void list_deletedEntry_isNotThere() {
    create(List.of("/a/1", "/a/2", "/a/3"));
    delete("/a/2", held("/a/2").revision());
    assertEquals(List.of("/a/1", "/a/3"), keys(list("/a/")));
  }

  @Test
  default void list_afterWriteElsewhere_isAtItsRevision() {
    create("/a/1", "v");
    long elsewhere = create("/b/1", "v");
    assertTrue(list("/a/").revision() >= elsewhere);
  }

  @Test
  default void list_limit_isFirstPageAndRest() {
    create(List.of("/a/1", "/a/2", "/a/3", "/a/4", "/a/5", "/b/1"));
    Page page = store().list("/a/", "", 2, ReadAt.LATEST);
    assertEquals(List.of("/a/1", "/a/2"), keys(page));
    assertEquals(3, page.remaining());
    Page next = store().list("/a/", "/a/2\0", 2, ReadAt.revision(page.revision()));
    assertEquals(List.of("/a/3", "/a/4"), keys(next));
    assertTrue(next.remaining() > 0);
    Page last = store().list("/a/", "/a/4\0", 2, ReadAt.revision(page.revision()));
    assertEquals(List.of("/a/5"), keys(last));
    assertEquals(0, last.remaining());
  }

  @Test
  default void list_limitIsTheNumber_nothingRemains() {
    create(List.of("/a/1", "/a/2", "/b/1"));
    Page page = store().list("/a/", "", 2, ReadAt.LATEST);
    assertEquals(2, page.entries().size());
    assertEquals(0, page.remaining());
  }

  @Test
  default void list_limitAboveTheNumber_nothingRemains() {
    create(List.of("/a/1", "/a/2"));
    Page page = store().list("/a/", "", 100, ReadAt.LATEST);
    assertEquals(2, page.entries().size());
    assertEquals(0, page.remaining());
  }

  @Test
  default void list_pagesWhileWritten_areOneState() {
    create(List.of("/a/1", "/a/2", "/a/3", "/a/4"));
    Page page = store().list("/a/", "", 2, ReadAt.LATEST);
    create("/a/25", "new");
    update("/a/3", "new", held("/a/3").revision());
    delete("/a/4", held("/a/4").revision());
    Page rest = store().list("/a/", "/a/2\0", 2, ReadAt.revision(page.revision()));
    assertEquals(List.of("/a/3=v", "/a/4=v"), pairs(rest));
    assertEquals(page.revision(), rest.revision());
    assertEquals(0, rest.remaining());
  }

  @Test
  default void list_pagesOfEverySize_areTheWholeList() {
    List<String> keys = new ArrayList<>();
    for (int i = 100; i < 137; i++) {
      keys.add("/a/" + i);
      keys.add("/a/" + i + "/x");
    }
    create(keys);
    List<Entry> whole = list("/a/").entries();
    assertEquals(keys.size(), whole.size());
    for (int limit : new int[] {1, 2, 7, 36, 37, 38, 73, 74, 75}) {
      assertEquals(whole, pages("/a/", limit, ReadAt.LATEST), "pages of " + limit);
    }
  }

  @Test
  default void list_from_beginsThere() {
    create(List.of("/a/1", "/a/2", "/a/3", "/b/1"));
    assertEquals(
        List.of("/a/2", "/a/3"), keys(store().list("/a/", "/a/2", 0, ReadAt.LATEST)), "the key");
    assertEquals(
        List.of("/a/3"), keys(store().list("/a/", "/a/2\0", 0, ReadAt.LATEST)), "behind the key");
    assertEquals(
        List.of("/a/3"), keys(store().list("/a/", "/a/25", 0, ReadAt.LATEST)), "between keys");
    assertEquals(
        List.of(), keys(store().list("/a/", "/a/3\0", 0, ReadAt.LATEST)), "behind the last");
  }

  @Test
  default void list_fromOutsideThePrefix_staysInside() {
    create(List.of("/a/1", "/b/1", "/c/1"));
    assertEquals(List.of("/b/1"), keys(store().list("/b/", "/a/1", 0, ReadAt.LATEST)), "before");
    assertEquals(List.of(), keys(store().list("/b/", "/c/", 0, ReadAt.LATEST)), "behind");
  }

  @Test
  default void list_fromAKeyWithHistory_neverRepeatsIt() {
    long revision = create("/a/1", "v");
    for (int i = 0; i < 20; i++) {
      revision = update("/a/1", "v" + i, revision);
    }
    create("/a/2", "v");
    assertEquals(List.of("/a/2"), keys(store().list("/a/", "/a/1\0", 0, ReadAt.LATEST)));
  }

  @Test
  default void list_atEveryRevision_isWhatWasThere() {
    List<List<String>> states = new ArrayList<>();
    List<Long> revisions = new ArrayList<>();
    long one = create("/a/1", "1");
    revisions.add(one);
    states.add(List.of("/a/1=1"));
    long two = create("/a/2", "1");
    revisions.add(two);
    states.add(List.of("/a/1=1", "/a/2=1"));
    one = update("/a/1", "2", one);
    revisions.add(one);
    states.add(List.of("/a/1=2", "/a/2=1"));
    revisions.add(create("/b/1", "1"));
    states.add(List.of("/a/1=2", "/a/2=1"));
    revisions.add(delete("/a/1", one));
    states.add(List.of("/a/2=1"));
    revisions.add(create("/a/0", "1"));
    states.add(List.of("/a/0=1", "/a/2=1"));
    revisions.add(create("/a/1", "3"));
    states.add(List.of("/a/0=1", "/a/1=3", "/a/2=1"));
    revisions.add(delete("/a/2", two));
    states.add(List.of("/a/0=1", "/a/1=3"));

    for (int i = 0; i < states.size(); i++) {
      long revision = revisions.get(i);
      Page page = list("/a/", revision);
      assertEquals(states.get(i), pairs(page), "at " + revision);
      assertEquals(revision, page.revision());
      assertEquals(
          page.entries(), pages("/a/", 1, ReadAt.revision(revision)), "paged at " + revision);
    }
  }

  @Test
  default void list_keysWithLongHistory_areFoundAtEveryRevision() {
    long left = create("/a/left", "0");
    long right = create("/a/right", "0");
    List<Long> revisions = new ArrayList<>();
    for (int i = 1; i <= 30; i++) {
      left = update("/a/left", String.valueOf(i), left);
      right = update("/a/right", String.valueOf(i), right);
      revisions.add(right);
    }
    for (int i = 1; i <= 30; i++) {
      assertEquals(
          List.of("/a/left=" + i, "/a/right=" + i), pairs(list("/a/", revisions.get(i - 1))));
    }
  }

  @Test
  default void list_futureRevision_isRefused() {
    long revision = create("/a/1", "v");
    refused(StorageException.Reason.FUTURE_REVISION, () -> list("/a/", revision + 1000));
  }

  @Test
  default void list_compactedRevision_isRefused() {
    long first = create("/a/1", "v");
    long second = create("/a/2", "v");
    store().compact(second);
    refused(StorageException.Reason.COMPACTED, () -> list("/a/", first));
    refused(
        StorageException.Reason.COMPACTED,
        () -> store().list("/a/", "/a/1\0", 1, ReadAt.revision(first)));
    assertEquals(List.of("/a/1", "/a/2"), keys(list("/a/", second)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a/", "/a", "/a//", "//", "/ü/", "/a b/", "/a/../"})
  default void list_malformedPrefix_isRefused(String prefix) {
    assertThrows(IllegalArgumentException.class, () -> list(prefix), "list");
    assertThrows(IllegalArgumentException.class, () -> store().watch(prefix, 0), "watch");
    assertThrows(IllegalArgumentException.class, () -> store().stats(prefix), "stats");
  }

  @Test
  default void list_negativeLimit_isRefused() {
    assertThrows(IllegalArgumentException.class, () -> store().list("/a/", "", -1, ReadAt.LATEST));
  }

  @Test
  default void stats_entries_areCountedByPrefix() {
    assertEquals(new Storage.Stats(0, 0), store().stats("/a/"));
    create("/a/1", "12345");
    create("/a/x/2", "123");
    create("/b/1", "1");
    assertEquals(new Storage.Stats(2, "/a/1".length() + 5L + "/a/x/2".length() + 3), stats("/a/"));
    assertEquals(new Storage.Stats(1, "/a/x/2".length() + 3L), stats("/a/x/"));
  }

  @Test
  default void stats_updateAndDelete_areFollowed() {
    long first = create("/a/1", "12345");
    create("/a/2", "1");
    long second = update("/a/1", "1", first);
    assertEquals(new Storage.Stats(2, 10), stats("/a/"));
    delete("/a/1", second);
    assertEquals(new Storage.Stats(1, 5), stats("/a/"));
  }

  private Storage.Stats stats(String prefix) {
    return store().stats(prefix);
  }
}
