package dev.otherix.apiserver.server;

import dev.otherix.apimachinery.client.Pause;
import dev.otherix.apimachinery.meter.Family;
import dev.otherix.apiserver.health.Concerns;
import dev.otherix.apiserver.identity.Records;
import dev.otherix.apiserver.storage.Storage;
import dev.otherix.apiserver.storage.StorageException;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.LongSupplier;
import tools.jackson.databind.node.JsonNodeFactory;

/// Measures how long a small durable write takes, whichever engine does it, and tells when that
/// gets slow: then the disk is, or on etcd the network between its members. One virtual thread.
public final class WriteProbe implements AutoCloseable {
  /// Half of the last writes took longer. A disk that syncs in more than that delays everything.
  static final Duration SLOW = Duration.ofMillis(500);

  static final int SAMPLES = 5;

  private static final System.Logger LOG = System.getLogger(WriteProbe.class.getName());
  private static final String CONCERN = "slow-disk";
  private static final Duration EVERY = Duration.ofSeconds(30);
  private static final Duration LIFETIME = Duration.ofMinutes(5);

  private final Records records;
  private final String id;
  private final Concerns concerns;
  private final LongSupplier nanoTime;
  private final Pause pause;
  private final Deque<Long> last = new ArrayDeque<>();
  private final Thread thread;
  private volatile long median;

  private WriteProbe(
      Storage store, String id, Concerns concerns, LongSupplier nanoTime, Pause pause) {
    this.records = new Records(store, "probes");
    this.id = id;
    this.concerns = concerns;
    this.nanoTime = nanoTime;
    this.pause = pause;
    this.thread = Thread.ofVirtual().name("write-probe").unstarted(this::run);
  }

  /// @param id of this server among those of the store
  public static WriteProbe start(
      Storage store, String id, Concerns concerns, LongSupplier nanoTime, Pause pause) {
    WriteProbe probe = new WriteProbe(store, id, concerns, nanoTime, pause);
    probe.thread.start();
    return probe;
  }

  private void run() {
    try {
      while (true) {
        try {
          measure();
        } catch (StorageException e) {
          if (e.reason() == StorageException.Reason.CLOSED) {
            return;
          }
          // That it does not write at all is told by /readyz.
          LOG.log(Level.DEBUG, "writes not measured", e);
        }
        pause.await(EVERY);
      }
    } catch (InterruptedException _) {
      LOG.log(Level.DEBUG, "writes are no longer measured");
    }
  }

  private void measure() {
    long began = nanoTime.getAsLong();
    records.change(id, LIFETIME, _ -> JsonNodeFactory.instance.objectNode());
    last.addLast(nanoTime.getAsLong() - began);
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

  public List<Family> families() {
    return List.of(
        new Family(
            "otherix_store_write_seconds",
            "What a small durable write takes, the median of the last few.",
            Family.Type.GAUGE,
            List.of(),
            List.of(new Family.Point.Value(List.of(), median / 1e9))));
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
