package dev.otherix.apiserver.watchcache;

import static dev.otherix.apiserver.watchcache.Fixture.fields;
import static dev.otherix.apiserver.watchcache.Fixture.labels;
import static dev.otherix.apiserver.watchcache.Fixture.refused;
import static dev.otherix.apiserver.watchcache.Fixture.revisions;
import static dev.otherix.apiserver.watchcache.Fixture.take;
import static dev.otherix.apiserver.watchcache.Fixture.texts;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.apimachinery.status.StatusReason;
import dev.otherix.apiserver.storage.StorageException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/// One watcher at a time: which events, where from, and how it ends.
final class CacheWatchTest {
  private static final Filter ALL = Filter.everything();

  @Test
  void changes_areEventsInOrder() throws InterruptedException {
    try (Fixture f = new Fixture();
        CacheWatch watch = f.watch(f.store.revision())) {
      long created = f.put("a", "red");
      long updated = f.put("a", "blue");
      long deleted = f.delete("a");
      long again = f.put("a", "green");
      List<WatchEvent> events = take(watch, 4);
      assertEquals(List.of("+a=red", "~a=blue", "-a=blue", "+a=green"), texts(events));
      assertEquals(List.of(created, updated, deleted, again), revisions(events));
    }
  }

  @Test
  void labelFilter_transitions_areAddedModifiedDeleted() throws InterruptedException {
    try (Fixture f = new Fixture();
        CacheWatch watch = f.watch(f.store.revision(), labels("color in (red,pink)"))) {
      requireTransitions(f, watch);
    }
  }

  @Test
  void fieldFilter_transitions_areAddedModifiedDeleted() throws InterruptedException {
    try (Fixture f = new Fixture();
        CacheWatch watch = f.watch(f.store.revision(), fields("spec.node=n1"))) {
      f.put("a", "1,n2");
      f.put("a", "2,n1");
      f.put("a", "3,n1");
      long left = f.put("a", "4,n2");
      f.put("a", "5,n2");
      f.put("a", "6");
      f.put("a", "7,n1");
      long deleted = f.delete("a");
      f.put("b", "8,n2");
      f.delete("b");
      f.put("c", "9,n1");
      List<WatchEvent> events = take(watch, 6);
      assertEquals(
          List.of("+a=2,n1", "~a=3,n1", "-a=3,n1", "+a=7,n1", "-a=7,n1", "+c=9,n1"), texts(events));
      assertEquals(left, events.get(2).revision());
      assertEquals(deleted, events.get(4).revision());
    }
  }

  private static void requireTransitions(Fixture f, CacheWatch watch) throws InterruptedException {
    f.put("a", "green");
    f.put("a", "red");
    f.put("a", "pink");
    long left = f.put("a", "blue");
    f.put("a", "green");
    f.delete("a");
    f.put("b", "red");
    long deleted = f.delete("b");
    List<WatchEvent> events = take(watch, 5);
    assertEquals(List.of("+a=red", "~a=pink", "-a=pink", "+b=red", "-b=red"), texts(events));
    WatchEvent.Deleted transition = (WatchEvent.Deleted) events.get(2);
    assertEquals(left, transition.revision());
    assertEquals(left, transition.item().object().revision());
    assertEquals(deleted, events.get(4).revision());
  }

  @Test
  void after_everyRevision_isWhatCameLater() throws InterruptedException {
    try (Fixture f = new Fixture()) {
      f.cache.awaitReady();
      List<Long> all = new ArrayList<>();
      for (int i = 0; i < 30; i++) {
        all.add(i % 4 == 3 ? f.elsewhere() : f.put("k" + i % 3, "v,n" + i % 2));
      }
      for (Filter filter : List.of(ALL, fields("spec.node=n1"), labels("color=v"))) {
        List<WatchEvent> whole;
        try (CacheWatch watch = f.watch(0, filter)) {
          whole = f.drain(watch);
        }
        for (long revision : all) {
          try (CacheWatch watch = f.watch(revision, filter)) {
            List<Long> later = revisions(whole).stream().filter(each -> each > revision).toList();
            List<WatchEvent> events = f.drain(watch);
            assertEquals(later, revisions(events), "after " + revision);
          }
        }
      }
    }
  }

