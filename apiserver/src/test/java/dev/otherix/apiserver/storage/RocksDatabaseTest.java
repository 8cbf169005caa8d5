package dev.otherix.apiserver.storage;

import static dev.otherix.apiserver.storage.StorageCases.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.RocksDBException;

/// Closing and reopening under reads that take long.
final class RocksDatabaseTest {
  private static final byte[] KEY = {1};
  private static final byte[] VALUE = {2};

  private final AtomicBoolean stop = new AtomicBoolean();
  private final CountDownLatch scanning = new CountDownLatch(1);
  @TempDir private Path folder;
  private RocksDatabase database;

  @BeforeEach
  void open() throws RocksDBException {
    database = RocksDatabase.open(RocksOptions.in(folder).withSync(false));
    RocksChanges changes = new RocksChanges();
    changes.put(RocksDatabase.Family.META, KEY, VALUE);
    database.write(changes, false);
  }

  /// Looks at the same record again and again.
  private FutureTask<Boolean> scan() throws InterruptedException {
    FutureTask<Boolean> task =
        new FutureTask<>(
            () ->
                database.scan(
                    RocksDatabase.Family.META,
                    KEY,
                    (_, _) -> {
                      scanning.countDown();
                      return stop.get() ? null : KEY;
                    }),
            true);
    Thread.ofPlatform().daemon().start(task);
    scanning.await();
    return task;
  }

  @Test
  void close_duringAScan_endsIt() throws InterruptedException {
    FutureTask<Boolean> scan = scan();
    database.close();
    ExecutionException failure =
        assertThrows(ExecutionException.class, () -> scan.get(30, TimeUnit.SECONDS));
    StorageException cause = assertInstanceOf(StorageException.class, failure.getCause());
    assertEquals(StorageException.Reason.CLOSED, cause.reason());
  }

  @Test
  void reopen_duringAScan_isRefusedAndLeavesReadsAlone() throws Exception {
    FutureTask<Boolean> scan = scan();
    refused(StorageException.Reason.UNAVAILABLE, () -> database.reopen());
    assertArrayEquals(VALUE, database.get(RocksDatabase.Family.META, KEY));
    stop.set(true);
    scan.get(30, TimeUnit.SECONDS);
    database.reopen();
    assertArrayEquals(VALUE, database.get(RocksDatabase.Family.META, KEY));
    database.close();
  }
}
