package dev.otherix.apiserver.server;

import dev.otherix.apimachinery.meter.Family;
import dev.otherix.apiserver.health.Concerns;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/// How long durable writes take, whichever engine does them, and a concern when that gets long:
/// then the disk is slow, or on etcd the network between its members. Looks at writes that are made
/// anyway, one in a while, so that a crowd of them counts once. Thread-safe.
public final class WriteTimes {
  /// Half of those looked at last took longer. A disk that syncs in more delays everything.
  static final Duration SLOW = Duration.ofMillis(500);

  static final int SAMPLES = 5;

  /// Shorter than the time between two announcements of a server, which may write nothing else.
  static final Duration EVERY = Duration.ofSeconds(10);

  private static final String CONCERN = "slow-disk";

  private final Concerns concerns;
  private final LongSupplier nanoTime;
  private final AtomicLong next;
  private final Deque<Long> last = new ArrayDeque<>();
  private volatile long median;

  WriteTimes(Concerns concerns, LongSupplier nanoTime) {
    this.concerns = concerns;
    this.nanoTime = nanoTime;
    this.next = new AtomicLong(nanoTime.getAsLong());
  }

  /// A write was acknowledged, after so long.
  void took(long nanos) {
    long now = nanoTime.getAsLong();
    long due = next.get();
    if (now - due >= 0 && next.compareAndSet(due, now + EVERY.toNanos())) {
      look(nanos);
    }
  }

  private synchronized void look(long nanos) {
    last.addLast(nanos);
    if (last.size() > SAMPLES) {
      last.removeFirst();
    }
    List<Long> sorted = new ArrayList<>(last);
    sorted.sort(null);
    median = sorted.get(sorted.size() / 2);
    boolean slow = last.size() == SAMPLES && median > SLOW.toNanos();
    concerns.tell(
        CONCERN,
        slow,
        "a write takes "
            + Duration.ofNanos(median).toMillis()
            + " ms, more than "
            + SLOW.toMillis()
            + ": give the store a disk that syncs faster");
  }

  /// For `/metrics`.
  public List<Family> families() {
    return List.of(
        new Family(
            "otherix_store_write_seconds",
            "What a durable write takes, the median of the last few that were looked at.",
            Family.Type.GAUGE,
            List.of(),
            List.of(new Family.Point.Value(List.of(), median / 1e9))));
  }
}
