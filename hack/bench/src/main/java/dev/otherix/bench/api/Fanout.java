package dev.otherix.bench.api;

import io.netty.buffer.ByteBuf;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;

/// Watchers that are open, and how long a change takes to all of them.
final class Fanout {
  private static final int PATIENCE_SECONDS = 60;

  private final H2Client client;
  private final int watchers;
  private final Semaphore events = new Semaphore(0);

  Fanout(H2Client client, int watchers) {
    this.client = client;
    this.watchers = watchers;
  }

  /// Opens the watches, one after the other on each connection.
  void open(IntFunction<String> path) throws InterruptedException {
    CountDownLatch opened = new CountDownLatch(watchers);
    for (int i = 0; i < watchers; i++) {
      int line = i % client.connections();
      String each = path.apply(i);
      client.execute(
          line,
          () -> {
            client.send(line, "GET", each, null, "", new Count());
            opened.countDown();
          });
    }
    opened.await();
  }

  /// Every message ends with a line break or is one DATA frame; a DATA frame counts once.
  private final class Count implements H2Client.Reply {
    @Override
    public void data(ByteBuf bytes) {
      events.release();
    }

    @Override
    public void end(int status) {
      throw new IllegalStateException("a watch ended with " + status);
    }
  }

  /// Milliseconds from sending the change until the last watcher has it.
  double change(H2Client other, Load.Order order) throws InterruptedException {
    events.drainPermits();
    long began = System.nanoTime();
    other.execute(
        0,
        () ->
            other.send(
                0,
                order.method(),
                order.path(),
                order.body(),
                "application/merge-patch+json",
                new H2Client.Reply() {
                  @Override
                  public void data(ByteBuf bytes) {}

                  @Override
                  public void end(int status) {
                    if (status != 200) {
                      throw new IllegalStateException("the change answered " + status);
                    }
                  }
                }));
    if (!events.tryAcquire(watchers, PATIENCE_SECONDS, TimeUnit.SECONDS)) {
      throw new IllegalStateException(
          "only " + events.availablePermits() + " of " + watchers + " watchers got the change");
    }
    return (System.nanoTime() - began) / 1e6;
  }
}
