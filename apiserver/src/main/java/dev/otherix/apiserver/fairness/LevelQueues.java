package dev.otherix.apiserver.fairness;

import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apiserver.http.WouldWait;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.IntSupplier;
import java.util.function.LongConsumer;

/// One level: its seats, and one queue for each user that waits. Free seats go round the users, one
/// request each, so that a user's thousand requests delay another's one by one.
///
/// Thread-safe: everything is guarded by `lock`.
final class LevelQueues {
  private final Level level;
  private final int seats;
  private final FairnessLimits limits;
  private final IntSupplier retryAfterSeconds;
  private final LongConsumer waited;
  private final ReentrantLock lock = new ReentrantLock();

  // In the order of turns: whoever was served last stands last. No queue is empty.
  private final LinkedHashMap<String, Deque<Waiter>> queues = new LinkedHashMap<>();
  private int seatsInUse;
  private int executing;
  private int waiting;
  private long dispatched;
  private long rejectedQueueFull;
  private long rejectedTimeOut;
  private long rejectedCancelled;

  private static final class Waiter {
    final int seats;
    final Condition turn;
    boolean seated;

    Waiter(int seats, Condition turn) {
      this.seats = seats;
      this.turn = turn;
    }
  }

  LevelQueues(
      Level level, FairnessLimits limits, IntSupplier retryAfterSeconds, LongConsumer waited) {
    this.level = level;
    this.seats = limits.seats().getOrDefault(level, Integer.MAX_VALUE);
    this.limits = limits;
    this.retryAfterSeconds = retryAfterSeconds;
    this.waited = waited;
  }

  /// @throws ApiException 429 when the queues are full or the wait was too long
  /// @throws WouldWait when it would have to wait and may not; nothing has happened then
  Ticket admit(String user, int wantedSeats, boolean mayWait) throws InterruptedException {
    // What costs more than the whole level has runs alone.
    int cost = level == Level.EXEMPT ? wantedSeats : Math.min(wantedSeats, seats);
    lock.lock();
    try {
      if (level == Level.EXEMPT || (queues.isEmpty() && seatsInUse + cost <= seats)) {
        seat(cost);
        return new Ticket(this, cost);
      }
      if (!mayWait) {
        throw new WouldWait();
      }
      waitForTurn(user, cost);
      return new Ticket(this, cost);
    } finally {
      lock.unlock();
    }
  }

  private void waitForTurn(String user, int cost) throws InterruptedException {
    Deque<Waiter> queue = queues.get(user);
    if (waiting >= limits.waitingMax() || (queue != null && queue.size() >= limits.queueMax())) {
      rejectedQueueFull++;
      throw refusal("too many requests of " + level.wireName() + " wait already");
    }
    if (queue == null) {
      queue = new ArrayDeque<>();
      queues.put(user, queue);
    }
    Waiter waiter = new Waiter(cost, lock.newCondition());
    queue.add(waiter);
    waiting++;
    long budget = limits.patience().toNanos();
    long left = budget;
    boolean interrupted = true;
    try {
      while (!waiter.seated && left > 0) {
        left = waiter.turn.awaitNanos(left);
      }
      interrupted = false;
    } finally {
      waited.accept(budget - Math.max(0, left));
      if (interrupted) {
        rejectedCancelled++;
        leave(user, waiter);
      }
    }
    if (!waiter.seated) {
      rejectedTimeOut++;
      leave(user, waiter);
      throw refusal("the request waited for " + limits.patience().toSeconds() + " s in vain");
    }
  }

  /// Takes a waiter that gives up out of the queue; if it has just been seated, gives that back.
  private void leave(String user, Waiter waiter) {
    if (waiter.seated) {
      unseat(waiter.seats);
      return;
    }
    Deque<Waiter> queue = queues.get(user);
    if (queue == null || !queue.remove(waiter)) {
      throw new IllegalStateException("a waiter that is in no queue, of " + user);
    }
    waiting--;
    if (queue.isEmpty()) {
      queues.remove(user);
    }
    // It may have been the one that was too large for the seats that are free.
    seatWaiters();
  }

  private void seat(int cost) {
    seatsInUse += cost;
    executing++;
    dispatched++;
  }

  private void unseat(int cost) {
    seatsInUse -= cost;
    executing--;
    seatWaiters();
  }

  /// Gives free seats away, user by user. The first in turn is never passed over, or large requests
  /// would wait for ever.
  private void seatWaiters() {
    while (!queues.isEmpty()) {
      Map.Entry<String, Deque<Waiter>> first = queues.firstEntry();
      Waiter waiter = first.getValue().element();
      if (seatsInUse + waiter.seats > seats) {
        return;
      }
      first.getValue().remove();
      queues.remove(first.getKey());
      if (!first.getValue().isEmpty()) {
        queues.putLast(first.getKey(), first.getValue());
      }
      waiting--;
      waiter.seated = true;
      seat(waiter.seats);
      waiter.turn.signal();
    }
  }

  private ApiException refusal(String why) {
    return ApiException.tooManyRequests(
        "the server is busy: " + why + "; try again later", retryAfterSeconds.getAsInt());
  }

  Level level() {
    return level;
  }

  /// By a [Ticket], once.
  void giveBack(int cost) {
    lock.lock();
    try {
      unseat(cost);
    } finally {
      lock.unlock();
    }
  }

  LevelStats stats() {
    lock.lock();
    try {
      return new LevelStats(
          level,
          seats,
          executing,
          seatsInUse,
          waiting,
          dispatched,
          rejectedQueueFull,
          rejectedTimeOut,
          rejectedCancelled);
    } finally {
      lock.unlock();
    }
  }
}
