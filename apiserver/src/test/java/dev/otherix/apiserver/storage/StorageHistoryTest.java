package dev.otherix.apiserver.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Random histories: the engine answers step by step as the model does, and what it keeps of them
/// adds up: the list at r and the events from r to s are the list at s.
@Tag("slow")
final class StorageHistoryTest {
  private static final int STEPS = 400;
  private static final List<String> PREFIXES = List.of("/", "/a/", "/ab/", "/a/b/", "/none/");
  private static final List<String> KEYS =
      List.of("/a/1", "/a/2", "/a/b/1", "/a/b/2", "/a/b", "/ab/1", "/ab/2", "/a-b/1", "/c");

  @TempDir private Path folder;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void rocks_randomHistory_isTheModels(long seed) throws InterruptedException {
    ManualClock clock = new ManualClock();
    RocksOptions options =
        RocksOptions.in(folder.resolve("store")).withSync(false).withClock(clock);
    new Run(seed, clock, () -> RocksStorage.open(options)).run();
  }

  @Test
  void memory_randomHistory_addsUp() throws InterruptedException {
    ManualClock clock = new ManualClock();
    MemoryStorage storage = new MemoryStorage(clock);
    new Run(20_260_101, clock, () -> storage).run();
  }

  /// One history. `open` gives the store, again after each close when it can come back.
  private static final class Run {
    private final long seed;
    private final SplittableRandom random;
    private final ManualClock clock;
    private final Supplier<Storage> open;
    private final MemoryStorage model;
    private final boolean durable;
    private Storage store;

    Run(long seed, ManualClock clock, Supplier<Storage> open) {
      this.seed = seed;
      this.random = new SplittableRandom(seed);
      this.clock = clock;
      this.open = open;
      this.store = open.get();
      this.model = new MemoryStorage(clock);
      this.durable = store instanceof RocksStorage;
    }

    void run() throws InterruptedException {
      try {
        for (int step = 0; step < STEPS; step++) {
          step();
          if (step % 100 == 99) {
            addsUp();
          }
        }
      } catch (AssertionError e) {
        throw new AssertionError("seed " + seed + ": " + e.getMessage(), e);
      } finally {
        store.close();
      }
    }

    private void step() {
      int dice = random.nextInt(100);
      String key = KEYS.get(random.nextInt(KEYS.size()));
      if (dice < 25) {
        byte[] value = value();
        Duration life = life();
        assertEquals(
            outcome(model.create(key, value, life)), outcome(store.create(key, value, life)));
      } else if (dice < 60) {
        byte[] value = value();
        Duration life = life();
        long expected = expected(key);
        assertEquals(
            outcome(model.update(key, value, expected, life)),
            outcome(store.update(key, value, expected, life)));
      } else if (dice < 75) {
        long expected = expected(key);
        assertEquals(outcome(model.delete(key, expected)), outcome(store.delete(key, expected)));
      } else if (dice < 90) {
        read(key);
      } else if (dice < 93) {
        expire();
      } else if (dice < 96) {
        long revision = random.nextLong(model.revision() + 1);
        model.compact(revision);
        store.compact(revision);
        assertEquals(model.compactedRevision(), store.compactedRevision());
      } else if (durable && dice < 98) {
        store.close();
        store = open.get();
      }
      assertEquals(model.revision(), store.revision());
    }

    /// Time stands still between the steps, so that both expire the same entries here.
    private void expire() {
      clock.advance(Duration.ofSeconds(random.nextInt(4)));
      long revision = model.revision();
      long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
      while (store.revision() < revision && System.nanoTime() < deadline) {
        Thread.onSpinWait();
      }
    }

    private void read(String key) {
      String prefix = PREFIXES.get(random.nextInt(PREFIXES.size()));
      ReadAt at = ReadAt.LATEST;
      long floor = Math.max(1, model.compactedRevision());
      if (model.revision() >= floor && random.nextBoolean()) {
        at = ReadAt.revision(random.nextLong(floor, model.revision() + 1));
      }
      int limit = random.nextInt(4);
      String from = random.nextBoolean() ? "" : key + (random.nextBoolean() ? "\0" : "");
      assertEquals(model.get(key, at), store.get(key, at));
      Page expected = model.list(prefix, from, limit, at);
      Page actual = store.list(prefix, from, limit, at);
      assertEquals(expected.entries(), actual.entries());
      assertEquals(expected.revision(), actual.revision());
      assertEquals(expected.remaining() == 0, actual.remaining() == 0);
      assertEquals(model.stats(prefix), store.stats(prefix));
    }

    /// For every two retained revisions.
    private void addsUp() throws InterruptedException {
      long floor = Math.max(1, model.compactedRevision());
      long last = model.revision();
      for (String prefix : PREFIXES) {
        List<Map<String, Entry>> states = new ArrayList<>();
        for (long revision = floor; revision <= last; revision++) {
          states.add(state(prefix, revision));
          assertEquals(
              model.list(prefix, "", 0, ReadAt.revision(revision)).entries(),
              new ArrayList<>(states.getLast().values()));
        }
        for (long from = floor; from < last; from++) {
          follow(prefix, from, states.subList((int) (from - floor), states.size()));
        }
      }
    }

    /// Plays the events after `from` over its state and compares with every later one.
    private void follow(String prefix, long from, List<Map<String, Entry>> states)
        throws InterruptedException {
      Map<String, Entry> state = new TreeMap<>(states.getFirst());
      long reached = from;
      try (Watch watch = store.watch(prefix, from)) {
        while (reached < from + states.size() - 1) {
          Watch.Batch batch = watch.next(Duration.ZERO);
          for (StorageEvent event : batch.events()) {
            for (; reached < event.revision(); reached++) {
              assertEquals(states.get((int) (reached - from)), state);
            }
            apply(event, state);
          }
          for (; reached < batch.revision(); reached++) {
            assertEquals(states.get((int) (reached - from)), state);
          }
        }
      }
      assertEquals(states.getLast(), state);
    }

    private Map<String, Entry> state(String prefix, long revision) {
      Map<String, Entry> state = new TreeMap<>();
      store
          .list(prefix, "", 0, ReadAt.revision(revision))
          .entries()
          .forEach(each -> state.put(each.key(), each));
      return state;
    }

    private byte[] value() {
      byte[] value = new byte[random.nextInt(40)];
      random.nextBytes(value);
      return value;
    }

    private @Nullable Duration life() {
      return random.nextInt(6) == 0 ? Duration.ofSeconds(1 + random.nextInt(5)) : null;
    }

    /// Most times the right one.
    private long expected(String key) {
      Entry entry = model.get(key, ReadAt.LATEST);
      return entry == null || random.nextInt(5) == 0
          ? random.nextLong(model.revision() + 1)
          : entry.revision();
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

  private static String outcome(Outcome outcome) {
    return switch (outcome) {
      case Outcome.Written written -> "written " + written.revision() + " " + written.previous();
      case Outcome.Exists exists -> "exists " + exists.current();
      case Outcome.Changed changed -> "changed " + changed.current();
      case Outcome.Missing _ -> "missing";
    };
  }
}
