package dev.otherix.apiserver.storage;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// Asks for the latest revision once for all who want it at the same time. While one question is on
/// its way, those who come are gathered for the next: an answer is given only to who came before
/// its question was asked, so nobody misses a write that had returned by then. Thread-safe.
final class LatestRevision {
  /// How often one whose asker was interrupted turns to another.
  private static final int ATTEMPTS_MAX = 10;

  private final LongSupplier question;
  private final Duration patience;
  private final Semaphore turn = new Semaphore(1);
  private final ReentrantLock lock = new ReentrantLock();

  /// Not asked yet; guarded by the lock.
  private @Nullable Flight next;

  /// A question and its answer.
  private static final class Flight {
    final CompletableFuture<Long> answer = new CompletableFuture<>();
  }

  /// @param patience how long the next question waits for the one before it, which may have got
  ///   lost
  LatestRevision(LongSupplier question, Duration patience) {
    this.question = question;
    this.patience = patience;
  }

  /// @throws StorageException as the question; `UNAVAILABLE` when interrupted
  long get() {
    for (int attempt = 1; ; attempt++) {
      Flight mine = new Flight();
      Flight theirs = join(mine);
      try {
        if (theirs == mine) {
          ask(mine);
        }
        return theirs.answer.get();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw unavailable("interrupted while asking for the revision", e);
      } catch (ExecutionException e) {
        boolean again = theirs != mine && attempt < ATTEMPTS_MAX;
        switch (e.getCause()) {
          case InterruptedException _ when again -> {}
          // Everybody gets one of his own, with the way by which he came.
          case StorageException known ->
              throw new StorageException(known.reason(), String.valueOf(known.getMessage()), known);
          case null, default -> throw unavailable("the revision could not be asked for", e);
        }
      }
    }
  }

  /// @return the one to wait for: `mine` when there is none yet
  private Flight join(Flight mine) {
    lock.lock();
    try {
      next = next == null ? mine : next;
      return next;
    } finally {
      lock.unlock();
    }
  }

  private void ask(Flight flight) throws InterruptedException {
    boolean turns = false;
    try {
      turns = turn.tryAcquire(patience.toNanos(), TimeUnit.NANOSECONDS);
      close(flight);
      flight.answer.complete(question.getAsLong());
    } catch (InterruptedException e) {
      close(flight);
      flight.answer.completeExceptionally(e);
      throw e;
    } catch (RuntimeException e) {
      // That somebody wants no answer any more is nothing to the others.
      boolean given = Thread.currentThread().isInterrupted();
      flight.answer.completeExceptionally(given ? new InterruptedException() : e);
    } finally {
      if (turns) {
        turn.release();
      }
    }
  }

  /// Who comes from now on is too late for this answer.
  private void close(Flight flight) {
    lock.lock();
    try {
      if (next == flight) {
        next = null;
      }
    } finally {
      lock.unlock();
    }
  }

  private static StorageException unavailable(String message, Exception cause) {
    return new StorageException(StorageException.Reason.UNAVAILABLE, message, cause);
  }
}