  @Test
  void after_tooOld_isExpired() throws InterruptedException {
    try (Fixture f = small()) {
      long first = f.put("a", "v0");
      for (int i = 1; i <= 8; i++) {
        f.put("a", "v" + i);
      }
      f.settle();
      String message = refused(StatusReason.EXPIRED, () -> f.watch(first - 1)).status().message();
      assertTrue(message.startsWith("too old resource version: "), message);
      try (CacheWatch watch = f.watch(first)) {
        assertEquals(8, f.drain(watch).size());
      }
    }
  }

  private static Fixture small() throws InterruptedException {
    Fixture f = new Fixture(Fixture.options().withRing(8, 8, 1 << 20, Duration.ofDays(1)));
    f.cache.awaitReady();
    return f;
  }

  @Test
  void slowWatcher_isClosedWithExpired() throws InterruptedException {
    try (Fixture f = small();
        CacheWatch slow = f.watch(f.store.revision());
        CacheWatch quick = f.watch(f.store.revision())) {
      for (int i = 0; i < 9; i++) {
        f.put("a", "v" + i);
        take(quick, 1);
      }
      refused(StatusReason.EXPIRED, slow::poll);
      assertThrows(StorageException.class, slow::poll);
      f.put("a", "last");
      assertEquals(List.of("~a=last"), texts(take(quick, 1)));
      assertEquals(1, f.cache.stats().expired());
      assertEquals(1, f.cache.stats().watchers());
    }
  }

  @Test
  void hintedWatcher_ofQuietValue_isNeverBehind() throws InterruptedException {
    try (Fixture f = small();
        CacheWatch quiet = f.watch(f.store.revision(), fields("spec.node=n1"));
        CacheWatch concerned = f.watch(f.store.revision(), fields("spec.node=n2"))) {
      for (int i = 0; i < 100; i++) {
        f.put("a", "v" + i + ",n2");
      }
      f.settle();
      assertEquals(List.of(), quiet.poll().events());
      assertEquals(f.store.revision(), quiet.revision());
      f.put("b", "w,n1");
      assertEquals(List.of("+b=w,n1"), texts(take(quiet, 1)));
      refused(StatusReason.EXPIRED, concerned::poll);
    }
  }

  @Test
  void hintedWatcher_whoseOnlyEventWasEvicted_isExpired() throws InterruptedException {
    try (Fixture f = small();
        CacheWatch watch = f.watch(f.store.revision(), fields("spec.node=n1"))) {
      f.put("b", "w,n1");
      for (int i = 0; i < 8; i++) {
        f.put("a", "v" + i);
      }
      f.put("c", "w,n1");
      f.settle();
      refused(StatusReason.EXPIRED, watch::poll);
    }
  }

  @Test
  void hintedWatcher_joiningOthersFromThePast_missesNothing() throws InterruptedException {
    try (Fixture f = new Fixture()) {
      f.cache.awaitReady();
      long start = f.store.revision();
      f.put("a", "1,n1");
      try (CacheWatch first = f.watch(f.store.revision(), fields("spec.node=n1"))) {
        f.put("a", "2,n1");
        f.put("b", "1,n2");
        f.settle();
        try (CacheWatch second = f.watch(start, fields("spec.node=n1"))) {
          f.put("a", "3,n1");
          assertEquals(List.of("+a=1,n1", "~a=2,n1", "~a=3,n1"), texts(take(second, 3)));
          assertEquals(List.of("~a=2,n1", "~a=3,n1"), texts(take(first, 2)));
        }
      }
    }
  }

  @Test
  void ringThatGrows_doesNotDisturbWatchers() throws InterruptedException {
    CacheOptions options = Fixture.options().withRing(2, 4096, 1 << 20, Duration.ofDays(1));
    try (Fixture f = new Fixture(options);
        CacheWatch watch = f.watch(f.store.revision())) {
      for (int i = 0; i < 3000; i++) {
        f.put("a", "v" + i);
      }
      List<WatchEvent> events = take(watch, 3000);
      assertEquals("~a=v2999", texts(events).getLast());
      assertEquals(4096, f.cache.stats().ringCapacity());
    }
  }

