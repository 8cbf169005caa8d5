package dev.otherix.bench.storage;

import dev.otherix.apimachinery.codec.EncodedObject;
import dev.otherix.apiserver.storage.Entry;
import dev.otherix.apiserver.storage.Outcome;
import dev.otherix.apiserver.storage.RocksOptions;
import dev.otherix.apiserver.storage.RocksStorage;
import dev.otherix.apiserver.storage.Storage;
import dev.otherix.apiserver.watchcache.CacheItem;
import dev.otherix.apiserver.watchcache.CacheOptions;
import dev.otherix.apiserver.watchcache.CacheWatch;
import dev.otherix.apiserver.watchcache.Filter;
import dev.otherix.apiserver.watchcache.Freshness;
import dev.otherix.apiserver.watchcache.WatchCache;
import dev.otherix.apiserver.watchcache.WatchRequest;
import dev.otherix.apiserver.watchcache.WatchStart;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/// What the watch cache costs: start-up, heap, a list of everything, one event to many watchers,
/// and events past many filtered watchers. Over the RocksDB engine without sync, so that the cache
/// is what is measured. Prints one line each.
public final class CacheBenchmark {
  private static final int OBJECTS = 100_000;
  private static final int WATCHERS = 10_000;
  private static final int FILTERED = 1_000;
  private static final int EVENTS = 20_000;
  private static final int ROUNDS = 5;
  private static final Duration WAIT = Duration.ofSeconds(30);
  private static final EncodedObject.Head HEAD = EncodedObject.Head.of("bench/v1", "Thing");

  private final Path directory;

  private CacheBenchmark(Path directory) {
    this.directory = directory;
  }

  public static void main(String[] arguments) throws Exception {
    CacheBenchmark benchmark = new CacheBenchmark(Path.of(arguments[0]));
    benchmark.fill();
    benchmark.startAndList();
    benchmark.fanOut();
    benchmark.filtered();
  }

  private static RocksStorage open(Path directory) {
    return RocksStorage.open(RocksOptions.in(directory).withSync(false));
  }

  /// The value names a node in its first bytes, `node-0007`, which is what watchers select by.
  private static CacheItem item(Entry entry) {
    String node = new String(entry.value(), 0, 9, StandardCharsets.US_ASCII);
    return new CacheItem(
        entry.key(),
        EncodedObject.ofBody(HEAD, entry.revision(), entry.value()),
        Map.of("spec.nodeName", node),
        Map.of());
  }

  private static byte[] value(int node, int bytes) {
    byte[] value = new byte[bytes];
    Arrays.fill(value, (byte) 'x');
    byte[] name = "node-%04d".formatted(node).getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(name, 0, value, 0, name.length);
    return value;
  }

  private static Filter onNode(int node) {
    String name = "node-%04d".formatted(node);
    return new Filter(
        "",
        item -> item.field("spec.nodeName").equals(name),
        new Filter.Hint("spec.nodeName", name));
  }

  private void fill() throws InterruptedException {
    try (RocksStorage storage = open(directory.resolve("many"))) {
      List<Thread> threads = new ArrayList<>();
      AtomicLong next = new AtomicLong();
      for (int i = 0; i < 64; i++) {
        threads.add(
            Thread.ofVirtual()
                .start(() -> {
                  for (long n = next.getAndIncrement(); n < OBJECTS; ) {
                    storage.create("/things/%06d".formatted(n), value(0, 1024), null);
                    n = next.getAndIncrement();
                  }
                }));
      }
      for (Thread thread : threads) {
        thread.join();
      }
    }
  }

  private void startAndList() throws InterruptedException {
    long before = usedHeap();
    long start = System.nanoTime();
    try (RocksStorage storage = open(directory.resolve("many"));
        WatchCache cache =
            WatchCache.start(storage, CacheOptions.of("/things/"), CacheBenchmark::item)) {
      cache.awaitReady();
      System.out.printf(
          "start with %,d objects, store and cache: %,d ms%n", OBJECTS, millisSince(start));
      long perObject = (usedHeap() - before) / OBJECTS;
      System.out.printf("heap per object of 1 KiB, store and cache: %,d bytes%n", perObject);
      long[] nanos = new long[ROUNDS * 4];
      for (int i = 0; i < nanos.length; i++) {
        long begin = System.nanoTime();
        int size = cache.list(Filter.everything(), "", 0, Freshness.ANY).items().size();
        nanos[i] = System.nanoTime() - begin;
        require(size == OBJECTS, "a list of " + size);
      }
      Arrays.sort(nanos);
      System.out.printf(
          "list of all %,d from the snapshot: %.1f ms%n", OBJECTS, nanos[nanos.length / 2] / 1e6);
    }
  }

