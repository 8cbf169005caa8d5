package dev.otherix.apiserver.storage;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.Compare;
import io.etcd.jetcd.api.KVGrpc;
import io.etcd.jetcd.api.KeyValue;
import io.etcd.jetcd.api.PutRequest;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RangeResponse;
import io.etcd.jetcd.api.RequestOp;
import io.etcd.jetcd.api.TxnRequest;
import java.nio.charset.StandardCharsets;

/// What the store keeps in etcd about itself, beside the data: by how much its revisions exceed
/// etcd's, the revision that it was compacted at, and whether a restore is under way. Numbers are
/// decimal text.
final class EtcdBookkeeping {
  private static final String OFFSET = "offset";
  private static final String COMPACTED = "compacted";
  private static final String RESTORING = "restoring";
  private static final int RAISE_ATTEMPTS_MAX = 100;

  private final EtcdClient client;
  private final String prefix;

  EtcdBookkeeping(EtcdClient client) {
    this.client = client;
    this.prefix = client.options().prefix();
  }

  /// @param compacted 0 before the first compaction
  /// @param compactedWritten etcd's revision of that, 0 when it is not there
  /// @param etcdRevision at which all of this was so
  record State(
      long offset, long compacted, long compactedWritten, boolean restoring, long etcdRevision) {}

  State read() {
    RangeRequest request = RangeRequest.newBuilder().setKey(key("")).setRangeEnd(key("~")).build();
    RangeResponse answer = client.read("read the store's state", KVGrpc.getRangeMethod(), request);
    long offset = 0;
    long compacted = 0;
    long compactedWritten = 0;
    boolean restoring = false;
    for (KeyValue each : answer.getKvsList()) {
      if (each.getKey().equals(key(OFFSET))) {
        offset = number(each);
      } else if (each.getKey().equals(key(COMPACTED))) {
        compacted = number(each);
        compactedWritten = each.getModRevision();
      } else if (each.getKey().equals(key(RESTORING))) {
        restoring = true;
      }
    }
    return new State(
        offset, compacted, compactedWritten, restoring, answer.getHeader().getRevision());
  }

  /// Notes a compaction at `revision`, unless a later one is noted already.
  ///
  /// @return the compaction that is noted now
  long raiseCompacted(long revision) {
    for (int attempt = 0; attempt < RAISE_ATTEMPTS_MAX; attempt++) {
      State state = read();
      if (state.compacted >= revision) {
        return state.compacted;
      }
      Compare unchanged =
          Compare.newBuilder()
              .setKey(key(COMPACTED))
              .setTarget(Compare.CompareTarget.MOD)
              .setResult(Compare.CompareResult.EQUAL)
              .setModRevision(state.compactedWritten)
              .build();
      TxnRequest request =
          TxnRequest.newBuilder().addCompare(unchanged).addSuccess(putCompacted(revision)).build();
      if (client.write("note a compaction", KVGrpc.getTxnMethod(), request).getSucceeded()) {
        return revision;
      }
    }
    throw new StorageException(
        StorageException.Reason.BUSY,
        "cannot note the compaction at " + revision + ": others note theirs all the time");
  }

  RequestOp putOffset(long offset) {
    return put(OFFSET, Long.toString(offset));
  }

  RequestOp putCompacted(long revision) {
    return put(COMPACTED, Long.toString(revision));
  }

  RequestOp putRestoring(String what) {
    return put(RESTORING, what);
  }

  ByteString restoringKey() {
    return key(RESTORING);
  }

  private RequestOp put(String name, String value) {
    PutRequest request =
        PutRequest.newBuilder().setKey(key(name)).setValue(EtcdMapping.ascii(value)).build();
    return RequestOp.newBuilder().setRequestPut(request).build();
  }

  private ByteString key(String name) {
    return EtcdMapping.bookkeepingKey(prefix, name);
  }

  private static long number(KeyValue entry) {
    String text = entry.getValue().toString(StandardCharsets.US_ASCII);
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw new StorageException(
          StorageException.Reason.CORRUPT,
          "the store's own key "
              + entry.getKey().toString(StandardCharsets.US_ASCII)
              + " in etcd is no number; restore a backup under another prefix",
          e);
    }
  }
}
