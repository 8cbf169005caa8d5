package dev.otherix.apiserver.storage;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.Event;
import io.etcd.jetcd.api.KeyValue;
import io.etcd.jetcd.api.WatchCreateRequest;
import io.etcd.jetcd.api.WatchResponse;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A cursor over changes in etcd that outlives its connections: after a failure it watches again
/// from the last revision that it handed out.
///
/// A watch begins at that revision and not behind it, and drops what it has had: only then does
/// etcd say that it is compacted in every case in which an event may be gone, since a compaction at
/// a revision also removes a deletion at it.
///
/// [Batch#revision] follows events, and answers to requests for progress where these are ordered
/// with events ([EtcdConnection#orderedProgress]). Where they are not, the watch covers everything
/// that the store keeps and not only its prefix, so that every write of the store is progress.
final class EtcdWatch implements Watch {
  private static final long PAUSE_FIRST_NANOS = 100_000_000;
  private static final long PAUSE_MAX_NANOS = 1_000_000_000;
  private static final long ASK_PROGRESS_NANOS = 250_000_000;

  private final EtcdClient client;
  private final EtcdMapping mapping;
  private final String prefix;
  private final Consumer<EtcdWatch> onClose;
  private final CountDownLatch cancelled = new CountDownLatch(1);

  private long after;
  private volatile @Nullable Attempt attempt;
  private @Nullable StorageException over;

  /// 0 while there is no outage.
  private long outageSince;

  private long pauseNanos = PAUSE_FIRST_NANOS;
  private long attemptAt;

  EtcdWatch(
      EtcdClient client,
      EtcdMapping mapping,
      String prefix,
      long after,
      Consumer<EtcdWatch> onClose) {
    this.client = client;
    this.mapping = mapping;
    this.prefix = prefix;
    this.after = after;
    this.onClose = onClose;
    attempt = begin();
  }

  /// A stream and what is known about it.
  private static final class Attempt {
    final EtcdConnection connection;
    final EtcdStream stream;
    final boolean asksProgress;
    final long begun = System.nanoTime();
    boolean created;
    long asked;

    Attempt(EtcdConnection connection, EtcdStream stream, boolean asksProgress) {
      this.connection = connection;
      this.stream = stream;
      this.asksProgress = asksProgress;
    }
  }

  @Override
  public Batch next(Duration timeout) throws InterruptedException {
    long deadline = System.nanoTime() + timeout.toNanos();
    while (true) {
      requireGoing();
      long left = Math.max(0, deadline - System.nanoTime());
      if (attempt == null) {
        attempt = begin();
      }
      Attempt current = attempt;
      List<StorageEvent> events =
          current == null ? pause(left) : read(current, Math.min(left, ASK_PROGRESS_NANOS));
      if (!events.isEmpty() || System.nanoTime() >= deadline) {
        requireGoing();
        return new Batch(events, after);
      }
    }
  }

  private void requireGoing() {
    if (cancelled.getCount() == 0 || client.closed()) {
      end();
      throw StorageException.closed();
    }
    if (over != null) {
      throw new StorageException(over.reason(), String.valueOf(over.getMessage()), over);
    }
  }

  /// A new stream, or null while it is too early or when it failed at once.
  private @Nullable Attempt begin() {
    if (attemptAt != 0 && System.nanoTime() < attemptAt) {
      return null;
    }
    EtcdConnection connection = client.connection();
    try {
      boolean progress = connection.orderedProgress();
      ByteString from = progress ? mapping.key(prefix) : mapping.first();
      ByteString behind = progress ? mapping.key(Keys.behind(prefix)) : mapping.behind();
      WatchCreateRequest request =
          WatchCreateRequest.newBuilder()
              .setKey(from)
              .setRangeEnd(behind)
              .setStartRevision(Math.max(1, mapping.etcdRevision(after)))
              .setPrevKv(true)
              .build();
      return new Attempt(connection, connection.watch(request), progress);
    } catch (StatusRuntimeException e) {
      failed(connection, e.getStatus());
      return null;
    }
  }

  private List<StorageEvent> pause(long left) throws InterruptedException {
    long wait = Math.min(left, attemptAt - System.nanoTime());
    boolean woken = wait > 0 && cancelled.await(wait, TimeUnit.NANOSECONDS);
    if (woken) {
      requireGoing();
    }
    return List.of();
  }

