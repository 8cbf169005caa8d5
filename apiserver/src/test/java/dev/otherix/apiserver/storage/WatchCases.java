package dev.otherix.apiserver.storage;

import static dev.otherix.apiserver.storage.StorageCases.bytes;
import static dev.otherix.apiserver.storage.StorageCases.refused;
import static dev.otherix.apiserver.storage.StorageCases.text;
import static dev.otherix.apiserver.storage.StorageCases.texts;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// One watcher at a time: which events, in which order, with which former values, from where.
interface WatchCases extends StorageCases {
  @Test
  default void watch_changes_areEventsWithFormerValues() throws InterruptedException {
    long start = store().revision();
    try (Watch watch = store().watch("/a/", start)) {
      long created = create("/a/k", "1");
      long updated = update("/a/k", "2", created);
      long deleted = delete("/a/k", updated);
      long recreated = create("/a/k", "3");
      List<StorageEvent> events = until(watch, start, recreated);
      assertEquals(List.of("+/a/k=1", "~/a/k=2<1", "-/a/k<2", "+/a/k=3"), texts(events));
      assertEquals(
          List.of(created, updated, deleted, recreated),
          events.stream().map(StorageEvent::revision).toList());
    }
  }

  @Test
  default void watch_update_hasBothEntriesWithTheirRevisions() throws InterruptedException {
    long created = create("/a/k", "1");
    long updated = update("/a/k", "2", created);
    StorageEvent.Updated event =
        assertInstanceOf(StorageEvent.Updated.class, events("/a/", created).getFirst());
    assertEquals(updated, event.entry().revision());
    assertEquals(created, event.previous().revision());
  }

  @Test
  default void watch_delete_hasItsOwnRevisionAndTheLastEntry() throws InterruptedException {
    long created = create("/a/k", "1");
    create("/b/k", "x");
    long deleted = delete("/a/k", created);
    StorageEvent.Deleted event =
        assertInstanceOf(StorageEvent.Deleted.class, events("/a/", created).getFirst());
    assertEquals(deleted, event.revision());
    assertEquals(created, event.previous().revision());
    assertEquals("1", text(event.previous()));
  }

  @Test
  default void watch_pastChanges_areReplayed() throws InterruptedException {
    long start = store().revision();
    long created = create("/a/1", "1");
    long updated = update("/a/1", "2", created);
    delete("/a/1", updated);
    create("/a/2", "1");
    assertEquals(
        List.of("+/a/1=1", "~/a/1=2<1", "-/a/1<2", "+/a/2=1"), texts(events("/a/", start)));
  }

  @Test
  default void watch_fromEveryRevision_isWhatCameAfter() throws InterruptedException {
    List<Long> revisions = new ArrayList<>(List.of(store().revision()));
    List<String> texts = new ArrayList<>();
    long left = create("/a/left", "0");
    revisions.add(left);
    texts.add("+/a/left=0");
    for (int i = 1; i <= 5; i++) {
      left = update("/a/left", String.valueOf(i), left);
      revisions.add(left);
      texts.add("~/a/left=" + i + "<" + (i - 1));
      revisions.add(create("/a/right" + i, "r"));
      texts.add("+/a/right" + i + "=r");
    }
    revisions.add(delete("/a/left", left));
    texts.add("-/a/left<5");
    for (int i = 0; i < revisions.size(); i++) {
      assertEquals(texts.subList(i, texts.size()), texts(events("/a/", revisions.get(i))));
    }
  }

  @Test
  default void watch_fromNow_hasNothingOld() throws InterruptedException {
    long created = create("/a/1", "1");
    try (Watch watch = store().watch("/a/", created)) {
      assertEquals(List.of(), watch.next(Duration.ZERO).events());
      long next = create("/a/2", "2");
      assertEquals(List.of("+/a/2=2"), texts(until(watch, created, next)));
    }
  }

  @Test
  default void watch_prefix_hasNothingOfOthers() throws InterruptedException {
    long start = store().revision();
    create("/a/k", "1");
    create("/ab/k", "1");
    create("/a", "1");
    create("/a-b/k", "1");
    create("/a/x/y/k", "1");
    create("/b/a/k", "1");
    assertEquals(List.of("+/a/k=1", "+/a/x/y/k=1"), texts(events("/a/", start)));
    assertEquals(List.of("+/a/x/y/k=1"), texts(events("/a/x/", start)));
    assertEquals(List.of("+/ab/k=1"), texts(events("/ab/", start)));
    assertEquals(List.of(), texts(events("/a/k/", start)));
    assertEquals(6, events("/", start).size());
  }

  @Test
  default void watch_refusedWrites_areNoEvents() throws InterruptedException {
    long created = create("/a/k", "1");
    assertInstanceOf(Outcome.Exists.class, store().create("/a/k", bytes("2"), null));
    assertInstanceOf(
        Outcome.Changed.class, store().update("/a/k", bytes("2"), created + 1000, null));
    assertInstanceOf(Outcome.Missing.class, store().delete("/a/none", 1));
    create("/a/end", "1");
    assertEquals(List.of("+/a/end=1"), texts(events("/a/", created)));
  }

  @Test
  default void watch_sameValueWritten_isAnEvent() throws InterruptedException {
    long created = create("/a/k", "1");
    update("/a/k", "1", created);
    assertEquals(List.of("~/a/k=1<1"), texts(events("/a/", created)));
  }

  @Test
  default void watch_quietPrefix_makesProgress() throws InterruptedException {
    long start = store().revision();
    try (Watch watch = store().watch("/quiet/", start)) {
      long last = start;
      for (int i = 0; i < 10; i++) {
        last = create("/busy/" + i, "1");
      }
      assertEquals(List.of(), until(watch, start, last));
    }
  }

