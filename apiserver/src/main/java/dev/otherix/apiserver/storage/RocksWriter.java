package dev.otherix.apiserver.storage;

import dev.otherix.apimachinery.fault.Fault;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;

/// The one thread that writes. It drains the waiting writes, checks their preconditions against
/// memory and against what the same batch does before them, commits all of them with one sync, and
/// only then tells the index, the watchers and the callers, in this order. A platform thread,
/// because a sync would hold a carrier of virtual threads.
final class RocksWriter implements AutoCloseable {
  private static final Fault BEFORE_COMMIT = Fault.named("storage.beforeCommit");
  private static final Fault AFTER_COMMIT = Fault.named("storage.afterCommit");
  private static final Fault BEFORE_ANSWER = Fault.named("storage.beforeAnswer");
  private static final Fault BEFORE_SWEEP = Fault.named("storage.beforeSweep");

  private static final int BATCH_WRITES_MAX = 1024;
  private static final long BATCH_BYTES_MAX = 8L << 20;
  private static final long OFFER_MILLIS_MAX = 1000;
  private static final long IDLE_MILLIS_MAX = 1000;
  private static final long EXPIRY_MILLIS = 50;
  private static final long WITNESS_EVERY_MILLIS = 1000;

  private final RocksOptions options;
  private final RocksDatabase database;
  private final RocksIndex index;
  private final RecentEvents recent;
  private final RocksHistory history;
  private final RocksWitness witness;
  private final ArrayBlockingQueue<RocksWrite> queue;
  private final Thread thread;

  private volatile boolean closing;

  /// Why the last commit failed; cleared when the database was opened again.
  private volatile @Nullable StorageException broken;

  /// Whether the last step did nothing for want of space. Confined to the writer thread.
  private boolean starved;

  private long nextWitnessMillis;

