package dev.otherix.apiserver.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.etcd.jetcd.api.KVGrpc;
import io.etcd.jetcd.api.TxnRequest;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Random histories on etcd: every answer is the model's, and the list at r and the events from r
/// on are the list at the end, for every r that is kept. An offset below zero makes the store begin
/// at revision 0, as the model does.
@Tag("slow")
final class EtcdHistoryTest {
  private static final int STEPS = 300;
  private static final List<String> PREFIXES = List.of("/", "/a/", "/ab/", "/none/");
  private static final List<String> KEYS = List.of("/a/1", "/a/2", "/a/b/1", "/a/b", "/ab/1", "/c");

  @TempDir private Path folder;

  private SplittableRandom random = new SplittableRandom(0);
  private final Storage model = new MemoryStorage(InstantSource.system());

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void randomHistory_isTheModels(long seed) throws InterruptedException {
    random = new SplittableRandom(seed);
    try (EtcdProcess etcd = EtcdProcess.start(folder.resolve("etcd"))) {
      beginAtZero(etcd.options());
      try (Storage store = EtcdStorage.open(etcd.options())) {
        assertEquals(0, store.revision());
        for (int step = 0; step < STEPS; step++) {
          step(store);
        }
        for (String prefix : PREFIXES) {
          addsUp(store, prefix);
        }
      }
    } catch (AssertionError e) {
      throw new AssertionError("seed " + seed + ": " + e.getMessage(), e);
    }
  }

  private static void beginAtZero(EtcdOptions options) {
    try (EtcdClient client = new EtcdClient(options)) {
      // A new etcd is at revision 1; this is its second.
      TxnRequest offset =
          TxnRequest.newBuilder().addSuccess(new EtcdBookkeeping(client).putOffset(-2)).build();
      assertTrue(client.write("begin", KVGrpc.getTxnMethod(), offset).getSucceeded());
    }
  }

  private void step(Storage store) {
    String key = KEYS.get(random.nextInt(KEYS.size()));
    byte[] value = StorageCases.bytes("v" + random.nextInt(1000));
    int dice = random.nextInt(100);
    if (dice < 30) {
      same(model.create(key, value, null), store.create(key, value, null));
    } else if (dice < 65) {
      long expected = expected(key);
      same(model.update(key, value, expected, null), store.update(key, value, expected, null));
    } else if (dice < 80) {
      long expected = expected(key);
      same(model.delete(key, expected), store.delete(key, expected));
    } else if (dice < 98) {
      read(store, key);
    } else {
      long revision = random.nextLong(model.revision() + 1);
      model.compact(revision);
      store.compact(revision);
      assertEquals(model.compactedRevision(), store.compactedRevision());
    }
    assertEquals(model.revision(), store.revision());
  }

  /// Most times the right one.
  private long expected(String key) {
    Entry entry = model.get(key, ReadAt.LATEST);
    return entry == null || random.nextInt(5) == 0
        ? random.nextLong(model.revision() + 1)
        : entry.revision();
  }

  private void read(Storage store, String key) {
    ReadAt at = ReadAt.LATEST;
    long floor = Math.max(1, model.compactedRevision());
    if (model.revision() >= floor && random.nextBoolean()) {
      at = ReadAt.revision(random.nextLong(floor, model.revision() + 1));
    }
    String prefix = PREFIXES.get(random.nextInt(PREFIXES.size()));
    String from = random.nextBoolean() ? "" : key + (random.nextBoolean() ? "\0" : "");
    int limit = random.nextInt(4);
    assertEquals(model.get(key, at), store.get(key, at));
    assertEquals(model.list(prefix, from, limit, at), store.list(prefix, from, limit, at));
    assertEquals(model.stats(prefix), store.stats(prefix));
  }

  private void addsUp(Storage store, String prefix) throws InterruptedException {
    long last = model.revision();
    long floor = Math.max(1, model.compactedRevision());
    for (long from = floor; from <= last; from += 1 + random.nextInt(10)) {
      Map<String, Entry> state = new TreeMap<>();
      for (Entry each : store.list(prefix, "", 0, ReadAt.revision(from)).entries()) {
        state.put(each.key(), each);
      }
      follow(store, prefix, from, last, state);
      List<Entry> end = model.list(prefix, "", 0, ReadAt.LATEST).entries();
      assertEquals(end, List.copyOf(state.values()), prefix + " from " + from);
    }
  }

  private static void follow(
      Storage store, String prefix, long from, long last, Map<String, Entry> state)
      throws InterruptedException {
    long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    try (Watch watch = store.watch(prefix, from)) {
      for (long reached = from; reached < last; ) {
        assertTrue(System.nanoTime() < deadline, "the watch stands at " + reached);
        Watch.Batch batch = watch.next(Duration.ofMillis(20));
        batch.events().forEach(each -> apply(each, state));
        reached = batch.revision();
      }
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

  private static void same(Outcome expected, Outcome actual) {
    assertEquals(expected, actual);
  }
}
