package dev.otherix.apiserver.watchcache;

import dev.otherix.apimachinery.codec.EncodedObject;
import dev.otherix.apiserver.storage.Entry;
import java.util.Map;

/// One object in the cache: its wire bytes, which exist once in the process, and what filters look
/// at, extracted once. Immutable.
///
/// @param fields the values of selectable fields by path, `metadata.name` among them; a field that
///   is not there counts as empty
public record CacheItem(
    String key, EncodedObject object, Map<String, String> fields, Map<String, String> labels) {

  public long revision() {
    return object.revision();
  }

  /// The value of a selectable field, empty when the object has none.
  public String field(String path) {
    String value = fields.get(path);
    return value == null ? "" : value;
  }

  /// The same content as the object of a later change, such as its removal.
  CacheItem at(long revision) {
    return new CacheItem(key, object.withRevision(revision), fields, labels);
  }

  Entry entry() {
    return new Entry(key, object.body(), object.revision());
  }

  /// What it counts for in statistics, as a store counts.
  long bytes() {
    return (long) key.length() + object.body().length;
  }
}
