package dev.otherix.apiserver.storage;

import dev.otherix.apimachinery.fault.Fault;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;

/// Commits writes. Whoever has the turn ([RocksTurn]) checks the preconditions of its writes
/// against memory and against what the same batch does before them, commits all of them with one
/// sync, and only then tells the index, the watchers and the callers, in this order. A write that
/// comes alone is committed by its caller; those that come together, and everything that is due
/// from time to time (expiries, sweeping, getting over a failure), are the writer thread's. A
/// platform thread, because a sync holds a carrier of virtual threads.
final class RocksWriter implements AutoCloseable {
  private static final Fault BEFORE_COMMIT = Fault.named("storage.beforeCommit");
  private static final Fault AFTER_COMMIT = Fault.named("storage.afterCommit");
  private static final Fault BEFORE_ANSWER = Fault.named("storage.beforeAnswer");
  private static final Fault BEFORE_SWEEP = Fault.named("storage.beforeSweep");

  private static final int EXPIRIES_MAX = 1024;
  private static final int EVENTS_MAX = 1024;
  private static final long IDLE_MILLIS_MAX = 1000;
  private static final long EXPIRY_MILLIS = 50;
  private static final long WITNESS_EVERY_MILLIS = 1000;

  /// A virtual thread that syncs holds its carrier, which must not be the only one.
  private static final boolean CALLERS_COMMIT = Runtime.getRuntime().availableProcessors() > 1;

  private final RocksOptions options;
  private final RocksDatabase database;
  private final RocksIndex index;
  private final RecentEvents recent;
  private final RocksHistory history;
  private final RocksWitness witness;
  private final RocksTurn turn;
  private final Thread thread;

  /// Why the last commit failed; cleared when the database was opened again.
  private volatile @Nullable StorageException broken;

  /// Whether the last step did nothing for want of space. Confined to the turn, as is the next.
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
    this.turn = new RocksTurn(options.queueMax());
    this.thread = Thread.ofPlatform().name("otherix-storage-writer").unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  /// Commits a write or hands it over, waiting a little when many are in front of it.
  void submit(RocksWrite write) {
    try {
      if (!turn.enter(write, CALLERS_COMMIT && broken == null)) {
        return;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StorageException(
          StorageException.Reason.UNKNOWN_OUTCOME, "interrupted while a write was on its way", e);
    }
    try {
      write(List.of(write));
    } finally {
      turn.release(pauseMillis());
    }
  }

  private void run() {
    List<RocksWrite> writes = new ArrayList<>();
    try {
      while (turn.take(writes)) {
        try {
          if (write(writes)) {
            tend();
          }
        } finally {
          turn.release(pauseMillis());
        }
        writes.clear();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      turn.close();
      refuse(turn.abandoned(), StorageException.closed());
    }
  }

  private long pauseMillis() {
    if (starved || broken != null) {
      return IDLE_MILLIS_MAX;
    }
    return history.behind() ? 0 : index.mayExpire() ? EXPIRY_MILLIS : IDLE_MILLIS_MAX;
  }

  /// @return whether the store is in order after
  private boolean write(List<RocksWrite> writes) {
    if (!ready(writes)) {
      return false;
    }
    try {
      commit(writes);
      return true;
    } catch (RocksDBException | RuntimeException e) {
      fail(writes, e);
      return false;
    } catch (Error e) {
      // The next one to write must find out first how far this one came.
      fail(writes, e);
      throw e;
    }
  }

  /// What is due from time to time.
  private void tend() {
    try {
      BEFORE_SWEEP.here();
      long now = options.clock().millis();
      history.sweep(recent.revision(), now);
      if (now >= nextWitnessMillis) {
        nextWitnessMillis = now + WITNESS_EVERY_MILLIS;
        witness.recordManifest();
      }
    } catch (RocksDBException | RuntimeException e) {
      fail(List.of(), e);
    }
  }

  private void fail(List<RocksWrite> writes, Throwable e) {
    StorageException failure =
        new StorageException(
            StorageException.Reason.UNKNOWN_OUTCOME,
            "the store in " + options.directory() + " could not commit: " + e.getMessage(),
            e);
    broken = failure;
    refuse(writes, failure);
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
    RocksBatch batch =
        new RocksBatch(database, index, history, recent.revision(), options.clock().millis());
    batch.expire(EXPIRIES_MAX);
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
      Watch.Batch batch = history.events("/", recent.revision(), durable, EVENTS_MAX);
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
    turn.close();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