  RocksWriter(
      RocksOptions options,
      RocksDatabase database,
      RocksIndex index,
      RecentEvents recent,
      RocksHistory history,
      RocksWitness witness) {
    this.options = options;
    this.database = database;
    this.index = index;
    this.recent = recent;
    this.history = history;
    this.witness = witness;
    this.queue = new ArrayBlockingQueue<>(options.queueMax());
    this.thread = Thread.ofPlatform().name("otherix-storage-writer").unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  /// Hands a write over, waiting a little when many are in front of it.
  void submit(RocksWrite write) {
    if (closing) {
      throw StorageException.closed();
    }
    try {
      if (!queue.offer(write, OFFER_MILLIS_MAX, TimeUnit.MILLISECONDS)) {
        throw new StorageException(
            StorageException.Reason.BUSY,
            options.queueMax() + " writes are waiting already; try again later");
      }
      if (closing) {
        thread.join();
        if (queue.remove(write)) {
          throw StorageException.closed();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StorageException(
          StorageException.Reason.UNKNOWN_OUTCOME, "interrupted while a write was on its way", e);
    }
  }

  private void run() {
    try {
      drainUntilClosed();
    } finally {
      closing = true;
      queue.forEach(each -> each.verdict().completeExceptionally(StorageException.closed()));
    }
  }

  private void drainUntilClosed() {
    List<RocksWrite> writes = new ArrayList<>();
    while (!closing || !queue.isEmpty()) {
      writes.clear();
      try {
        RocksWrite first = queue.poll(pauseMillis(), TimeUnit.MILLISECONDS);
        if (first != null) {
          drain(first, writes);
        }
      } catch (InterruptedException e) {
        closing = true;
        continue;
      }
      step(writes);
    }
  }

  private long pauseMillis() {
    if (starved || broken != null) {
      return IDLE_MILLIS_MAX;
    }
    return history.behind() ? 0 : index.mayExpire() ? EXPIRY_MILLIS : IDLE_MILLIS_MAX;
  }

  private void drain(RocksWrite first, List<RocksWrite> writes) {
    long bytes = bytes(first);
    writes.add(first);
    while (writes.size() < BATCH_WRITES_MAX && bytes < BATCH_BYTES_MAX) {
      RocksWrite next = queue.poll();
      if (next == null) {
        return;
      }
      writes.add(next);
      bytes += bytes(next);
    }
  }

  private static long bytes(RocksWrite write) {
    return switch (write) {
      case RocksWrite.Create create -> create.value().length;
      case RocksWrite.Update update -> update.value().length;
      case RocksWrite.Delete _, RocksWrite.Compact _ -> 0;
    };
  }

  private void step(List<RocksWrite> writes) {
    if (!ready(writes)) {
      return;
    }
    try {
      commit(writes);
      BEFORE_SWEEP.here();
      long now = options.clock().millis();
      history.sweep(recent.revision(), now);
      if (now >= nextWitnessMillis) {
        nextWitnessMillis = now + WITNESS_EVERY_MILLIS;
        witness.recordManifest();
      }
    } catch (RocksDBException | RuntimeException e) {
      StorageException failure =
          new StorageException(
              StorageException.Reason.UNKNOWN_OUTCOME,
              "the store in " + options.directory() + " could not commit: " + e.getMessage(),
              e);
      broken = failure;
      refuse(writes, failure);
    }
  }

  /// Refuses `writes` when there is no space, or when a former failure is not yet got over. While
  /// space is short a broken database stays open as it is, which is good enough for reads.
  private boolean ready(List<RocksWrite> writes) {
    try {
      long free = options.freeBytes().getAsLong();
      long needed = options.freeBytesMin();
      if (broken != null) {
        needed = Math.max(needed, database.bytesToReopen());
      }
      starved = free < needed;
      if (starved) {
        refuse(writes, full(free, needed));
        return false;
      }
      if (broken != null) {
        recover();
      }
      return true;
    } catch (RuntimeException e) {
      StorageException.Reason reason =
          e instanceof StorageException known && known.reason() == StorageException.Reason.CORRUPT
              ? StorageException.Reason.CORRUPT
              : StorageException.Reason.UNAVAILABLE;
      refuse(
          writes,
          new StorageException(
              reason,
              "the store in "
                  + options.directory()
                  + " cannot go on after a failed write, so nothing was written: "
                  + e.getMessage(),
              e));
      return false;
    }
  }

  private void commit(List<RocksWrite> writes) throws RocksDBException {
    try (RocksBatch batch =
        new RocksBatch(database, index, history, recent.revision(), options.clock().millis())) {
      batch.expire(BATCH_WRITES_MAX);
      writes.forEach(batch::add);
      if (!batch.isEmpty()) {
        BEFORE_COMMIT.here();
        batch.commit();
        AFTER_COMMIT.here();
        witness.record(batch.revision());
        recent.publish(batch.events(), batch.revision());
      }
      BEFORE_ANSWER.here();
      batch.answer();
    }
  }

  /// Gets over a failed commit: opens the database again, which tells what became of it, and
  /// publishes what turns out to have been written.
  private void recover() {
    database.reopen();
    index.load(database);
    long durable = RocksStorage.lastRevision(database);
    if (durable < recent.revision()) {
      throw new StorageException(
          StorageException.Reason.CORRUPT,
          "it ends at revision " + durable + " but acknowledged " + recent.revision());
    }
    while (recent.revision() < durable) {
      Watch.Batch batch = history.events("/", recent.revision(), durable, BATCH_WRITES_MAX);
      witness.record(batch.revision());
      recent.publish(batch.events(), batch.revision());
    }
    broken = null;
  }

  private StorageException full(long free, long needed) {
    return new StorageException(
        StorageException.Reason.FULL,
        "the disk of "
            + options.directory()
            + " has "
            + free
            + " bytes left and writes need "
            + needed
            + ", so nothing was written; free some space and try again");
  }

  private static void refuse(List<RocksWrite> writes, StorageException why) {
    writes.forEach(each -> each.verdict().completeExceptionally(why));
  }

  /// Lets waiting writes finish, then stops.
  @Override
  public void close() {
    closing = true;
    thread.interrupt();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
