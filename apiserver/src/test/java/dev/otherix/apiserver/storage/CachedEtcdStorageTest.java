package dev.otherix.apiserver.storage;

import dev.otherix.apimachinery.codec.EncodedObject;
import dev.otherix.apiserver.watchcache.CacheItem;
import dev.otherix.apiserver.watchcache.CacheOptions;
import dev.otherix.apiserver.watchcache.CachedStorage;
import dev.otherix.apiserver.watchcache.WatchCache;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;

/// The contract through a cache of everything, in front of a real etcd.
@Tag("slow")
final class CachedEtcdStorageTest extends StorageContract {
  private static final EncodedObject.Head HEAD = EncodedObject.Head.of("test/v1", "Bytes");
  private static final AtomicInteger CASES = new AtomicInteger();

  @TempDir private static Path etcdFolder;
  private static EtcdProcess etcd;

  @BeforeAll
  static void startEtcd() {
    etcd = EtcdProcess.start(etcdFolder.resolve("etcd"));
  }

  @AfterAll
  static void stopEtcd() {
    etcd.close();
  }

  @Override
  Storage open(Path folder) {
    Storage store = EtcdStorage.open(options());
    WatchCache cache = WatchCache.start(store, CacheOptions.of("/"), CachedEtcdStorageTest::item);
    return new CachedStorage(store, List.of(cache));
  }

  private static CacheItem item(Entry entry) {
    EncodedObject object = EncodedObject.ofBody(HEAD, entry.revision(), entry.value());
    return new CacheItem(entry.key(), object, Map.of(), Map.of());
  }

  @Override
  public int valueBytesMax() {
    return options().valueBytesMax();
  }

  private static EtcdOptions options() {
    return etcd.options().withPrefix("/case-" + CASES.incrementAndGet());
  }
}
