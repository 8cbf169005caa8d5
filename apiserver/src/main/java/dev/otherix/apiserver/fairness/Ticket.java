package dev.otherix.apiserver.fairness;

import java.util.concurrent.atomic.AtomicBoolean;

/// The right to be served now. To be closed when the work is done; for a watch, once it has
/// started, because from then on it costs next to nothing. Closing again does nothing. Thread-safe.
public final class Ticket implements AutoCloseable {
  private final LevelQueues queues;
  private final int seats;
  private final AtomicBoolean closed = new AtomicBoolean();

  Ticket(LevelQueues queues, int seats) {
    this.queues = queues;
    this.seats = seats;
  }

  /// The level that the caller was in, for the headers of the answer and for metrics.
  public Level level() {
    return queues.level();
  }

  /// What its work is thought to cost.
  public int seats() {
    return seats;
  }

  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      queues.giveBack(seats);
    }
  }
}