  /// One event to [#WATCHERS] watchers that each sleep on a thread of their own.
  private void fanOut() throws Exception {
    try (RocksStorage storage = open(directory.resolve("fan-out"));
        WatchCache cache =
            WatchCache.start(storage, CacheOptions.of("/things/"), CacheBenchmark::item)) {
      cache.awaitReady();
      double[] millis = new double[ROUNDS];
      for (int round = 0; round < ROUNDS; round++) {
        CountDownLatch ready = new CountDownLatch(WATCHERS);
        CountDownLatch seen = new CountDownLatch(WATCHERS);
        long revision = storage.revision();
        for (int i = 0; i < WATCHERS; i++) {
          Thread.ofVirtual().start(() -> watchOne(cache, revision, ready, seen));
        }
        require(ready.await(30, TimeUnit.SECONDS), "watchers that began");
        Thread.sleep(200);
        long start = System.nanoTime();
        storage.create("/things/event-" + round, value(0, 1024), null);
        require(seen.await(30, TimeUnit.SECONDS), "watchers that saw the event");
        millis[round] = (System.nanoTime() - start) / 1e6;
      }
      Arrays.sort(millis);
      System.out.printf(
          "one event to %,d watchers, write to last delivery: %.1f ms%n",
          WATCHERS, millis[ROUNDS / 2]);
    }
  }

  private static void watchOne(
      WatchCache cache, long revision, CountDownLatch ready, CountDownLatch seen) {
    WatchRequest request = WatchRequest.of(new WatchStart.After(revision), Filter.everything());
    try (CacheWatch watch = cache.watch(request)) {
      ready.countDown();
      while (watch.next(WAIT).events().isEmpty()) {
        Thread.onSpinWait();
      }
      seen.countDown();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /// Events that all concern one watcher, without and with a thousand others that wait for other
  /// nodes' events.
  private void filtered() throws Exception {
    double[] alone = new double[ROUNDS];
    double[] among = new double[ROUNDS];
    for (int round = -1; round < ROUNDS; round++) {
      double one = eventsPerSecond("alone" + round, 0);
      double many = eventsPerSecond("among" + round, FILTERED);
      if (round >= 0) {
        alone[round] = one;
        among[round] = many;
      }
    }
    Arrays.sort(alone);
    Arrays.sort(among);
    double ratio = alone[ROUNDS / 2] / among[ROUNDS / 2];
    System.out.printf(
        "events/s past one watcher: %,.0f; past %,d filtered watchers: %,.0f; cost %.2f times%n",
        alone[ROUNDS / 2], FILTERED, among[ROUNDS / 2], ratio);
  }

  private double eventsPerSecond(String name, int others) throws Exception {
    try (RocksStorage storage = open(directory.resolve(name));
        WatchCache cache =
            WatchCache.start(storage, CacheOptions.of("/things/"), CacheBenchmark::item)) {
      cache.awaitReady();
      List<Thread> threads = new ArrayList<>();
      CountDownLatch ready = new CountDownLatch(others + 1);
      AtomicLong received = new AtomicLong();
      for (int node = 1; node <= others; node++) {
        int mine = node;
        threads.add(Thread.ofVirtual().start(() -> watchNode(cache, mine, ready, received, 0)));
      }
      Thread first = Thread.ofVirtual().start(() -> watchNode(cache, 0, ready, received, EVENTS));
      require(ready.await(30, TimeUnit.SECONDS), "watchers that began");
      long start = System.nanoTime();
      write(storage);
      first.join();
      double rate = EVENTS * 1e9 / (System.nanoTime() - start);
      for (Thread thread : threads) {
        thread.interrupt();
        thread.join();
      }
      return rate;
    }
  }

  private static void write(Storage storage) throws InterruptedException {
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 16; i++) {
      int writer = i;
      threads.add(
          Thread.ofVirtual()
              .start(() -> {
                for (int n = 0; n < EVENTS / 16; n++) {
                  String key = "/things/%02d-%06d".formatted(writer, n);
                  require(
                      storage.create(key, value(0, 256), null) instanceof Outcome.Written,
                      "writes of " + key);
                }
              }));
    }
    for (Thread thread : threads) {
      thread.join();
    }
  }

  private static void watchNode(
      WatchCache cache, int node, CountDownLatch ready, AtomicLong received, int wanted) {
    WatchRequest request = WatchRequest.of(new WatchStart.After(0), onNode(node));
    try (CacheWatch watch = cache.watch(request)) {
      ready.countDown();
      long mine = 0;
      while (wanted == 0 || mine < wanted) {
        int got = watch.next(WAIT).events().size();
        mine += got;
        received.addAndGet(got);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static long usedHeap() {
    for (int i = 0; i < 3; i++) {
      System.gc();
    }
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }

  private static long millisSince(long nanos) {
    return (System.nanoTime() - nanos) / 1_000_000;
  }

  private static void require(boolean holds, String what) {
    if (!holds) {
      throw new IllegalStateException("the benchmark did not get " + what);
    }
  }
}
