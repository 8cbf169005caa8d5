package dev.otherix.apiserver.watchcache;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apimachinery.status.StatusReason;
import dev.otherix.apiserver.storage.MemoryStorage;
import dev.otherix.apiserver.storage.ReadAt;
import dev.otherix.apiserver.storage.RocksOptions;
import dev.otherix.apiserver.storage.RocksStorage;
import dev.otherix.apiserver.storage.Storage;
import dev.otherix.apiserver.storage.StorageEvent;
import dev.otherix.apiserver.storage.Watch;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A thousand watchers beside concurrent writers: random starts, filters, disconnects, pauses. Each
/// stream between two relists is ordered, unique and complete, or ends with 410; none ends in
/// between.
@Tag("slow")
final class WatchTortureTest {
  private static final long SEED = 20_260_101;
  private static final int WATCHERS = 1000;
  private static final int WRITERS = 4;
  private static final int WRITES = 1500;
  private static final int KEYS = 25;

  private final AtomicInteger expired = new AtomicInteger();

  /// Writers that still write.
  private final AtomicInteger writing = new AtomicInteger(WRITERS);

  /// A stretch of a stream: everything a watcher saw after `from` up to `to`.
  private record Stretch(Filter filter, long from, long to, List<WatchEvent> events) {}

  @Test
  void memory_everyStreamIsTrue() throws Exception {
    torture(new MemoryStorage(InstantSource.system()));
  }

  @Test
  void rocks_everyStreamIsTrue(@TempDir Path folder) throws Exception {
    torture(RocksStorage.open(RocksOptions.in(folder.resolve("store")).withSync(false)));
  }

  private void torture(Storage store) throws Exception {
    // Far fewer changes than are written fit into the ring, so that the slow ones fall out.
    CacheOptions options = Fixture.options().withRing(16, 256, 1 << 20, Duration.ofDays(1));
    try (Fixture f = new Fixture(new FaultyStorage(store), options)) {
      f.cache.awaitReady();
      long start = store.revision();
      List<Stretch> stretches = run(f);
      NavigableMap<Long, StorageEvent> truth = truth(store, start);
      assertEquals(WRITERS * WRITES, truth.size());
      for (Stretch stretch : stretches) {
        requireTrue(stretch, truth);
      }
      assertTrue(expired.get() > 0, "nobody was too slow, so nothing was tried");
    }
  }

  private List<Stretch> run(Fixture f) throws InterruptedException, ExecutionException {
    List<Stretch> stretches = new ArrayList<>();
    try (ExecutorService writers = Executors.newFixedThreadPool(WRITERS);
        ExecutorService watchers = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<List<Stretch>>> watching = new ArrayList<>();
      for (int i = 0; i < WATCHERS; i++) {
        long seed = SEED + i;
        watching.add(watchers.submit(() -> watch(f, new Random(seed))));
      }
      List<Future<?>> written = new ArrayList<>();
      for (int i = 0; i < WRITERS; i++) {
        int writer = i;
        written.add(writers.submit(() -> write(f, writer)));
      }
      for (Future<?> each : written) {
        each.get();
      }
      for (Future<List<Stretch>> each : watching) {
        stretches.addAll(each.get());
      }
    }
    return stretches;
  }

  private void write(Fixture f, int writer) {
    try {
      Random random = new Random(SEED - 1 - writer);
      for (int i = 0; i < WRITES; i++) {
        String name = "w" + writer + "-" + random.nextInt(KEYS);
        boolean there = f.store.get("/w/" + name, ReadAt.LATEST) != null;
        if (there && random.nextInt(3) == 0) {
          f.delete(name);
        } else {
          f.put(name, "c" + random.nextInt(3) + ",n" + random.nextInt(20));
        }
      }
    } finally {
      writing.decrementAndGet();
    }
  }

  private List<Stretch> watch(Fixture f, Random random) throws InterruptedException {
    Filter filter =
        switch (random.nextInt(3)) {
          case 0 -> Filter.everything();
          case 1 -> Fixture.labels("color=c1");
          default -> Fixture.fields("spec.node=n" + random.nextInt(20));
        };
    List<Stretch> stretches = new ArrayList<>();
    long from = Math.max(0, f.cache.snapshot().revision() - random.nextInt(300));
    while (true) {
      boolean last = writing.get() == 0;
      long goal = f.store.revision();
      List<WatchEvent> events = new ArrayList<>();
      long reached = from;
      try (CacheWatch watch = f.watch(from, filter)) {
        int batches = 1 + random.nextInt(20);
        while (last ? reached < goal : batches-- > 0) {
          if (!last && random.nextInt(10) == 0) {
            // A slow reader; nothing is waited for.
            LockSupport.parkNanos(random.nextInt(40_000_000));
          }
          CacheWatch.Batch batch = watch.next(Duration.ofMillis(20));
          events.addAll(batch.events());
          reached = batch.revision();
        }
      } catch (ApiException e) {
        assertTrue(e.is(StatusReason.EXPIRED), e.getMessage());
        expired.incrementAndGet();
        last = false;
        stretches.add(new Stretch(filter, from, reached, events));
        from = f.cache.snapshot().revision();
        continue;
      }
      stretches.add(new Stretch(filter, from, reached, events));
      from = reached;
      if (last) {
        return stretches;
      }
    }
  }

  private static NavigableMap<Long, StorageEvent> truth(Storage store, long start)
      throws InterruptedException {
    NavigableMap<Long, StorageEvent> truth = new TreeMap<>();
    try (Watch watch = store.watch("/w/", start)) {
      long reached = start;
      while (reached < store.revision()) {
        Watch.Batch batch = watch.next(Fixture.MOMENT);
        batch.events().forEach(each -> truth.put(each.revision(), each));
        reached = batch.revision();
      }
    }
    return truth;
  }

  private static void requireTrue(Stretch stretch, NavigableMap<Long, StorageEvent> truth) {
    List<String> expected = new ArrayList<>();
    for (StorageEvent event : truth.subMap(stretch.from, false, stretch.to, true).values()) {
      Change change =
          switch (event) {
            case StorageEvent.Created created ->
                new Change(0, created.revision(), 0, null, Fixture.item(created.entry()));
            case StorageEvent.Updated updated ->
                new Change(
                    0,
                    updated.revision(),
                    0,
                    Fixture.item(updated.previous()),
                    Fixture.item(updated.entry()));
            case StorageEvent.Deleted deleted ->
                new Change(0, deleted.revision(), 0, Fixture.item(deleted.previous()), null);
          };
      WatchEvent seen = change.seenBy(stretch.filter);
      if (seen != null) {
        expected.add(text(seen));
      }
    }
    assertEquals(expected, stretch.events.stream().map(WatchTortureTest::text).toList());
  }

  private static String text(WatchEvent event) {
    return Fixture.texts(List.of(event)).getFirst() + "@" + event.revision();
  }
}
