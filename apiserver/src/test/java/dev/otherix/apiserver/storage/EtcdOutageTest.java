package dev.otherix.apiserver.storage;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Etcd dies, hangs and comes back under load.
@Tag("slow")
final class EtcdOutageTest {
  private static final int KILLS = 5;
  private static final int WRITERS = 8;
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir private Path folder;

  /// What became of the writes, and the events that a watch handed out meanwhile. Each write
  /// creates a key of its own.
  private static final class Load {
    final Storage store;
    final AtomicBoolean over = new AtomicBoolean();
    final AtomicInteger keys = new AtomicInteger();
    final Map<String, Long> written = new ConcurrentHashMap<>();
    final Set<String> unknown = ConcurrentHashMap.newKeySet();
    final Set<String> refused = ConcurrentHashMap.newKeySet();
    final Map<String, Long> events = new ConcurrentHashMap<>();
    volatile long reached;

    Load(Storage store) {
      this.store = store;
    }

    boolean write() {
      while (!over.get()) {
        String key = "/a/" + keys.incrementAndGet();
        try {
          Outcome outcome = store.create(key, new byte[100], null);
          written.put(key, assertInstanceOf(Outcome.Written.class, outcome).revision());
        } catch (StorageException e) {
          switch (e.reason()) {
            case UNKNOWN_OUTCOME -> unknown.add(key);
            case UNAVAILABLE -> refused.add(key);
            default -> throw e;
          }
        }
      }
      return true;
    }

    /// Ends when everything up to the store's revision was handed out after the writes are over.
    boolean watch(Watch watch) throws InterruptedException {
      long last = 0;
      while (!over.get() || reached < store.revision()) {
        Watch.Batch batch = watch.next(Duration.ofMillis(100));
        for (StorageEvent event : batch.events()) {
          assertTrue(event.revision() > last, event + " comes after " + last);
          assertTrue(event.revision() <= batch.revision());
          last = event.revision();
          assertEquals(null, events.put(event.key(), event.revision()), event + " is doubled");
        }
        assertTrue(batch.revision() >= reached);
        reached = batch.revision();
      }
      return true;
    }

    /// Writes and watches while `trouble` goes on, then checks what was noted.
    void during(Callable<Boolean> trouble) throws Exception {
      try (Watch watch = store.watch("/a/", store.revision());
          ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
        List<Future<Boolean>> tasks = new ArrayList<>();
        tasks.add(threads.submit(() -> watch(watch)));
        for (int i = 0; i < WRITERS; i++) {
          tasks.add(threads.submit(this::write));
        }
        try {
          assertTrue(trouble.call());
        } finally {
          over.set(true);
        }
        for (Future<Boolean> task : tasks) {
          assertTrue(task.get(PATIENCE.toSeconds(), TimeUnit.SECONDS));
        }
      }
      check();
    }

    @Override
    public String toString() {
      return written.size()
          + " acknowledged, "
          + unknown.size()
          + " unknown, "
          + refused.size()
          + " refused, 0 lost, 0 doubled";
    }

    void check() {
      Set<String> there = new HashSet<>();
      for (Entry entry : store.list("/a/", "", 0, ReadAt.LATEST).entries()) {
        there.add(entry.key());
        assertEquals(entry.revision(), events.get(entry.key()), entry + " has an event");
        assertFalse(refused.contains(entry.key()), entry + " was refused");
      }
      assertEquals(there, events.keySet());
      written.forEach(
          (key, revision) -> assertEquals(revision, events.get(key), key + " is lost or moved"));
      Set<String> answered = new HashSet<>(written.keySet());
      answered.addAll(unknown);
      assertTrue(answered.containsAll(there), "nobody wrote some of the entries");
    }
  }

  private static void awaitWrites(Load load, int count) {
    int before = load.written.size();
    await().atMost(PATIENCE).until(() -> load.written.size() >= before + count);
  }

  /// Waits for the first write and the first event from now on.
  private static String recovery(Load load) {
    long begin = System.nanoTime();
    int events = load.events.size();
    awaitWrites(load, 1);
    long write = millisSince(begin);
    await().atMost(PATIENCE).until(() -> load.events.size() > events);
    return " write " + write + " ms, event " + millisSince(begin) + " ms;";
  }

  @Test
  void kill_underLoad_losesAndDoublesNothing() throws Exception {
    StringBuilder times = new StringBuilder();
    try (EtcdProcess etcd = EtcdProcess.start(folder.resolve("etcd"));
        EtcdStorage store = EtcdStorage.open(etcd.options())) {
      Load load = new Load(store);
      load.during(() -> {
        for (int kill = 1; kill <= KILLS; kill++) {
          awaitWrites(load, 200);
          etcd.kill();
          assertThrows(StorageException.class, store::revision);
          etcd.restart();
          times.append(recovery(load));
        }
        return true;
      });
      assertTrue(load.refused.size() + load.unknown.size() > 0, "the outages went unnoticed");
      System.out.println("etcd of one: " + load + "; from restart to first" + times);
    }
  }

