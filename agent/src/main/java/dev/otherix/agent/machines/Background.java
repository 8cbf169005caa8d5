package dev.otherix.agent.machines;

import org.jspecify.annotations.Nullable;

/// Work that takes long, on a thread of its own, so that its machine's keeper can go on meanwhile
/// and give it up. What it came to is read by the keeper.
final class Background {
  private final Thread thread;
  private volatile boolean over;
  private volatile @Nullable RuntimeException failure;

  /// What is to be done. An interrupt ends it.
  interface Work {
    void run() throws InterruptedException;
  }

  /// @param done called when it is over, from its thread
  Background(String name, Work work, Runnable done) {
    thread =
        Thread.ofVirtual()
            .name(name)
            .start(() -> {
              try {
                work.run();
              } catch (InterruptedException _) {
                failure = new IllegalStateException(name + " was given up");
              } catch (RuntimeException e) {
                failure = e;
              }
              over = true;
              done.run();
            });
  }

  boolean isOver() {
    return over;
  }

  /// Why it failed; null when it did not. Once it [#isOver].
  @Nullable RuntimeException failure() {
    return failure;
  }

  /// Stops it and waits until it touches nothing any more.
  void cancel() throws InterruptedException {
    thread.interrupt();
    thread.join();
  }
}
