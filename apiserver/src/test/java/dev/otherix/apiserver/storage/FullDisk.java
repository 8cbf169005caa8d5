package dev.otherix.apiserver.storage;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/// Fills the small file system that its argument is on, with nobody warning the store, and says
/// `ok` when the store behaved: writes fail, reads go on, and it recovers when space returns.
final class FullDisk {
  private static final int VALUE_BYTES = 1 << 20;
  private static final int BALLAST_BYTES = 128 << 20;
  private static final int REFUSALS = 5;
  private static final Duration RECOVERY_MAX = Duration.ofSeconds(30);

  private final RocksOptions options;
  private final Path ballast;
  private final Map<String, byte[]> acknowledged = new HashMap<>();
  private final SplittableRandom random = new SplittableRandom(20_260_101);

  private FullDisk(Path disk) {
    RocksOptions usual = RocksOptions.in(disk.resolve("store"));
    this.options =
        new RocksOptions(
            usual.directory(),
            true,
            usual.historyAge(),
            usual.historyRevisionsMax(),
            usual.cacheBytes(),
            usual.queueMax(),
            0,
            usual.freeBytes(),
            usual.clock());
    this.ballast = disk.resolve("ballast");
  }

  public static void main(String[] args) throws IOException {
    new FullDisk(Path.of(args[0])).run();
  }

  private void run() throws IOException {
    Files.write(ballast, new byte[BALLAST_BYTES]);
    try (RocksStorage store = RocksStorage.open(options)) {
      List<StorageException.Reason> reasons = new ArrayList<>();
      for (int i = 0; reasons.size() < REFUSALS; i++) {
        StorageException failure = write(store, "/full/" + i);
        if (failure != null) {
          reasons.add(failure.reason());
        }
      }
      System.out.println("full after " + acknowledged.size() + " writes: " + reasons);
      require(store);
      Files.delete(ballast);
      long deadline = System.nanoTime() + RECOVERY_MAX.toNanos();
      for (int i = 0; write(store, "/after/" + i) != null; i++) {
        if (System.nanoTime() > deadline) {
          throw new IllegalStateException("no recovery although there is space");
        }
      }
      require(store);
    }
    try (RocksStorage store = RocksStorage.open(options)) {
      require(store);
    }
    System.out.println("ok");
  }

  private @Nullable StorageException write(RocksStorage store, String key) {
    byte[] value = new byte[VALUE_BYTES];
    random.nextBytes(value);
    try {
      store.create(key, value, null);
      acknowledged.put(key, value);
      return null;
    } catch (StorageException e) {
      if (e.reason() == StorageException.Reason.FULL
          || e.reason() == StorageException.Reason.UNKNOWN_OUTCOME) {
        return e;
      }
      throw e;
    }
  }

  /// Every acknowledged write can be read, one by one and in a list.
  private void require(RocksStorage store) {
    Page page = store.list("/", "", 0, ReadAt.LATEST);
    Map<String, byte[]> listed = new HashMap<>();
    page.entries().forEach(each -> listed.put(each.key(), each.value()));
    acknowledged.forEach((key, value) -> {
      Entry entry = store.get(key, ReadAt.LATEST);
      if (entry == null
          || !java.util.Arrays.equals(value, entry.value())
          || !java.util.Arrays.equals(value, listed.get(key))) {
        throw new IllegalStateException(key + " was acknowledged and is " + entry);
      }
    });
  }
}
