package dev.otherix.apiserver.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Concurrent clients of etcd, with and without outages, see what one register per key could have
/// shown.
@Tag("slow")
final class EtcdLinearizabilityTest {
  private static final int CLIENTS = 8;
  private static final int KEYS = 6;

  @TempDir private Path folder;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void concurrentClients_areLinearizable(long seed) throws InterruptedException {
    try (EtcdProcess etcd = EtcdProcess.start(folder.resolve("etcd"));
        Storage store = EtcdStorage.open(etcd.options())) {
      check(new ConcurrentHistory(store, "/lin/", KEYS).run(CLIENTS, 150, seed), seed);
    }
  }

  /// Etcd is killed again and again, as soon as it has taken some writes.
  @Test
  void outages_areLinearizable() throws Exception {
    EtcdOptions options;
    try (EtcdProcess etcd = EtcdProcess.start(folder.resolve("etcd"));
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      options = etcd.options().withTimeouts(Duration.ofSeconds(2), Duration.ofSeconds(30));
      try (Storage store = EtcdStorage.open(options)) {
        ConcurrentHistory history = new ConcurrentHistory(store, "/lin/", KEYS);
        Callable<List<Operation>> clients = () -> history.run(CLIENTS, 300, 4);
        Future<List<Operation>> operations = threads.submit(clients);
        int kills = 0;
        while (!operations.isDone() && kills < 100) {
          long revision = 0;
          while (!operations.isDone() && revision == 0) {
            revision = revision(store);
          }
          while (!operations.isDone() && revision(store) < revision + 40) {
            Thread.onSpinWait();
          }
          etcd.kill();
          etcd.restart();
          kills++;
        }
        List<Operation> noted = operations.get(120, TimeUnit.SECONDS);
        check(noted, 4);
        long unknown = noted.stream().filter(each -> each.answer() == null).count();
        System.out.printf(
            "etcd linearizability: %d operations, %d of unknown outcome, %d kills%n",
            noted.size(), unknown, kills);
        assertTrue(unknown > 0, "no outcome was unknown");
      }
    }
  }

  private static long revision(Storage store) {
    try {
      return store.revision();
    } catch (StorageException e) {
      assertEquals(StorageException.Reason.UNAVAILABLE, e.reason());
      return 0;
    }
  }

  private static void check(List<Operation> operations, long seed) {
    assertEquals(
        Optional.empty(), Linearizability.violation(operations), "seed " + seed + ", not linear");
    assertTrue(
        operations.stream().filter(each -> each.answer() != null && each.answer().written()).count()
            > 50,
        "hardly anything was written");
  }
}
