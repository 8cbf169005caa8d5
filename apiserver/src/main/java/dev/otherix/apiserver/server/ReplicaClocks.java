package dev.otherix.apiserver.server;

import dev.otherix.apimachinery.client.Pause;
import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.codec.Limits;
import dev.otherix.apimachinery.meter.ClockOffset;
import dev.otherix.apimachinery.meter.Family;
import dev.otherix.apiserver.health.Concerns;
import dev.otherix.apiserver.storage.Entry;
import dev.otherix.apiserver.storage.Storage;
import dev.otherix.apiserver.storage.StorageEvent;
import dev.otherix.apiserver.storage.StorageException;
import dev.otherix.apiserver.storage.Watch;
import java.lang.System.Logger.Level;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// Compares the clocks of the servers that share a store, by the time that each writes into its
/// announcement. One virtual thread.
public final class ReplicaClocks implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(ReplicaClocks.class.getName());
  private static final String CONCERN = "clock-skew";
  private static final Duration POLL = Duration.ofSeconds(5);
  private static final Duration PAUSE_AFTER_FAILURE = Duration.ofSeconds(1);

  private final Storage store;
  private final InstantSource clock;
  private final Concerns concerns;
  private final Pause pause;
  private final Map<URI, ClockOffset> offsets = new ConcurrentHashMap<>();
  private final Thread thread;

  private ReplicaClocks(Storage store, InstantSource clock, Concerns concerns, Pause pause) {
    this.store = store;
    this.clock = clock;
    this.concerns = concerns;
    this.pause = pause;
    this.thread = Thread.ofVirtual().name("replica-clocks").unstarted(this::run);
  }

  public static ReplicaClocks start(
      Storage store, InstantSource clock, Concerns concerns, Pause pause) {
    ReplicaClocks clocks = new ReplicaClocks(store, clock, concerns, pause);
    clocks.thread.start();
    return clocks;
  }

  private void run() {
    try {
      while (true) {
        try {
          follow();
        } catch (StorageException e) {
          if (e.reason() == StorageException.Reason.CLOSED) {
            return;
          }
          LOG.log(Level.DEBUG, "announcements not followed", e);
        }
        pause.await(PAUSE_AFTER_FAILURE);
      }
    } catch (InterruptedException _) {
      LOG.log(Level.DEBUG, "clocks are no longer compared");
    }
  }

  private void follow() throws InterruptedException {
    try (Watch watch = store.watch(Replicas.PREFIX, store.revision())) {
      while (true) {
        for (StorageEvent each : watch.next(POLL).events()) {
          hear(each);
        }
      }
    }
  }

  private void hear(StorageEvent event) {
    switch (event) {
      case StorageEvent.Created(Entry entry) -> hear(entry);
      case StorageEvent.Updated(Entry entry, Entry _) -> hear(entry);
      case StorageEvent.Deleted(Entry previous, long _) -> {
        offsets.remove(read(previous).url());
        tell();
      }
    }
  }

  private static Replicas.Replica read(Entry entry) {
    return Replicas.read(Json.decode(entry.value(), Limits.STORED).tree());
  }

  private void hear(Entry entry) {
    Replicas.Replica replica = read(entry);
    try {
      offsets
          .computeIfAbsent(replica.url(), _ -> new ClockOffset())
          .heard(Instant.parse(replica.at()), clock.instant());
    } catch (DateTimeParseException _) {
      // A server of a former version tells no time.
      return;
    }
    tell();
  }

  private void tell() {
    List<String> wrong = new ArrayList<>();
    offsets.forEach((url, offset) -> {
      Duration value = offset.value();
      if (value != null && offset.isWrong()) {
        wrong.add(url + " by " + value.toMillis() + " ms");
      }
    });
    concerns.tell(
        CONCERN,
        !wrong.isEmpty(),
        "this server's clock is ahead of that of "
            + String.join(", ", wrong)
            + ", more than "
            + ClockOffset.MAX.toSeconds()
            + " s: have all servers follow one time source");
  }

  /// How far this clock is ahead of each server's.
  public List<Family> families() {
    List<Family.Point> points = new ArrayList<>();
    offsets.forEach((url, offset) -> {
      Duration value = offset.value();
      if (value != null) {
        points.add(new Family.Point.Value(List.of(url.toString()), value.toMillis() / 1e3));
      }
    });
    return List.of(
        new Family(
            "otherix_clock_offset_seconds",
            "How far this server's clock is ahead of the other's.",
            Family.Type.GAUGE,
            List.of("server"),
            points));
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
