package dev.otherix.apiserver.registry;

import dev.otherix.apimachinery.codec.EncodedObject;
import dev.otherix.apimachinery.schema.Kind;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apiserver.storage.Entry;
import dev.otherix.apiserver.watchcache.CacheItem;
import java.lang.System.Logger.Level;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Makes cache items of stored entries. What the schema says today holds for objects that were
/// stored before: they are defaulted and pruned here, once, not at each read.
final class ItemReader implements Function<Entry, CacheItem> {
  private static final System.Logger LOG = System.getLogger(ItemReader.class.getName());

  private final EncodedObject.Head head;
  private final Kind kind;
  private final String[] fields;
  private final String[][] fieldPaths;
  private final Handover handover = new Handover();

  ItemReader(Kind stored, Set<String> selectable) {
    this.head = EncodedObject.Head.of(stored.apiVersion(), stored.kind());
    this.kind = stored;
    this.fields = selectable.toArray(new String[0]);
    this.fieldPaths = new String[fields.length][];
    for (int i = 0; i < fields.length; i++) {
      fieldPaths[i] = fields[i].split("\\.", -1);
    }
  }

  EncodedObject.Head head() {
    return head;
  }

  @Override
  public CacheItem apply(Entry entry) {
    EncodedObject object = EncodedObject.ofBody(head, entry.revision(), entry.value());
    Handover.Known known = handover.take(entry.value());
    if (known != null) {
      return new CacheItem(entry.key(), object, known.fields(), known.labels());
    }
    ObjectNode tree;
    try {
      tree = object.toTree();
    } catch (ApiException e) {
      LOG.log(Level.ERROR, "unreadable object key=" + entry.key(), e);
      return new CacheItem(entry.key(), object, Map.of(), Map.of());
    }
    kind.prepare(tree);
    EncodedObject prepared = EncodedObject.of(head, entry.revision(), tree);
    if (!Arrays.equals(object.body(), prepared.body())) {
      object = prepared;
    }
    return new CacheItem(entry.key(), object, fields(tree), labels(tree));
  }

  /// Says what [#apply] would find out about an object that is going to be stored.
  ///
  /// @param tree prepared, in the stored version
  /// @param body that `tree` was encoded to
  void announce(ObjectNode tree, byte[] body) {
    handover.put(new Handover.Known(body, fields(tree), labels(tree)));
  }

  private Map<String, String> fields(ObjectNode tree) {
    Map<String, String> values = HashMap.newHashMap(fields.length);
    for (int i = 0; i < fields.length; i++) {
      JsonNode value = tree;
      for (String member : fieldPaths[i]) {
        value = value.path(member);
      }
      if (value.isValueNode() && !value.isNull()) {
        values.put(fields[i], value.asString());
      }
    }
    return Map.copyOf(values);
  }

  private static Map<String, String> labels(ObjectNode tree) {
    if (!(tree.path("metadata").get("labels") instanceof ObjectNode labels) || labels.isEmpty()) {
      return Map.of();
    }
    Map<String, String> values = HashMap.newHashMap(labels.size());
    for (Map.Entry<String, JsonNode> label : labels.properties()) {
      values.put(label.getKey(), label.getValue().asString(""));
    }
    return Map.copyOf(values);
  }
}