  @Test
  void initial_isTheStateThenTheChanges() throws InterruptedException {
    try (Fixture f = new Fixture()) {
      f.put("b", "red");
      f.put("a", "red");
      f.put("c", "blue");
      WatchStart start = new WatchStart.Initial(Freshness.LATEST, false);
      try (CacheWatch watch = f.cache.watch(WatchRequest.of(start, labels("color=red")))) {
        f.put("c", "red");
        f.put("a", "blue");
        assertEquals(List.of("+a=red", "+b=red", "+c=red", "-a=red"), texts(take(watch, 4)));
      }
    }
  }

  @Test
  void initial_manyItems_comeInBatches() throws InterruptedException {
    try (Fixture f = new Fixture()) {
      for (int i = 0; i < 2500; i++) {
        f.put("k" + (10_000 + i), "v");
      }
      WatchStart start = new WatchStart.Initial(Freshness.LATEST, true);
      try (CacheWatch watch = f.cache.watch(WatchRequest.of(start, ALL).withBookmarks())) {
        assertEquals(1000, watch.poll().events().size());
        f.put("k10000", "w");
        List<WatchEvent> rest = take(watch, 1502);
        assertEquals("*end", texts(rest).get(1500));
        assertEquals("~k10000=w", texts(rest).get(1501));
      }
    }
  }

  @Test
  void initialEventsEnd_hasTheGlobalRevision() throws InterruptedException {
    try (Fixture f = new Fixture()) {
      f.put("a", "red");
      long global = f.elsewhere();
      WatchStart start = new WatchStart.Initial(Freshness.LATEST, true);
      try (CacheWatch watch = f.cache.watch(WatchRequest.of(start, ALL).withBookmarks())) {
        List<WatchEvent> events = take(watch, 2);
        assertEquals(List.of("+a=red", "*end"), texts(events));
        assertEquals(global, events.get(1).revision());
      }
    }
  }

  @Test
  void initialEventsEnd_ofNothing_isSentAtOnce() throws InterruptedException {
    try (Fixture f = new Fixture()) {
      WatchStart start = new WatchStart.Initial(Freshness.LATEST, true);
      try (CacheWatch watch = f.cache.watch(WatchRequest.of(start, ALL).withBookmarks())) {
        assertEquals(List.of("*end"), texts(take(watch, 1)));
      }
    }
  }

  @Test
  void initialEventsEnd_withoutBookmarks_isNotSent() throws InterruptedException {
    try (Fixture f = new Fixture()) {
      f.put("a", "red");
      WatchStart start = new WatchStart.Initial(Freshness.LATEST, true);
      try (CacheWatch watch = f.cache.watch(WatchRequest.of(start, ALL))) {
        assertEquals(List.of("+a=red"), texts(f.drain(watch)));
      }
    }
  }

  @Test
  void now_latest_hasOnlyWhatFollows() throws InterruptedException {
    try (Fixture f = new Fixture()) {
      f.put("a", "red");
      WatchStart start = new WatchStart.Now(Freshness.LATEST);
      try (CacheWatch watch = f.cache.watch(WatchRequest.of(start, ALL))) {
        f.put("a", "blue");
        assertEquals(List.of("~a=blue"), texts(take(watch, 1)));
      }
    }
  }

  @Test
  void bookmarks_whileQuiet_carryTheGlobalRevision() throws InterruptedException {
    try (Fixture f = new Fixture(Fixture.options().withBookmarkEvery(Duration.ofMinutes(1)))) {
      f.put("a", "red");
      f.settle();
      WatchStart start = new WatchStart.After(f.store.revision());
      try (CacheWatch watch = f.cache.watch(WatchRequest.of(start, ALL).withBookmarks())) {
        assertEquals(List.of(), watch.poll().events());
        long global = f.elsewhere();
        f.settle();
        f.pass(Duration.ofSeconds(61));
        List<WatchEvent> events = take(watch, 1);
        assertEquals(List.of("*"), texts(events));
        assertEquals(global, events.getFirst().revision());
        assertEquals(List.of(), watch.poll().events());
        f.pass(Duration.ofSeconds(61));
        assertEquals(List.of("*"), texts(take(watch, 1)));
      }
    }
  }