  /// Members die and hang one by one; the others go on.
  @Test
  void failover_underLoad_losesAndDoublesNothing() throws Exception {
    StringBuilder times = new StringBuilder();
    List<EtcdProcess> members = EtcdProcess.startMembers(folder, 3);
    EtcdOptions options =
        EtcdOptions.at(members.stream().map(EtcdProcess::endpoint).toList())
            .withTimeouts(Duration.ofSeconds(2), Duration.ofSeconds(30));
    try (EtcdStorage store = EtcdStorage.open(options)) {
      Load load = new Load(store);
      load.during(() -> {
        for (EtcdProcess member : members) {
          awaitWrites(load, 200);
          member.kill();
          times.append(recovery(load));
          awaitWrites(load, 200);
          member.restart();
        }
        for (EtcdProcess member : members) {
          awaitWrites(load, 200);
          member.freeze();
          times.append(recovery(load));
          member.thaw();
        }
        return true;
      });
      System.out.println("etcd of three: " + load + "; from kill or hang to first" + times);
    } finally {
      members.forEach(EtcdProcess::close);
    }
  }

  private static long millisSince(long begin) {
    return (System.nanoTime() - begin) / 1_000_000;
  }

  @Test
  void longOutage_storeAndWatch_recoverSoon() throws Exception {
    try (EtcdProcess etcd = EtcdProcess.start(folder.resolve("etcd"));
        EtcdStorage store = EtcdStorage.open(etcd.options());
        Watch watch = store.watch("/a/", store.revision())) {
      etcd.kill();
      // As long as gRPC's pauses between attempts need to become long.
      long end = System.nanoTime() + Duration.ofSeconds(15).toNanos();
      while (System.nanoTime() < end) {
        assertEquals(List.of(), watch.next(Duration.ofMillis(200)).events());
        StorageException e = assertThrows(StorageException.class, store::revision);
        assertEquals(StorageException.Reason.UNAVAILABLE, e.reason());
      }
      etcd.restart();
      long begin = System.nanoTime();
      await()
          .pollInterval(Duration.ofMillis(20))
          .atMost(PATIENCE)
          .ignoreExceptions()
          .until(() -> store.create("/a/1", new byte[1], null) instanceof Outcome.Written);
      long write = millisSince(begin);
      while (watch.next(Duration.ofMillis(100)).events().isEmpty()) {
        assertTrue(millisSince(begin) < PATIENCE.toMillis(), "the watch does not recover");
      }
      System.out.printf(
          "etcd outage of 15 s: first write %d ms, first event %d ms after the restart%n",
          write, millisSince(begin));
    }
  }

  @Test
  void outage_longerThanAllowed_endsTheWatch() throws Exception {
    try (EtcdProcess etcd = EtcdProcess.start(folder.resolve("etcd"));
        EtcdStorage store =
            EtcdStorage.open(
                etcd.options().withTimeouts(Duration.ofSeconds(5), Duration.ofSeconds(1)));
        Watch watch = store.watch("/a/", store.revision())) {
      etcd.kill();
      StorageException e =
          assertThrows(
              StorageException.class,
              () -> {
                while (true) {
                  watch.next(PATIENCE);
                }
              });
      assertEquals(StorageException.Reason.UNAVAILABLE, e.reason());
      assertThrows(StorageException.class, () -> watch.next(Duration.ZERO));
    }
  }

  @Test
  void hanging_calls_endInTime() throws Exception {
    try (EtcdProcess etcd = EtcdProcess.start(folder.resolve("etcd"));
        EtcdStorage store =
            EtcdStorage.open(
                etcd.options().withTimeouts(Duration.ofSeconds(1), Duration.ofSeconds(30)))) {
      etcd.freeze();
      long begin = System.nanoTime();
      try {
        StorageException write =
            assertThrows(StorageException.class, () -> store.create("/a/1", new byte[1], null));
        assertEquals(StorageException.Reason.UNKNOWN_OUTCOME, write.reason());
        StorageException read =
            assertThrows(StorageException.class, () -> store.get("/a/1", ReadAt.LATEST));
        assertEquals(StorageException.Reason.UNAVAILABLE, read.reason());
      } finally {
        etcd.thaw();
      }
      assertTrue(millisSince(begin) < 5000, "two calls of a second each took longer");
      await().atMost(PATIENCE).ignoreExceptions().until(() -> store.revision() > 0);
    }
  }

  @Test
  void open_withoutEtcd_isUnavailable() {
    EtcdOptions options;
    try (EtcdProcess etcd = EtcdProcess.start(folder.resolve("etcd"))) {
      options = etcd.options();
    }
    StorageException e =
        assertThrows(StorageException.class, () -> EtcdStorage.open(options).close());
    assertEquals(StorageException.Reason.UNAVAILABLE, e.reason());
  }

  @Test
  void deadMember_beforeALiveOne_isPassedOver() {
    EtcdOptions dead;
    try (EtcdProcess etcd = EtcdProcess.start(folder.resolve("dead"))) {
      dead = etcd.options();
    }
    try (EtcdProcess etcd = EtcdProcess.start(folder.resolve("live"))) {
      EtcdOptions both = EtcdOptions.at(List.of(dead.endpoints().getFirst(), etcd.endpoint()));
      try (EtcdStorage store = EtcdStorage.open(both)) {
        assertInstanceOf(Outcome.Written.class, store.create("/a/1", new byte[1], null));
      }
    }
  }
}
