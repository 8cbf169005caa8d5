package dev.otherix.bench.api;

import io.netty.buffer.ByteBuf;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/// A number of streams that each send the next request when the last one is answered.
final class Load {
  /// One request.
  record Order(String method, String path, byte @Nullable [] body) {}

  /// What came of a round.
  record Outcome(double perSecond, double p50Micros, double p99Micros) {}

  private final H2Client client;
  private final int streams;
  private final int expected;
  private final LongFunction<Order> orders;
  private final AtomicBoolean stopped = new AtomicBoolean();
  private final AtomicReference<@Nullable String> failure = new AtomicReference<>();
  private final CountDownLatch idle;
  private final long[][] times;
  private final int[] counts;

  /// Counts requests over all streams and rounds; only the loop's thread uses it.
  private long number;

  /// @param orders what to send as the n-th request
  /// @param expected the status that all answers must have
  private Load(H2Client client, int streams, int expected, long first, LongFunction<Order> orders) {
    this.client = client;
    this.streams = streams;
    this.expected = expected;
    this.orders = orders;
    this.number = first;
    this.idle = new CountDownLatch(streams);
    this.times = new long[streams][1024];
    this.counts = new int[streams];
  }

  /// @param first the number of the first request
  static Outcome run(
      H2Client client,
      int streams,
      long millis,
      int expected,
      long first,
      LongFunction<Order> orders)
      throws InterruptedException {
    return new Load(client, streams, expected, first, orders).run(millis);
  }

  private Outcome run(long millis) throws InterruptedException {
    long began = System.nanoTime();
    for (int i = 0; i < streams; i++) {
      int stream = i;
      client.execute(i % client.connections(), () -> guarded(stream));
    }
    Thread.sleep(millis);
    stopped.set(true);
    idle.await();
    double seconds = (System.nanoTime() - began) / 1e9;
    String failed = failure.get();
    if (failed != null) {
      throw new IllegalStateException(failed);
    }
    int total = Arrays.stream(counts).sum();
    long[] all = new long[total];
    int at = 0;
    for (int i = 0; i < streams; i++) {
      System.arraycopy(times[i], 0, all, at, counts[i]);
      at += counts[i];
    }
    Arrays.sort(all);
    return new Outcome(total / seconds, all[total / 2] / 1e3, all[(int) (total * 0.99)] / 1e3);
  }

  /// A stream that cannot go on ends the round, and does not leave the others waiting.
  private void guarded(int stream) {
    try {
      next(stream);
    } catch (RuntimeException e) {
      failure.set(e.toString());
      stopped.set(true);
      idle.countDown();
    }
  }

  private void next(int stream) {
    if (stopped.get()) {
      idle.countDown();
      return;
    }
    Order order = orders.apply(number++);
    long began = System.nanoTime();
    client.send(
        stream % client.connections(),
        order.method,
        order.path,
        order.body,
        "application/json",
        new H2Client.Reply() {
          @Override
          public void data(ByteBuf bytes) {}

          @Override
          public void end(int status) {
            if (status != expected) {
              failure.set(order.path + " answered " + status);
              stopped.set(true);
            }
            if (counts[stream] == times[stream].length) {
              times[stream] = Arrays.copyOf(times[stream], 2 * times[stream].length);
            }
            times[stream][counts[stream]++] = System.nanoTime() - began;
            guarded(stream);
          }
        });
  }
}
