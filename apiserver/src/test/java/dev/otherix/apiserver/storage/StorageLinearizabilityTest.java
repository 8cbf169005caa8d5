package dev.otherix.apiserver.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.apimachinery.fault.Fault;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Concurrent clients of an engine never see what one register per key could not have shown.
final class StorageLinearizabilityTest {
  private static final int CLIENTS = 8;
  private static final int ROUNDS = 150;

  @TempDir private Path folder;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void memory_concurrentClients_areLinearizable(long seed) throws InterruptedException {
    try (Storage store = new MemoryStorage(InstantSource.system())) {
      check(store, seed);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void rocks_concurrentClients_areLinearizable(long seed) throws InterruptedException {
    try (Storage store = RocksStorage.open(RocksOptions.in(folder).withSync(seed == 1))) {
      check(store, seed);
    }
  }

  /// Every few commits fail: half of them before, half after they are on the disk.
  @Test
  void rocks_failingCommits_areLinearizable() throws InterruptedException {
    AtomicLong commits = new AtomicLong();
    try (Storage store = RocksStorage.open(RocksOptions.in(folder).withSync(false))) {
      Fault.arm("storage.beforeCommit", () -> failEvery(40, commits.incrementAndGet()));
      Fault.arm("storage.afterCommit", () -> failEvery(30, commits.get()));
      List<Operation> operations = check(store, 4);
      assertTrue(operations.stream().anyMatch(each -> each.answer() == null), "nothing failed");
    } finally {
      Fault.disarm("storage.beforeCommit");
      Fault.disarm("storage.afterCommit");
    }
  }

  private static void failEvery(int times, long count) {
    if (count % times == times - 1) {
      throw new IllegalStateException("a fault on purpose");
    }
  }

  private static List<Operation> check(Storage store, long seed) throws InterruptedException {
    List<Operation> operations =
        new ConcurrentHistory(store, "/lin/", 6).run(CLIENTS, ROUNDS, seed);
    assertEquals(
        Optional.empty(), Linearizability.violation(operations), "seed " + seed + ", not linear");
    assertTrue(
        operations.stream()
                .map(Operation::answer)
                .filter(each -> each != null && each.written())
                .count()
            > 50,
        "hardly anything was written");
    return operations;
  }
}
