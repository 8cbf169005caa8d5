package dev.otherix.apiserver.watchcache;

import dev.otherix.apiserver.storage.Entry;
import dev.otherix.apiserver.storage.Outcome;
import dev.otherix.apiserver.storage.Page;
import dev.otherix.apiserver.storage.ReadAt;
import dev.otherix.apiserver.storage.Storage;
import dev.otherix.apiserver.storage.StorageException;
import dev.otherix.apiserver.storage.Watch;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// A store whose lists and watches fail while a reason is set, and whose watches can be held up.
/// Thread-safe.
public final class FaultyStorage implements Storage {
  private final Storage store;
  final AtomicReference<StorageException.@Nullable Reason> listFails = new AtomicReference<>();
  final AtomicReference<StorageException.@Nullable Reason> watchFails = new AtomicReference<>();

  /// Watches hand out nothing and make no progress.
  public volatile boolean stalled;

  /// Requests that reached the store.
  final AtomicInteger lists = new AtomicInteger();

  final AtomicInteger gets = new AtomicInteger();

  public FaultyStorage(Storage store) {
    this.store = store;
  }

  private static void fail(AtomicReference<StorageException.@Nullable Reason> reason) {
    StorageException.Reason armed = reason.get();
    if (armed != null) {
      throw new StorageException(armed, "the test wants it");
    }
  }

  @Override
  public long revisionNow(String prefix) {
    return store.revisionNow(prefix);
  }

  @Override
  public long revision() {
    return store.revision();
  }

  @Override
  public @Nullable Entry get(String key, ReadAt at) {
    gets.incrementAndGet();
    return store.get(key, at);
  }

  @Override
  public Page list(String prefix, String from, int limit, ReadAt at) {
    lists.incrementAndGet();
    fail(listFails);
    return store.list(prefix, from, limit, at);
  }

  @Override
  public Outcome create(String key, byte[] value, @Nullable Duration timeToLive) {
    return store.create(key, value, timeToLive);
  }

  @Override
  public Outcome update(
      String key, byte[] value, long expectedRevision, @Nullable Duration timeToLive) {
    return store.update(key, value, expectedRevision, timeToLive);
  }

  @Override
  public Outcome delete(String key, long expectedRevision) {
    return store.delete(key, expectedRevision);
  }

  @Override
  public Watch watch(String prefix, long afterRevision) {
    fail(watchFails);
    return new FaultyWatch(store.watch(prefix, afterRevision), afterRevision);
  }

  @Override
  public void compact(long revision) {
    store.compact(revision);
  }

  @Override
  public long compactedRevision() {
    return store.compactedRevision();
  }

  @Override
  public Stats stats(String prefix) {
    return store.stats(prefix);
  }

  @Override
  public long backup(Path target) {
    return store.backup(target);
  }

  @Override
  public void close() {
    store.close();
  }

  private final class FaultyWatch implements Watch {
    private final Watch watch;
    private long after;

    FaultyWatch(Watch watch, long after) {
      this.watch = watch;
      this.after = after;
    }

    @Override
    public Batch next(Duration timeout) throws InterruptedException {
      fail(watchFails);
      if (stalled) {
        LockSupport.parkNanos(1_000_000);
        return new Batch(List.of(), after);
      }
      Batch batch = watch.next(timeout);
      after = batch.revision();
      return batch;
    }

    @Override
    public void close() {
      watch.close();
    }
  }
}