  private List<StorageEvent> read(Attempt current, long nanos) throws InterruptedException {
    askProgress(current);
    return switch (current.stream.poll(nanos)) {
      case null -> {
        if (!current.created
            && System.nanoTime() - current.begun > client.options().callTimeout().toNanos()) {
          failed(current.connection, Status.DEADLINE_EXCEEDED.withDescription("no watch yet"));
        }
        yield List.of();
      }
      case EtcdStream.Message.Ended ended -> {
        failed(current.connection, ended.status());
        yield List.of();
      }
      case EtcdStream.Message.Answer answer -> accept(current, answer.response());
    };
  }

  private void askProgress(Attempt current) {
    long now = System.nanoTime();
    if (current.asksProgress && current.created && now - current.asked > ASK_PROGRESS_NANOS) {
      current.asked = now;
      current.stream.askProgress();
    }
  }

  private List<StorageEvent> accept(Attempt current, WatchResponse response) {
    if (response.getCanceled()) {
      cancelledByEtcd(current, response);
      return List.of();
    }
    if (response.getCreated()) {
      current.created = true;
      outageSince = 0;
      pauseNanos = PAUSE_FIRST_NANOS;
      client.succeeded(current.connection);
      return List.of();
    }
    if (response.getEventsCount() == 0) {
      if (current.asksProgress) {
        after = Math.max(after, mapping.revision(response.getHeader().getRevision()));
      }
      return List.of();
    }
    return events(response);
  }

  private void cancelledByEtcd(Attempt current, WatchResponse response) {
    if (response.getCompactRevision() != 0) {
      end();
      over = StorageException.compacted(after, mapping.revision(response.getCompactRevision()));
      return;
    }
    failed(current.connection, Status.UNAVAILABLE.withDescription(response.getCancelReason()));
  }

  private List<StorageEvent> events(WatchResponse response) {
    List<StorageEvent> found = new ArrayList<>(response.getEventsCount());
    long last = after;
    for (Event each : response.getEventsList()) {
      KeyValue changed = each.getKv();
      long revision = mapping.revision(changed.getModRevision());
      if (revision <= after) {
        continue;
      }
      last = revision;
      if (!mapping.under(prefix, changed.getKey())) {
        continue;
      }
      StorageEvent event = event(each, revision);
      if (event == null) {
        // The former value is compacted while the event waited at etcd: the cursor fell behind.
        end();
        over = StorageException.compacted(after, revision);
        return List.of();
      }
      found.add(event);
    }
    after = last;
    return found;
  }

  private @Nullable StorageEvent event(Event event, long revision) {
    boolean put = event.getType() == Event.EventType.PUT;
    KeyValue changed = event.getKv();
    if (put && changed.getCreateRevision() == changed.getModRevision()) {
      return new StorageEvent.Created(mapping.entry(changed));
    }
    if (!event.hasPrevKv()) {
      return null;
    }
    Entry previous = mapping.entry(event.getPrevKv());
    return put
        ? new StorageEvent.Updated(mapping.entry(changed), previous)
        : new StorageEvent.Deleted(previous, revision);
  }

  /// Ends the attempt; the next one begins after a pause, unless the outage has lasted too long.
  private void failed(EtcdConnection connection, Status status) {
    end();
    if (cancelled.getCount() == 0 || client.closed()) {
      return;
    }
    EtcdFailure failure = client.failed(connection, status);
    long now = System.nanoTime();
    if (outageSince == 0) {
      outageSince = now;
    }
    if (now - outageSince > client.options().watchOutageMax().toNanos()) {
      over =
          new StorageException(
              StorageException.Reason.UNAVAILABLE,
              "the watch of " + prefix + " cannot reach etcd: " + failure + ", " + status);
      return;
    }
    attemptAt = now + pauseNanos;
    pauseNanos = Math.min(PAUSE_MAX_NANOS, pauseNanos * 2);
  }

  private void end() {
    Attempt current = attempt;
    if (current != null) {
      attempt = null;
      current.stream.cancel();
    }
  }

  @Override
  public void close() {
    cancelled.countDown();
    Attempt current = attempt;
    if (current != null) {
      current.stream.cancel();
    }
    onClose.accept(this);
  }
}
