package dev.otherix.apiserver.storage;

import static dev.otherix.apiserver.storage.StorageCases.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/// Who commits: the caller or the writer thread.
final class RocksTurnTest {
  private static final long LONG_PAUSE = 1000;

  private final RocksTurn turn = new RocksTurn(3);

  private static RocksWrite write() {
    return new RocksWrite.Create("/a/k", new byte[1], 0, new CompletableFuture<>());
  }

  private List<RocksWrite> taken() throws InterruptedException {
    List<RocksWrite> writes = new ArrayList<>();
    assertTrue(turn.take(writes));
    turn.release(LONG_PAUSE);
    return writes;
  }

  @Test
  void enter_nobodyThere_isTheCallersTurn() throws InterruptedException {
    for (int i = 0; i < 3; i++) {
      assertTrue(turn.enter(write(), true));
      turn.release(LONG_PAUSE);
    }
  }

  @Test
  void enter_callerNotReady_waits() throws InterruptedException {
    RocksWrite write = write();
    assertFalse(turn.enter(write, false));
    assertEquals(List.of(write), taken());
  }

  @Test
  void enter_whileSomebodyCommits_waitsInOrder() throws InterruptedException {
    RocksWrite second = write();
    RocksWrite third = write();
    assertTrue(turn.enter(write(), true));
    assertFalse(turn.enter(second, true));
    turn.release(LONG_PAUSE);
    assertFalse(turn.enter(third, true), "went before one who waits");
    assertEquals(List.of(second, third), taken());
  }

  @Test
  void enter_afterABatchOfSeveral_waitsUntilOneComesAlone() throws InterruptedException {
    assertFalse(turn.enter(write(), false));
    assertFalse(turn.enter(write(), false));
    assertEquals(2, taken().size());
    assertFalse(turn.enter(write(), true), "a sync of its own although others write too");
    assertEquals(1, taken().size());
    assertTrue(turn.enter(write(), true));
  }

  @Test
  void take_pauseOver_comesBeforeLaterCallers() throws Exception {
    assertTrue(turn.enter(write(), true));
    turn.release(0);
    assertEquals(List.of(), taken());
  }

  @Test
  void enter_noRoom_isRefused() throws InterruptedException {
    for (int i = 0; i < 3; i++) {
      assertFalse(turn.enter(write(), false));
    }
    refused(StorageException.Reason.BUSY, () -> turn.enter(write(), true));
    assertEquals(3, taken().size());
    assertFalse(turn.enter(write(), false));
  }

  @Test
  void enter_interrupted_takesNothing() throws InterruptedException {
    Thread.currentThread().interrupt();
    assertThrows(InterruptedException.class, () -> turn.enter(write(), true));
    assertTrue(turn.enter(write(), true));
  }

  @Test
  void close_handsOutWhatWaitsAndTakesNoMore() throws InterruptedException {
    RocksWrite waiting = write();
    assertFalse(turn.enter(waiting, false));
    turn.close();
    refused(StorageException.Reason.CLOSED, () -> turn.enter(write(), true));
    assertEquals(List.of(waiting), taken());
    assertFalse(turn.take(new ArrayList<>()));
  }

  @Test
  void close_duringACallersTurn_waitsForIt() throws Exception {
    assertTrue(turn.enter(write(), true));
    turn.close();
    CompletableFuture<Boolean> more = new CompletableFuture<>();
    Thread writer =
        Thread.ofPlatform()
            .start(() -> {
              try {
                more.complete(turn.take(new ArrayList<>()));
              } catch (InterruptedException e) {
                more.completeExceptionally(e);
              }
            });
    assertFalse(more.isDone());
    turn.release(LONG_PAUSE);
    assertFalse(more.get(30, TimeUnit.SECONDS));
    writer.join();
  }

  @Test
  void abandoned_isWhatNobodyWillCommit() throws InterruptedException {
    RocksWrite waiting = write();
    assertFalse(turn.enter(waiting, false));
    assertEquals(List.of(waiting), turn.abandoned());
    assertEquals(List.of(), turn.abandoned());
  }
}
