package dev.otherix.apiserver.storage;

import java.time.Duration;
import java.util.List;

/// A cursor: what it needs to know is where it stands. It reads recent events from memory and older
/// ones from the log, so that a slow watcher costs no memory.
final class RocksWatch implements Watch {
  private static final int BATCH_EVENTS_MAX = 1000;
  private static final int LOG_RECORDS_MAX = 1000;

  private final RecentEvents recent;
  private final RocksHistory history;
  private final String prefix;
  private final PrefixRevisions.Watched watched;
  private long after;
  private volatile boolean cancelled;

  RocksWatch(RecentEvents recent, RocksHistory history, String prefix, long after) {
    this.recent = recent;
    this.history = history;
    this.prefix = prefix;
    this.watched = recent.open(prefix);
    this.after = after;
  }

  @Override
  public Batch next(Duration timeout) throws InterruptedException {
    long deadline = System.nanoTime() + timeout.toNanos();
    while (true) {
      if (cancelled || recent.closed()) {
        throw StorageException.closed();
      }
      // The store's revision first: what is under the prefix up to it is then known to `last`.
      long whole = recent.revision();
      Batch batch =
          watched.last() <= after
              ? new Batch(List.of(), Math.max(after, whole))
              : recent.read(prefix, after, BATCH_EVENTS_MAX);
      if (batch == null) {
        batch = history.events(prefix, after, recent.revision(), LOG_RECORDS_MAX);
      }
      after = batch.revision();
      long left = deadline - System.nanoTime();
      if (!batch.events().isEmpty() || left <= 0) {
        return batch;
      }
      recent.await(watched, after, Duration.ofNanos(left), () -> cancelled);
    }
  }

  @Override
  public synchronized void close() {
    if (!cancelled) {
      cancelled = true;
      recent.close(watched);
    }
  }
}
