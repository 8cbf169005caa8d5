package dev.otherix.apiserver.storage;

import static dev.otherix.apiserver.storage.StorageCases.refused;
import static dev.otherix.apiserver.storage.StorageCases.texts;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/// Watchers beside writers and beside each other.
interface WatchRaceCases extends StorageCases {
  @Test
  default void next_whileWaiting_wakesAtAWrite() throws InterruptedException {
    long start = store().revision();
    CountDownLatch waiting = new CountDownLatch(1);
    List<List<StorageEvent>> results =
        together(
            List.of(
                () -> {
                  try (Watch watch = store().watch("/a/", start)) {
                    waiting.countDown();
                    List<StorageEvent> events = List.of();
                    while (events.isEmpty()) {
                      events = watch.next(patience()).events();
                    }
                    return events;
                  }
                },
                () -> {
                  waiting.await();
                  create("/b/1", "1");
                  create("/a/1", "1");
                  return List.of();
                }));
    assertEquals(List.of("+/a/1=1"), texts(results.getFirst()));
  }

  @Test
  default void watchers_many_seeTheSame() throws InterruptedException {
    long start = store().revision();
    List<Callable<List<StorageEvent>>> tasks = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      tasks.add(() -> {
        List<StorageEvent> events = new ArrayList<>();
        try (Watch watch = store().watch("/a/", start)) {
          while (events.size() < 200) {
            events.addAll(watch.next(patience()).events());
          }
        }
        return events;
      });
    }
    tasks.add(() -> {
      for (int i = 0; i < 200; i++) {
        create("/a/" + i, "1");
      }
      return List.of();
    });
    List<List<StorageEvent>> seen = together(tasks);
    for (List<StorageEvent> each : seen.subList(0, 20)) {
      assertEquals(seen.getFirst(), each);
    }
  }

  @Test
  default void watch_besideManyWriters_isOrderedUniqueComplete() throws InterruptedException {
    long start = store().revision();
    int writers = 8;
    int rounds = 25;
    List<Callable<List<Long>>> tasks = new ArrayList<>();
    tasks.add(() -> {
      List<Long> seen = new ArrayList<>();
      try (Watch watch = store().watch("/a/", start)) {
        while (seen.size() < writers * rounds * 3) {
          for (StorageEvent event : watch.next(patience()).events()) {
            seen.add(event.revision());
          }
        }
      }
      return seen;
    });
    for (int i = 0; i < writers; i++) {
      String key = "/a/" + i;
      tasks.add(() -> {
        List<Long> wrote = new ArrayList<>();
        for (int round = 0; round < rounds; round++) {
          long created = create(key, "1");
          long updated = update(key, "2", created);
          wrote.addAll(List.of(created, updated, delete(key, updated)));
        }
        return wrote;
      });
    }
    List<List<Long>> results = together(tasks);
    List<Long> wrote = results.stream().skip(1).flatMap(List::stream).sorted().toList();
    assertEquals(wrote, results.getFirst());
  }

  @Test
  default void watch_startedAtARevisionJustRead_repeatsAndMissesNothing()
      throws InterruptedException {
    int writes = 300;
    together(
        List.of(
            () -> {
              for (int i = 0; i < writes; i++) {
                create("/a/" + i, "1");
              }
              return true;
            },
            () -> {
              long revision = store().revision();
              while (store().get("/a/" + (writes - 1), ReadAt.LATEST) == null) {
                try (Watch watch = store().watch("/a/", revision)) {
                  Watch.Batch batch = watch.next(TICK);
                  assertTrue(batch.revision() >= revision, "the watch began in the past");
                  for (StorageEvent event : batch.events()) {
                    assertTrue(event.revision() > revision, "an event from before the start");
                  }
                }
                revision = store().revision();
              }
              return true;
            }));
  }

  @Test
  default void listThenWatch_besideWriters_isTheFinalList() throws InterruptedException {
    int writers = 4;
    List<Callable<Map<String, Entry>>> tasks = new ArrayList<>();
    for (int i = 0; i < writers; i++) {
      String key = "/a/" + i;
      tasks.add(() -> {
        for (int round = 0; round < 40; round++) {
          long created = create(key, "c" + round);
          long updated = update(key, "u" + round, created);
          if (round < 39) {
            delete(key, updated);
          }
        }
        create("/done" + key, "1");
        return new TreeMap<>();
      });
    }
    for (int i = 0; i < 4; i++) {
      tasks.add(() -> {
        Map<String, Entry> state = new TreeMap<>();
        Page page = list("/");
        page.entries().forEach(each -> state.put(each.key(), each));
        try (Watch watch = store().watch("/", page.revision())) {
          while (state.keySet().stream().filter(each -> each.startsWith("/done/")).count()
              < writers) {
            watch.next(patience()).events().forEach(each -> apply(each, state));
          }
        }
        return state;
      });
    }
    List<Map<String, Entry>> results = together(tasks);
    Map<String, Entry> expected = new TreeMap<>();
    list("/").entries().forEach(each -> expected.put(each.key(), each));
    for (Map<String, Entry> each : results.subList(writers, results.size())) {
      assertEquals(expected, each);
    }
  }

  private static void apply(StorageEvent event, Map<String, Entry> state) {
    switch (event) {
      case StorageEvent.Created created ->
          assertEquals(null, state.put(created.key(), created.entry()));
      case StorageEvent.Updated updated ->
          assertEquals(updated.previous(), state.put(updated.key(), updated.entry()));
      case StorageEvent.Deleted deleted ->
          assertEquals(deleted.previous(), state.remove(deleted.key()));
    }
  }

  @Test
  default void close_ofAWaitingWatch_endsIt() throws InterruptedException {
    Watch watch = store().watch("/a/", store().revision());
    CountDownLatch waiting = new CountDownLatch(1);
    together(
        List.of(
            () -> {
              waiting.countDown();
              refused(
                  StorageException.Reason.CLOSED,
                  () -> {
                    while (true) {
                      watch.next(patience());
                    }
                  });
              return true;
            },
            () -> {
              waiting.await();
              watch.close();
              return true;
            }));
  }

  @Test
  default void close_ofOneWatch_leavesTheOthers() throws InterruptedException {
    long start = store().revision();
    Watch closed = store().watch("/a/", start);
    try (Watch open = store().watch("/a/", start)) {
      closed.close();
      closed.close();
      refused(StorageException.Reason.CLOSED, () -> closed.next(TICK));
      long revision = create("/a/1", "1");
      assertEquals(List.of("+/a/1=1"), texts(until(open, start, revision)));
    }
  }

  @Test
  default void watcher_thatNeverReads_stopsNobody() throws InterruptedException {
    long start = store().revision();
    try (Watch stuck = store().watch("/a/", start);
        Watch healthy = store().watch("/a/", start)) {
      assertEquals(0, stuck.next(java.time.Duration.ZERO).events().size());
      long last = start;
      for (int i = 0; i < 2000; i++) {
        last = create("/a/" + i, "1");
      }
      assertEquals(2000, until(healthy, start, last).size());
      assertEquals(2000, until(stuck, start, last).size());
    }
  }
}
