package dev.otherix.apimachinery.apply;

import dev.otherix.apimachinery.schema.ListType;
import dev.otherix.apimachinery.schema.SchemaNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// The items of a set or keyed list with their identities. A list that was never checked may repeat
/// an identity, or hold an item that has none: that item is known by its position.
final class ListItems {
  private static final ArrayNode NONE = JsonNodeFactory.instance.arrayNode();

  private final ArrayNode list;
  private final PathElement[] identities;
  private final Map<PathElement, Integer> first;
  private final Set<PathElement> repeated;

  private ListItems(
      ArrayNode list,
      PathElement[] identities,
      Map<PathElement, Integer> first,
      Set<PathElement> repeated) {
    this.list = list;
    this.identities = identities;
    this.first = first;
    this.repeated = repeated;
  }

  /// The items of `value`, which is a list or null.
  static ListItems of(SchemaNode schema, JsonNode value) {
    ArrayNode list = value instanceof ArrayNode array ? array : NONE;
    PathElement[] identities = new PathElement[list.size()];
    Map<PathElement, Integer> first = HashMap.newHashMap(identities.length);
    Set<PathElement> repeated = Set.of();
    for (int i = 0; i < identities.length; i++) {
      PathElement identity = identify(schema, list.get(i));
      identities[i] = identity == null ? new PathElement.Index(i) : identity;
      if (first.putIfAbsent(identities[i], i) != null) {
        repeated = repeated.isEmpty() ? new HashSet<>() : repeated;
        repeated.add(identities[i]);
      }
    }
    return new ListItems(list, identities, first, repeated);
  }

  int size() {
    return identities.length;
  }

  PathElement identity(int i) {
    return identities[i];
  }

  JsonNode item(int i) {
    return list.get(i);
  }

  boolean contains(PathElement identity) {
    return first.containsKey(identity);
  }

  boolean isRepeated(PathElement identity) {
    return repeated.contains(identity);
  }

  /// Whether item `i` is the first that has its identity.
  boolean isFirst(int i) {
    return first.getOrDefault(identities[i], -1) == i;
  }

  /// The first item with this identity, or null.
  @Nullable JsonNode find(PathElement identity) {
    Integer at = first.get(identity);
    return at == null ? null : list.get(at);
  }

  List<JsonNode> findAll(PathElement identity) {
    List<JsonNode> found = new ArrayList<>();
    for (int i = 0; i < identities.length; i++) {
      if (identities[i].equals(identity)) {
        found.add(list.get(i));
      }
    }
    return found;
  }

  /// The identity of an item, or null when it has none. A key field that the item omits has the
  /// default of its schema.
  static @Nullable PathElement identify(SchemaNode schema, JsonNode item) {
    if (schema.listType() == ListType.SET) {
      return item.isContainer() || item.isNull() ? null : new PathElement.Value(item);
    }
    if (!(item instanceof ObjectNode object) || schema.listMapKeys().isEmpty()) {
      return null;
    }
    List<String> names = schema.listMapKeys();
    List<PathElement.KeyField> fields = new ArrayList<>(names.size());
    for (String name : names) {
      JsonNode value = keyField(schema, object, name);
      if (value == null) {
        return null;
      }
      fields.add(new PathElement.KeyField(name, value));
    }
    return new PathElement.Key(fields);
  }

  /// Why [#identify] finds no identity.
  static String whyAnonymous(SchemaNode schema, JsonNode item) {
    if (schema.listType() == ListType.SET) {
      return item.isNull()
          ? "a set may not have an explicit null as an item"
          : "a set may only have scalars as items";
    }
    if (!(item instanceof ObjectNode object)) {
      return "a list with keys may only have objects as items";
    }
    for (String name : schema.listMapKeys()) {
      if (keyField(schema, object, name) == null) {
        return "the item omits key field \"" + name + "\", which has no default";
      }
    }
    return "the schema of the list names no key fields";
  }

  private static @Nullable JsonNode keyField(SchemaNode schema, ObjectNode item, String name) {
    JsonNode value = item.get(name);
    if (value != null) {
      return value.isContainer() ? null : value;
    }
    SchemaNode field = schema.item().properties().get(name);
    return field == null ? null : field.defaultValue();
  }
}
