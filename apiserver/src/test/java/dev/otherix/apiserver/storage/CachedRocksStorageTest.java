package dev.otherix.apiserver.storage;

import dev.otherix.apimachinery.codec.EncodedObject;
import dev.otherix.apiserver.watchcache.CacheItem;
import dev.otherix.apiserver.watchcache.CacheOptions;
import dev.otherix.apiserver.watchcache.CachedStorage;
import dev.otherix.apiserver.watchcache.WatchCache;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;

/// The contract through a cache, of a part that is smaller than its history.
@Tag("slow")
final class CachedRocksStorageTest extends StorageContract {
  private static final EncodedObject.Head HEAD = EncodedObject.Head.of("test/v1", "Bytes");

  private final ManualClock clock = new ManualClock();

  @Override
  Storage open(Path folder) {
    Storage store = RocksStorage.open(RocksOptions.in(folder).withSync(false).withClock(clock));
    CacheOptions options =
        CacheOptions.of("/a/")
            .withPageEntries(2)
            .withRing(4, 64, 1 << 20, Duration.ZERO)
            .withSnapshots(4, Duration.ofDays(1));
    return new CachedStorage(
        store, List.of(WatchCache.start(store, options, CachedRocksStorageTest::item)));
  }

  private static CacheItem item(Entry entry) {
    EncodedObject object = EncodedObject.ofBody(HEAD, entry.revision(), entry.value());
    return new CacheItem(entry.key(), object, Map.of(), Map.of());
  }

  @Override
  public void pass(Duration time) {
    clock.advance(time);
  }
}
