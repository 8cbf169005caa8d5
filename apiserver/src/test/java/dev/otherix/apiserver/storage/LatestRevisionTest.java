package dev.otherix.apiserver.storage;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class LatestRevisionTest {
  private static final Duration LONG = Duration.ofMinutes(1);
  private static final int READERS = 50;

  private final AtomicLong revision = new AtomicLong(1);
  private final AtomicLong asked = new AtomicLong();
  private final Semaphore answers = new Semaphore(0);
  private final LinkedBlockingQueue<Thread> readers = new LinkedBlockingQueue<>();
  private final ExecutorService threads =
      Executors.newThreadPerTaskExecutor(task -> {
        Thread thread = Thread.ofPlatform().daemon().unstarted(task);
        readers.add(thread);
        return thread;
      });

  @AfterEach
  void end() {
    answers.release(1000);
    threads.shutdownNow();
  }

  /// The revision is that of the moment at which the question is asked.
  private long question() {
    long now = revision.get();
    asked.incrementAndGet();
    answers.acquireUninterruptibly();
    return now;
  }

  private void awaitWaiting(int count) {
    await()
        .until(() ->
            readers.size() == count
                && readers.stream()
                    .allMatch(each ->
                        each.getState() == Thread.State.WAITING
                            || each.getState() == Thread.State.TIMED_WAITING));
  }

  @Test
  void many_whileOneAsks_shareTheNextQuestion() throws Exception {
    LatestRevision latest = new LatestRevision(this::question, LONG);
    Future<Long> first = threads.submit(latest::get);
    await().until(() -> asked.get() == 1);
    revision.set(2);
    List<Future<Long>> others = new ArrayList<>();
    for (int i = 0; i < READERS; i++) {
      others.add(threads.submit(latest::get));
    }
    awaitWaiting(READERS + 1);
    answers.release(2);
    assertEquals(1, first.get());
    for (Future<Long> each : others) {
      assertEquals(2, each.get());
    }
    assertEquals(2, asked.get());
  }

  @Test
  void reader_afterTheQuestionWasAsked_doesNotGetItsAnswer() throws Exception {
    LatestRevision latest = new LatestRevision(this::question, LONG);
    Future<Long> early = threads.submit(latest::get);
    await().until(() -> asked.get() == 1);
    revision.set(7);
    Future<Long> late = threads.submit(latest::get);
    awaitWaiting(2);
    answers.release(2);
    assertEquals(1, early.get());
    assertEquals(7, late.get());
  }

  @Test
  void question_thatIsLost_doesNotKeepTheNextOneWaiting() throws Exception {
    LatestRevision latest = new LatestRevision(this::question, Duration.ofMillis(1));
    Future<Long> lost = threads.submit(latest::get);
    await().until(() -> asked.get() == 1);
    Future<Long> next = threads.submit(latest::get);
    await().until(() -> asked.get() == 2);
    assertFalse(lost.isDone() || next.isDone());
  }

  @Test
  void failure_isEverybodys_andTheNextAsksAnew() throws Exception {
    AtomicLong tries = new AtomicLong();
    LatestRevision latest =
        new LatestRevision(
            () -> {
              if (tries.incrementAndGet() == 2) {
                throw new StorageException(StorageException.Reason.UNAVAILABLE, "no answer");
              }
              return question();
            },
            LONG);
    Future<Long> first = threads.submit(latest::get);
    await().until(() -> asked.get() == 1);
    Future<Long> second = threads.submit(latest::get);
    Future<Long> third = threads.submit(latest::get);
    awaitWaiting(3);
    answers.release(2);
    assertEquals(1, first.get());
    for (Future<Long> each : List.of(second, third)) {
      Throwable failure = assertThrows(ExecutionException.class, each::get).getCause();
      StorageException told = assertInstanceOf(StorageException.class, failure);
      assertEquals(StorageException.Reason.UNAVAILABLE, told.reason());
      assertEquals("no answer", told.getMessage());
    }
    assertEquals(1, latest.get());
  }

  @Test
  void interrupt_ofTheOneWhoWouldAsk_hasAnotherAsk() throws Exception {
    LatestRevision latest = new LatestRevision(this::question, LONG);
    Future<Long> first = threads.submit(latest::get);
    await().until(() -> asked.get() == 1);
    Future<Long> second = threads.submit(latest::get);
    awaitWaiting(2);
    revision.set(3);
    Future<Long> third = threads.submit(latest::get);
    awaitWaiting(3);
    second.cancel(true);
    answers.release(2);
    assertEquals(1, first.get());
    assertEquals(3, third.get());
  }
}
