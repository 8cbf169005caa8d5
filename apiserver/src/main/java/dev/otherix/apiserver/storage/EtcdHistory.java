package dev.otherix.apiserver.storage;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.CompactionRequest;
import io.etcd.jetcd.api.KVGrpc;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.WatchCreateRequest;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Duration;

/// Which revisions etcd still has. Etcd is asked every time and nothing about it is kept: others
/// compact too. Revisions are etcd's own. Thread-safe.
final class EtcdHistory {
  /// Longer than etcd needs for an answer when all is well.
  private static final Duration PATIENCE = Duration.ofMillis(10);

  private final EtcdClient client;
  private final ByteString key;
  private final LatestRevision latest = new LatestRevision(() -> read(0), PATIENCE);

  /// @param key any that the user may read
  EtcdHistory(EtcdClient client, ByteString key) {
    this.client = client;
    this.key = key;
  }

  /// The latest revision.
  long latest() {
    return latest.get();
  }

  /// @throws StorageException `COMPACTED`, `FUTURE_REVISION`
  void require(long revision) {
    read(revision);
  }

  private long read(long revision) {
    RangeRequest request =
        RangeRequest.newBuilder().setKey(key).setCountOnly(true).setRevision(revision).build();
    return client
        .read("read the revision", KVGrpc.getRangeMethod(), request)
        .getHeader()
        .getRevision();
  }

  /// @throws StorageException `COMPACTED` when it is so already, `FUTURE_REVISION`
  void compact(long revision) {
    CompactionRequest request = CompactionRequest.newBuilder().setRevision(revision).build();
    // Safe to repeat, hence a read.
    client.read("compact", KVGrpc.getCompactMethod(), request);
  }

  /// The lowest revision that etcd has, 0 when it has all.
  long compacted() {
    try {
      require(1);
      return 0;
    } catch (StorageException e) {
      if (e.reason() != StorageException.Reason.COMPACTED) {
        throw e;
      }
      return refusedWatch();
    }
  }

  /// Etcd tells the number only to a watch that it refuses for it.
  private long refusedWatch() {
    WatchCreateRequest request =
        WatchCreateRequest.newBuilder().setKey(key).setStartRevision(1).build();
    EtcdConnection connection = client.connection();
    try {
      EtcdStream stream = connection.watch(request);
      try {
        return compactRevision(stream);
      } finally {
        stream.cancel();
      }
    } catch (StatusRuntimeException e) {
      client.failed(connection, e.getStatus());
      throw EtcdFailure.LOST.exception("read the compacted revision", e, false);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StorageException(
          StorageException.Reason.UNAVAILABLE, "interrupted while asking etcd what it has", e);
    }
  }

  private long compactRevision(EtcdStream stream) throws InterruptedException {
    long deadline = System.nanoTime() + client.options().callTimeout().toNanos();
    while (true) {
      switch (stream.poll(deadline - System.nanoTime())) {
        case null ->
            throw Status.DEADLINE_EXCEEDED.withDescription("no answer").asRuntimeException();
        case EtcdStream.Message.Ended ended -> throw ended.status().asRuntimeException();
        case EtcdStream.Message.Answer answer -> {
          if (answer.response().getCompactRevision() != 0) {
            return answer.response().getCompactRevision();
          }
        }
      }
    }
  }
}
