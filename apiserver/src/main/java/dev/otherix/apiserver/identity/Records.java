package dev.otherix.apiserver.identity;

import dev.otherix.apimachinery.codec.CanonicalJson;
import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.codec.Limits;
import dev.otherix.apiserver.storage.Entry;
import dev.otherix.apiserver.storage.Outcome;
import dev.otherix.apiserver.storage.Page;
import dev.otherix.apiserver.storage.ReadAt;
import dev.otherix.apiserver.storage.Storage;
import dev.otherix.apiserver.storage.StorageException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Small JSON records of one area of the store that no API shows: hashes, sessions, counters.
/// Shared by all replicas. Every method asks the store, so it blocks and its answer is the present
/// state. Thread-safe.
public final class Records {
  /// Below it stands everything of this kind, so that encryption at rest finds it.
  public static final String ROOT = "/otherix/identity/";

  private static final int ATTEMPTS_MAX = 16;
  private static final int PAGE_ENTRIES = 1000;

  private final Storage store;
  private final String prefix;

  /// A record and the revision that it stands at.
  public record Found(String id, ObjectNode value, long revision) {}

  /// @param area one path segment
  public Records(Storage store, String area) {
    this.store = store;
    this.prefix = ROOT + area + "/";
  }

  /// Null when there is none.
  ///
  /// @param id path segments of visible ASCII
  public @Nullable Found find(String id) {
    Entry entry = store.get(prefix + id, ReadAt.LATEST);
    return entry == null ? null : found(entry);
  }

  /// Every record whose id begins with `folder`, which is empty or ends with a slash.
  public List<Found> list(String folder) {
    List<Found> all = new ArrayList<>();
    String from = "";
    while (true) {
      Page page = store.list(prefix + folder, from, PAGE_ENTRIES, ReadAt.LATEST);
      page.entries().forEach(entry -> all.add(found(entry)));
      if (page.remaining() == 0 || page.entries().isEmpty()) {
        return all;
      }
      from = page.entries().getLast().key() + "\0";
    }
  }

  /// Whether it was put there; false when there is one already.
  ///
  /// @param timeToLive null for ever
  public boolean create(String id, ObjectNode value, @Nullable Duration timeToLive) {
    return store.create(prefix + id, bytes(value), timeToLive) instanceof Outcome.Written;
  }

  /// Whether it was replaced; false when it is not at `revision` any more.
  public boolean replace(
      String id, ObjectNode value, long revision, @Nullable Duration timeToLive) {
    return store.update(prefix + id, bytes(value), revision, timeToLive) instanceof Outcome.Written;
  }

  /// Makes or changes a record, whatever others do meanwhile.
  ///
  /// @param change gets a tree of its own, empty when there is no record
  /// @return what stands there now
  public ObjectNode change(
      String id, @Nullable Duration timeToLive, UnaryOperator<ObjectNode> change) {
    for (int i = 0; i < ATTEMPTS_MAX; i++) {
      Found present = find(id);
      ObjectNode next =
          change.apply(present == null ? Json.parseObject("{}") : present.value.deepCopy());
      boolean done =
          present == null
              ? create(id, next, timeToLive)
              : replace(id, next, present.revision, timeToLive);
      if (done) {
        return next;
      }
    }
    throw new StorageException(
        StorageException.Reason.BUSY,
        "the record " + prefix + id + " was changed by others " + ATTEMPTS_MAX + " times in a row");
  }

  /// Whether it is gone; false when it was changed meanwhile.
  public boolean remove(Found record) {
    return !(store.delete(prefix + record.id, record.revision) instanceof Outcome.Changed);
  }

  private Found found(Entry entry) {
    JsonNode tree = Json.decode(entry.value(), Limits.STORED).tree();
    if (tree instanceof ObjectNode object) {
      return new Found(entry.key().substring(prefix.length()), object, entry.revision());
    }
    throw new StorageException(
        StorageException.Reason.CORRUPT, entry.key() + " holds no JSON object");
  }

  private static byte[] bytes(ObjectNode value) {
    return CanonicalJson.encode(value);
  }
}