  @Test
  void bookmarks_notAsked_neverCome() throws InterruptedException {
    try (Fixture f = new Fixture();
        CacheWatch watch = f.watch(f.store.revision())) {
      f.pass(Duration.ofHours(1));
      assertEquals(List.of(), watch.next(Fixture.MOMENT).events());
    }
  }

  @Test
  void bookmark_comesBeforeTheDeadline() throws InterruptedException {
    try (Fixture f = new Fixture(Fixture.options().withBookmarkEvery(Duration.ofHours(1)))) {
      WatchRequest request =
          WatchRequest.of(new WatchStart.Now(Freshness.LATEST), ALL)
              .withBookmarks()
              .withDeadline(f.now.get().plusSeconds(300));
      try (CacheWatch watch = f.cache.watch(request)) {
        f.pass(Duration.ofSeconds(297));
        assertEquals(List.of(), watch.poll().events());
        f.pass(Duration.ofSeconds(1));
        assertEquals(List.of("*"), texts(take(watch, 1)));
      }
    }
  }

  @Test
  void bookmarks_besideWriters_neverOvertakeEvents() throws InterruptedException {
    try (Fixture f = new Fixture(Fixture.options().withBookmarkEvery(Duration.ZERO))) {
      // What is written before the first load is history that the cache never had.
      f.cache.awaitReady();
      long start = f.store.revision();
      Thread writer =
          Thread.ofPlatform()
              .start(() -> {
                for (int i = 0; i < 500; i++) {
                  f.put("k" + i % 7, "v" + i + ",n" + i % 3);
                }
              });
      for (Filter filter : List.of(ALL, fields("spec.node=n1"))) {
        WatchRequest request = WatchRequest.of(new WatchStart.After(start), filter);
        int seen = 0;
        long last = start;
        long bookmark = start;
        try (CacheWatch watch = f.cache.watch(request.withBookmarks())) {
          while (seen < (filter.equals(ALL) ? 500 : 160)) {
            for (WatchEvent event : watch.next(Fixture.PATIENCE).events()) {
              if (event instanceof WatchEvent.Bookmark) {
                assertTrue(event.revision() >= last);
                bookmark = event.revision();
              } else {
                assertTrue(event.revision() > bookmark, "a bookmark overtook " + event.revision());
                assertTrue(event.revision() > last);
                last = event.revision();
                seen++;
              }
            }
          }
        }
      }
      writer.join();
    }
  }

  @Test
  void wakeUp_afterAnEmptyPoll_isCalledOnce() throws InterruptedException {
    try (Fixture f = new Fixture()) {
      f.settle();
      AtomicInteger calls = new AtomicInteger();
      WatchRequest request =
          WatchRequest.of(new WatchStart.Now(Freshness.LATEST), fields("spec.node=n1"))
              .withWakeUp(calls::incrementAndGet);
      try (CacheWatch watch = f.cache.watch(request)) {
        assertEquals(List.of(), watch.poll().events());
        f.put("a", "v,n2");
        f.settle();
        assertEquals(0, calls.get(), "woken by what does not concern it");
        f.put("b", "v,n1");
        f.put("c", "v,n1");
        await().atMost(Fixture.PATIENCE).until(() -> calls.get() == 1);
        f.settle();
        assertEquals(1, calls.get());
        assertEquals(List.of("+b=v,n1", "+c=v,n1"), texts(f.drain(watch)));
        f.put("b", "w,n2");
        await().atMost(Fixture.PATIENCE).until(() -> calls.get() == 2);
      }
    }
  }

  @Test
  void next_whileWaiting_isWokenByClose() throws InterruptedException {
    try (Fixture f = new Fixture()) {
      CacheWatch watch = f.watch(f.store.revision());
      Thread closer = Thread.ofPlatform().start(watch::close);
      assertThrows(StorageException.class, () -> watch.next(Fixture.PATIENCE));
      closer.join();
      assertEquals(0, f.cache.stats().watchers());
    }
  }
}