  @Test
  default void watch_progress_neverOvertakesAnEvent() throws InterruptedException {
    long start = store().revision();
    try (Watch watch = store().watch("/a/", start)) {
      create("/busy/1", "1");
      long event = create("/a/1", "1");
      create("/busy/2", "1");
      long last = create("/busy/3", "1");
      List<StorageEvent> events = until(watch, start, last);
      assertEquals(List.of(event), events.stream().map(StorageEvent::revision).toList());
    }
  }

  @Test
  default void watch_nothingHappens_isAnEmptyBatchAfterTheTimeout() throws InterruptedException {
    long revision = create("/a/1", "1");
    try (Watch watch = store().watch("/a/", revision)) {
      long begin = System.nanoTime();
      Watch.Batch batch = watch.next(TICK);
      assertEquals(List.of(), batch.events());
      assertTrue(batch.revision() >= revision);
      assertTrue(System.nanoTime() - begin >= TICK.toNanos() / 2, "it did not wait");
    }
  }

  @Test
  default void watch_zeroTimeout_handsOutWhatIsThere() throws InterruptedException {
    long start = store().revision();
    long created = create("/a/1", "1");
    try (Watch watch = store().watch("/a/", start)) {
      // A remote store may need a moment; it must not need a wait.
      List<StorageEvent> events = new ArrayList<>();
      long deadline = System.nanoTime() + patience().toNanos();
      while (events.isEmpty() && System.nanoTime() < deadline) {
        events.addAll(watch.next(Duration.ZERO).events());
      }
      assertEquals(created, events.getFirst().revision());
    }
  }

  @Test
  default void watch_batches_neverOverlapNorLeaveOut() throws InterruptedException {
    long start = store().revision();
    try (Watch watch = store().watch("/a/", start)) {
      List<StorageEvent> events = new ArrayList<>();
      long reached = start;
      for (int i = 0; i < 50; i++) {
        long revision = create("/a/" + i, "1");
        if (i % 7 == 6) {
          events.addAll(until(watch, reached, revision));
          reached = revision;
        }
      }
      events.addAll(until(watch, reached, store().revision()));
      assertEquals(50, events.size());
      for (int i = 0; i < 50; i++) {
        assertEquals("/a/" + i, events.get(i).key());
      }
    }
  }

  @Test
  default void watch_longBacklog_isComplete() throws InterruptedException {
    long start = store().revision();
    long revision = create("/a/k", "0");
    for (int i = 1; i < 2500; i++) {
      revision = update("/a/k", String.valueOf(i), revision);
    }
    List<StorageEvent> events = events("/a/", start);
    assertEquals(2500, events.size());
    assertEquals("+/a/k=0", text(events.getFirst()));
    for (int i = 1; i < 2500; i++) {
      assertEquals("~/a/k=" + i + "<" + (i - 1), text(events.get(i)));
    }
  }

  @Test
  default void watch_resumedFromABatch_goesOnThere() throws InterruptedException {
    long start = store().revision();
    for (int i = 0; i < 20; i++) {
      create("/a/" + i, "1");
    }
    List<StorageEvent> events = new ArrayList<>();
    long reached = start;
    while (reached < store().revision()) {
      try (Watch watch = store().watch("/a/", reached)) {
        Watch.Batch batch = watch.next(patience());
        events.addAll(batch.events());
        reached = batch.revision();
      }
      long resumed = reached;
      assertTrue(events.stream().allMatch(each -> each.revision() <= resumed));
    }
    assertEquals(20, events.size());
  }

  @Test
  default void watch_futureRevision_isRefused() {
    long revision = create("/a/1", "1");
    refused(StorageException.Reason.FUTURE_REVISION, () -> store().watch("/a/", revision + 1000));
  }

  @Test
  default void watch_belowTheCompactedRevision_isRefused() {
    long first = create("/a/1", "1");
    long second = create("/a/2", "1");
    store().compact(second);
    refused(
        StorageException.Reason.COMPACTED,
        () -> {
          try (Watch watch = store().watch("/a/", first)) {
            watch.next(patience());
          }
        });
  }

  @Test
  default void watch_atTheCompactedRevision_goesOn() throws InterruptedException {
    create("/a/1", "1");
    long second = create("/a/2", "1");
    create("/a/3", "1");
    store().compact(second);
    assertEquals(List.of("+/a/3=1"), texts(events("/a/", second)));
  }

  @Test
  default void watch_overtakenByCompaction_isCompleteOrRefused() throws InterruptedException {
    long start = store().revision();
    try (Watch watch = store().watch("/a/", start)) {
      create("/a/1", "1");
      long last = create("/a/2", "1");
      store().compact(last);
      List<String> texts = texts(until(watch, start, last));
      assertEquals(List.of("+/a/1=1", "+/a/2=1"), texts);
    } catch (StorageException e) {
      assertEquals(StorageException.Reason.COMPACTED, e.reason());
    }
  }

  @Test
  default void watch_compactionOfWhatItHas_doesNotDisturbIt() throws InterruptedException {
    long start = store().revision();
    try (Watch watch = store().watch("/a/", start)) {
      long first = create("/a/1", "1");
      until(watch, start, first);
      store().compact(first);
      long second = create("/a/2", "1");
      assertEquals(List.of("+/a/2=1"), texts(until(watch, first, second)));
    }
  }

  @Test
  default void watch_largeValues_arrive() throws InterruptedException {
    long start = store().revision();
    byte[] value = new byte[valueBytesMax() / 2];
    for (int i = 0; i < 8; i++) {
      StorageCases.written(store().create("/a/" + i, value, null));
    }
    assertEquals(8, events("/a/", start).size());
  }
}
