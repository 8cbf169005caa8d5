package dev.otherix.apiserver.storage;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.KVGrpc;
import io.etcd.jetcd.api.KeyValue;
import io.etcd.jetcd.api.PutRequest;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RequestOp;
import java.nio.charset.StandardCharsets;

/// What the store keeps in etcd about itself, beside the data. Only a restore writes it. Numbers
/// are decimal text.
final class EtcdBookkeeping {
  private static final String OFFSET = "offset";
  private static final String FLOOR = "floor";
  private static final String RESTORING = "restoring";

  private final EtcdClient client;
  private final String prefix;

  EtcdBookkeeping(EtcdClient client) {
    this.client = client;
    this.prefix = client.options().prefix();
  }

  /// @param offset by how much the store's revisions exceed etcd's
  /// @param floor the revision of the restore that began this store, 0 when there was none; there
  ///   is no history below it
  /// @param restoring whether a restore is under way, or was cut off
  record State(long offset, long floor, boolean restoring) {}

  State read() {
    RangeRequest request = RangeRequest.newBuilder().setKey(key("")).setRangeEnd(key("~")).build();
    long offset = 0;
    long floor = 0;
    boolean restoring = false;
    for (KeyValue each :
        client.read("open the store", KVGrpc.getRangeMethod(), request).getKvsList()) {
      if (each.getKey().equals(key(OFFSET))) {
        offset = number(each);
      } else if (each.getKey().equals(key(FLOOR))) {
        floor = number(each);
      } else if (each.getKey().equals(key(RESTORING))) {
        restoring = true;
      }
    }
    return new State(offset, floor, restoring);
  }

  RequestOp putOffset(long offset) {
    return put(OFFSET, Long.toString(offset));
  }

  RequestOp putFloor(long revision) {
    return put(FLOOR, Long.toString(revision));
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
