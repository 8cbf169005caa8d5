package dev.otherix.apiserver.storage;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.KVGrpc;
import io.etcd.jetcd.api.KeyValue;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RangeResponse;
import java.util.function.Consumer;

/// Reads many entries as of one revision by several calls, so that neither side holds them all in
/// one message. Confined to one thread.
final class EtcdPages {
  private static final int FIRST_CHUNK_ENTRIES = 500;
  private static final int CHUNK_ENTRIES_MAX = 10_000;
  private static final long CHUNK_BYTES = 4L << 20;

  private final EtcdClient client;
  private long etcdRevision;
  private long remaining;

  /// @param etcdRevision to read at, or 0 for the latest
  EtcdPages(EtcdClient client, long etcdRevision) {
    this.client = client;
    this.etcdRevision = etcdRevision;
  }

  /// Hands the first `max` entries from `from` on, to before `behind`, to `entries`.
  void read(ByteString from, ByteString behind, long max, Consumer<KeyValue> entries) {
    ByteString next = from;
    long left = max;
    long chunk = FIRST_CHUNK_ENTRIES;
    while (true) {
      RangeRequest request =
          RangeRequest.newBuilder()
              .setKey(next)
              .setRangeEnd(behind)
              .setRevision(etcdRevision)
              .setLimit(Math.min(left, chunk))
              .build();
      RangeResponse answer = client.read("list", KVGrpc.getRangeMethod(), request);
      if (etcdRevision == 0) {
        etcdRevision = answer.getHeader().getRevision();
      }
      answer.getKvsList().forEach(entries);
      int count = answer.getKvsCount();
      left -= count;
      remaining = answer.getCount() - count;
      if (remaining <= 0 || left <= 0) {
        return;
      }
      next = answer.getKvs(count - 1).getKey().concat(ByteString.copyFrom(new byte[1]));
      long bytesEach = Math.max(1, answer.getSerializedSize() / count);
      chunk = Math.clamp(CHUNK_BYTES / bytesEach, 1, CHUNK_ENTRIES_MAX);
    }
  }

  /// The revision that was read.
  long etcdRevision() {
    return etcdRevision;
  }

  /// How many entries come after those that were read.
  long remaining() {
    return remaining;
  }
}
