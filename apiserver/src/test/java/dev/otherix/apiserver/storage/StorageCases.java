package dev.otherix.apiserver.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.function.Executable;

/// What the cases of the contract share: the engine under test and short words for its calls. No
/// case assumes that the counter begins at 0, nor that nobody else writes outside the keys it uses.
interface StorageCases {
  Duration TICK = Duration.ofMillis(100);

  /// The store under test: empty, open, closed by [StorageContract] after the case.
  Storage store();

  /// An empty folder of this case alone.
  Path folder();

  /// Lets `time` go by for the engine, see [StorageContract#pass].
  void pass(Duration time);

  /// How long a case waits for what must come, see [StorageContract#patience].
  Duration patience();

  /// The largest value that the engine takes, see [StorageContract#valueBytesMax].
  int valueBytesMax();

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  static String text(@Nullable Entry entry) {
    return new String(there(entry).value(), StandardCharsets.UTF_8);
  }

  /// An event in short: `+key=value`, `~key=new<old`, `-key<old`.
  static String text(StorageEvent event) {
    return switch (event) {
      case StorageEvent.Created created -> "+" + created.key() + "=" + text(created.entry());
      case StorageEvent.Updated updated ->
          "~" + updated.key() + "=" + text(updated.entry()) + "<" + text(updated.previous());
      case StorageEvent.Deleted deleted -> "-" + deleted.key() + "<" + text(deleted.previous());
    };
  }

  static List<String> texts(List<StorageEvent> events) {
    return events.stream().map(StorageCases::text).toList();
  }

  static List<String> keys(Page page) {
    return page.entries().stream().map(Entry::key).toList();
  }

  /// `key=value` of each entry.
  static List<String> pairs(Page page) {
    return page.entries().stream().map(each -> each.key() + "=" + text(each)).toList();
  }

  static long written(Outcome outcome) {
    return assertInstanceOf(Outcome.Written.class, outcome).revision();
  }

  static StorageException refused(StorageException.Reason reason, Executable call) {
    StorageException refusal = assertThrows(StorageException.class, call);
    assertEquals(reason, refusal.reason(), refusal.getMessage());
    return refusal;
  }

  default long create(String key, String value) {
    return written(store().create(key, bytes(value), null));
  }

  default void create(List<String> keys) {
    keys.forEach(each -> create(each, "v"));
  }

  default long update(String key, String value, long expected) {
    return written(store().update(key, bytes(value), expected, null));
  }

  default long delete(String key, long expected) {
    return written(store().delete(key, expected));
  }

  default @Nullable Entry get(String key) {
    return store().get(key, ReadAt.LATEST);
  }

  default @Nullable Entry get(String key, long revision) {
    return store().get(key, ReadAt.revision(revision));
  }

  /// The entry under a key that must have one.
  default Entry held(String key) {
    return there(get(key));
  }

  default Entry held(String key, long revision) {
    return there(get(key, revision));
  }

  static Entry there(@Nullable Entry entry) {
    assertNotNull(entry, "there is no entry");
    return entry;
  }

  default Page list(String prefix) {
    return store().list(prefix, "", 0, ReadAt.LATEST);
  }

  default Page list(String prefix, long revision) {
    return store().list(prefix, "", 0, ReadAt.revision(revision));
  }

  /// All entries, page by page at the revision of the first page.
  default List<Entry> pages(String prefix, int limit, ReadAt at) {
    List<Entry> entries = new ArrayList<>();
    Page page = store().list(prefix, "", limit, at);
    entries.addAll(page.entries());
    while (page.remaining() > 0) {
      String from = page.entries().getLast().key() + "\0";
      page = store().list(prefix, from, limit, ReadAt.revision(page.revision()));
      entries.addAll(page.entries());
    }
    return entries;
  }

  /// Reads `watch` until it has handed out everything up to `revision`. Holds every batch to the
  /// rules: revisions rise, none above the batch's own, none at or below the former batch's.
  default List<StorageEvent> until(Watch watch, long after, long revision)
      throws InterruptedException {
    List<StorageEvent> events = new ArrayList<>();
    long deadline = System.nanoTime() + patience().toNanos();
    long reached = after;
    while (reached < revision) {
      Watch.Batch batch = watch.next(TICK);
      long last = reached;
      for (StorageEvent event : batch.events()) {
        if (event.revision() <= last || event.revision() > batch.revision()) {
          throw new AssertionError(
              event + " is out of order: behind " + last + " in a batch up to " + batch.revision());
        }
        last = event.revision();
        events.add(event);
      }
      if (batch.revision() < reached) {
        throw new AssertionError("the watch went back: " + reached + " to " + batch.revision());
      }
      reached = batch.revision();
      if (reached < revision && System.nanoTime() > deadline) {
        throw new AssertionError("the watch stands at " + reached + ", not at " + revision);
      }
    }
    return events;
  }

  /// The events of `prefix` after `after` up to now, through a watch of its own.
  default List<StorageEvent> events(String prefix, long after) throws InterruptedException {
    try (Watch watch = store().watch(prefix, after)) {
      return until(watch, after, store().revision());
    }
  }

  /// Runs `tasks` at once and gives back their results.
  default <T> List<T> together(List<Callable<T>> tasks) throws InterruptedException {
    // Platform threads: a reader that spins on memory would never let go of a carrier.
    ExecutorService threads =
        Executors.newThreadPerTaskExecutor(Thread.ofPlatform().daemon().factory());
    try {
      List<Future<T>> futures = tasks.stream().map(threads::submit).toList();
      List<T> results = new ArrayList<>();
      for (Future<T> each : futures) {
        results.add(each.get(patience().toMillis(), TimeUnit.MILLISECONDS));
      }
      return results;
    } catch (ExecutionException | TimeoutException e) {
      throw new AssertionError("a concurrent task failed", e);
    } finally {
      threads.shutdownNow();
    }
  }
}
