package dev.otherix.apiserver.storage;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.KeyValue;
import java.nio.charset.StandardCharsets;

/// How keys and revisions of the store and those of etcd translate. A key of the store lies under
/// `<prefix>/data`, the store's own bookkeeping under `<prefix>/meta`. A revision of the store is
/// etcd's plus an offset, which a restore raises.
final class EtcdMapping {
  private static final String DATA = "/data";

  private final String prefix;
  private final long offset;

  EtcdMapping(String prefix, long offset) {
    this.prefix = prefix;
    this.offset = offset;
  }

  static ByteString bookkeepingKey(String prefix, String name) {
    return ascii(prefix + "/meta/" + name);
  }

  static ByteString ascii(String text) {
    return ByteString.copyFrom(text, StandardCharsets.US_ASCII);
  }

  /// Of a key, of a prefix, or of what is behind a prefix ([Keys#behind]).
  ByteString key(String key) {
    return ascii(prefix + DATA + key);
  }

  /// The first key of everything that the store keeps, bookkeeping included.
  ByteString first() {
    return ascii(prefix + "/");
  }

  /// The first key behind everything that the store keeps.
  ByteString behind() {
    return ascii(prefix + (char) ('/' + 1));
  }

  boolean under(String keyPrefix, ByteString etcdKey) {
    return etcdKey.startsWith(key(keyPrefix));
  }

  String key(ByteString etcdKey) {
    return etcdKey.substring(prefix.length() + DATA.length()).toString(StandardCharsets.US_ASCII);
  }

  Entry entry(KeyValue found) {
    return new Entry(
        key(found.getKey()), found.getValue().toByteArray(), revision(found.getModRevision()));
  }

  /// The store's name of etcd's `revision`.
  long revision(long etcdRevision) {
    return etcdRevision + offset;
  }

  /// Etcd's name of the store's `revision`; 0 or less when etcd never had it.
  long etcdRevision(long revision) {
    return revision - offset;
  }
}
