package dev.otherix.apiserver.storage;

import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// Who may commit, and the writes that wait for it. One thread has the turn at a time: the writer
/// thread with all that waits, or a caller that finds nobody there with its own write alone, which
/// saves two hand-overs between threads. Guarded by its lock; what is confined to the turn is
/// handed on through it.
final class RocksTurn {
  private static final int BATCH_WRITES_MAX = 1024;
  private static final long BATCH_BYTES_MAX = 8L << 20;
  private static final long OFFER_MILLIS_MAX = 1000;
  private static final long PAUSE_MILLIS_MAX = 1000;

  private final int waitingMax;
  private final ReentrantLock lock = new ReentrantLock();

  /// The writer thread may have something to do.
  private final Condition due = lock.newCondition();

  private final Condition room = lock.newCondition();
  private final ArrayDeque<RocksWrite> waiting = new ArrayDeque<>();
  private boolean taken;

  /// By the writer thread, which goes before callers that come later.
  private boolean wanted;

  /// Whether the last writes were committed one by one. When they came together, callers gather
  /// before the writer thread: each of them with a sync of its own would be slower.
  private boolean single = true;

  private long pauseMillis = PAUSE_MILLIS_MAX;
  private boolean closed;

  /// @param waitingMax how many writes may wait
  RocksTurn(int waitingMax) {
    this.waitingMax = waitingMax;
  }

  /// Takes the turn for `write`, or has it wait for the writer thread; while there is no room, the
  /// caller waits a little.
  ///
  /// @param here whether the caller is ready to commit by itself
  /// @return whether the caller has the turn and owes a [#release]
  /// @throws StorageException `BUSY` or `CLOSED`, and the write is not taken
  boolean enter(RocksWrite write, boolean here) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      long nanos = TimeUnit.MILLISECONDS.toNanos(OFFER_MILLIS_MAX);
      while (waiting.size() >= waitingMax && !closed) {
        if (nanos <= 0) {
          throw new StorageException(
              StorageException.Reason.BUSY,
              waitingMax + " writes are waiting already; try again later");
        }
        nanos = room.awaitNanos(nanos);
      }
      if (closed) {
        throw StorageException.closed();
      }
      if (here && single && !taken && !wanted && waiting.isEmpty()) {
        taken = true;
        return true;
      }
      waiting.add(write);
      if (!taken) {
        due.signal();
      }
      return false;
    } finally {
      lock.unlock();
    }
  }

  /// For the writer thread: waits until there are writes, or the pause is over and it is time to
  /// look after the store, and takes the turn.
  ///
  /// @param writes takes those that are to be committed together
  /// @return false when the store is closed and nobody waits; there is no turn then
  boolean take(List<RocksWrite> writes) throws InterruptedException {
    lock.lock();
    try {
      long since = System.nanoTime();
      while (true) {
        long left = TimeUnit.MILLISECONDS.toNanos(pauseMillis) - (System.nanoTime() - since);
        wanted = left <= 0 || closed || !waiting.isEmpty();
        if (wanted && !taken) {
          break;
        }
        long nanos = wanted ? TimeUnit.MILLISECONDS.toNanos(PAUSE_MILLIS_MAX) : left;
        due.awaitNanos(nanos);
      }
      wanted = false;
      taken = !closed || !waiting.isEmpty();
      drain(writes);
      return taken;
    } finally {
      lock.unlock();
    }
  }

  private void drain(List<RocksWrite> writes) {
    long bytes = 0;
    while (!waiting.isEmpty() && writes.size() < BATCH_WRITES_MAX && bytes < BATCH_BYTES_MAX) {
      RocksWrite next = waiting.remove();
      writes.add(next);
      bytes += next.bytes();
    }
    if (!writes.isEmpty()) {
      single = writes.size() == 1;
      room.signalAll();
    }
  }

  /// Gives the turn back.
  ///
  /// @param pauseMillis after which the writer thread is to look after the store
  void release(long pauseMillis) {
    lock.lock();
    try {
      taken = false;
      if (wanted || !waiting.isEmpty() || pauseMillis < this.pauseMillis) {
        due.signal();
      }
      this.pauseMillis = Math.min(pauseMillis, PAUSE_MILLIS_MAX);
    } finally {
      lock.unlock();
    }
  }

  /// Takes no more writes. Those that wait are still handed to the writer thread.
  void close() {
    lock.lock();
    try {
      closed = true;
      due.signal();
      room.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /// What the writer thread left when it ended early.
  List<RocksWrite> abandoned() {
    lock.lock();
    try {
      List<RocksWrite> left = List.copyOf(waiting);
      waiting.clear();
      return left;
    } finally {
      lock.unlock();
    }
  }
}
