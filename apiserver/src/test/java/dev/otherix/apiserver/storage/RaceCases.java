package dev.otherix.apiserver.storage;

import static dev.otherix.apiserver.storage.StorageCases.bytes;
import static dev.otherix.apiserver.storage.StorageCases.text;
import static dev.otherix.apiserver.storage.StorageCases.written;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;

/// Many writers at once.
interface RaceCases extends StorageCases {
  int WRITERS = 16;

  private static List<Outcome.Written> winners(List<Outcome> outcomes) {
    return outcomes.stream()
        .filter(Outcome.Written.class::isInstance)
        .map(Outcome.Written.class::cast)
        .toList();
  }

  @Test
  default void create_byManyAtOnce_oneWins() throws InterruptedException {
    List<Callable<Outcome>> tasks = new ArrayList<>();
    for (int i = 0; i < WRITERS; i++) {
      byte[] value = bytes("writer " + i);
      tasks.add(() -> store().create("/a/k", value, null));
    }
    List<Outcome> outcomes = together(tasks);
    List<Outcome.Written> winners = winners(outcomes);
    assertEquals(1, winners.size());
    Entry entry = held("/a/k");
    assertEquals("writer " + outcomes.indexOf(winners.getFirst()), text(entry));
    for (Outcome each : outcomes) {
      if (each instanceof Outcome.Exists loser) {
        assertEquals(entry, loser.current());
      }
    }
  }

  @Test
  default void update_byManyAtOnce_oneWins() throws InterruptedException {
    long first = create("/a/k", "0");
    List<Callable<Outcome>> tasks = new ArrayList<>();
    for (int i = 0; i < WRITERS; i++) {
      byte[] value = bytes("writer " + i);
      tasks.add(() -> store().update("/a/k", value, first, null));
    }
    List<Outcome> outcomes = together(tasks);
    List<Outcome.Written> winners = winners(outcomes);
    assertEquals(1, winners.size());
    Entry entry = held("/a/k");
    assertEquals("writer " + outcomes.indexOf(winners.getFirst()), text(entry));
    for (Outcome each : outcomes) {
      if (each instanceof Outcome.Changed loser) {
        assertEquals(entry, loser.current());
      }
    }
  }

  @Test
  default void delete_byManyAtOnce_oneWins() throws InterruptedException {
    long first = create("/a/k", "0");
    List<Callable<Outcome>> tasks = new ArrayList<>();
    for (int i = 0; i < WRITERS; i++) {
      tasks.add(() -> store().delete("/a/k", first));
    }
    List<Outcome> outcomes = together(tasks);
    assertEquals(1, winners(outcomes).size());
    assertEquals(WRITERS - 1, outcomes.stream().filter(Outcome.Missing.class::isInstance).count());
    assertNull(get("/a/k"));
  }

  @Test
  default void updateAndDelete_atOnce_oneWins() throws InterruptedException {
    for (int round = 0; round < 20; round++) {
      String key = "/a/k" + round;
      long first = create(key, "0");
      List<Outcome> outcomes =
          together(
              List.of(
                  () -> store().update(key, bytes("1"), first, null),
                  () -> store().delete(key, first)));
      if (outcomes.getFirst() instanceof Outcome.Written) {
        assertInstanceOf(Outcome.Changed.class, outcomes.getLast());
        assertEquals("1", text(get(key)));
      } else {
        assertInstanceOf(Outcome.Missing.class, outcomes.getFirst());
        assertInstanceOf(Outcome.Written.class, outcomes.getLast());
        assertNull(get(key));
      }
    }
  }

  @Test
  default void update_byManyWithRetry_losesNothing() throws InterruptedException {
    create("/a/k", "0");
    List<Callable<Integer>> tasks = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      tasks.add(() -> {
        int conflicts = 0;
        for (int done = 0; done < 10; ) {
          Entry entry = held("/a/k");
          String next = String.valueOf(Integer.parseInt(text(entry)) + 1);
          Outcome outcome = store().update("/a/k", bytes(next), entry.revision(), null);
          if (outcome instanceof Outcome.Written) {
            done++;
          } else {
            conflicts++;
          }
        }
        return conflicts;
      });
    }
    together(tasks);
    assertEquals("80", text(get("/a/k")));
  }

  @Test
  default void write_manyKeysAtOnce_noRevisionTwice() throws InterruptedException {
    long before = store().revision();
    List<Callable<List<Long>>> tasks = new ArrayList<>();
    for (int i = 0; i < WRITERS; i++) {
      String key = "/a/k" + i;
      tasks.add(() -> {
        List<Long> revisions = new ArrayList<>();
        for (int round = 0; round < 10; round++) {
          long created = create(key, "1");
          long updated = update(key, "2", created);
          revisions.addAll(List.of(created, updated, delete(key, updated)));
        }
        return revisions;
      });
    }
    List<Long> all = together(tasks).stream().flatMap(List::stream).toList();
    assertEquals(all.size(), new HashSet<>(all).size());
    assertTrue(all.stream().allMatch(each -> each > before && each <= store().revision()));
  }

  @Test
  default void write_returned_isSeenByEveryRead() throws InterruptedException {
    List<Callable<Boolean>> tasks = new ArrayList<>();
    for (int i = 0; i < WRITERS; i++) {
      String key = "/a/k" + i;
      tasks.add(() -> {
        for (int round = 0; round < 10; round++) {
          long created = create(key, "1");
          assertTrue(store().revision() >= created);
          assertEquals(created, held(key).revision());
          Page page = list("/a/");
          assertTrue(page.revision() >= created);
          assertTrue(page.entries().stream().anyMatch(each -> each.key().equals(key)));
          assertEquals("1", text(get(key, created)));
          long removed = delete(key, created);
          assertNull(get(key));
          assertNull(get(key, removed));
        }
        return true;
      });
    }
    together(tasks);
  }

  @Test
  default void list_whileWritten_isOneState() throws InterruptedException {
    written(store().create("/a/left", bytes("0"), null));
    written(store().create("/a/right", bytes("0"), null));
    // The writer keeps left equal to right, or one ahead of it.
    Callable<Boolean> writer =
        () -> {
          for (int i = 1; i <= 100; i++) {
            update("/a/left", String.valueOf(i), held("/a/left").revision());
            update("/a/right", String.valueOf(i), held("/a/right").revision());
          }
          return true;
        };
    Callable<Boolean> reader =
        () -> {
          int left = 0;
          while (left < 100) {
            List<Entry> entries = list("/a/").entries();
            left = Integer.parseInt(text(entries.getFirst()));
            int right = Integer.parseInt(text(entries.getLast()));
            assertTrue(left == right || left == right + 1, left + " beside " + right);
          }
          return true;
        };
    together(List.of(writer, reader, reader));
  }
}
