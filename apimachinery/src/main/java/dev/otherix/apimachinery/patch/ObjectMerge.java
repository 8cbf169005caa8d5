package dev.otherix.apimachinery.patch;

import dev.otherix.apimachinery.schema.SchemaNode;
import dev.otherix.apimachinery.status.FieldPath;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Merges one object of a strategic merge patch. Recursion is bounded by the depth to which
/// documents are read.
final class ObjectMerge {
  private final ObjectNode target;
  private final ObjectNode patch;
  private final SchemaNode schema;
  private final FieldPath at;

  private ObjectMerge(ObjectNode target, ObjectNode patch, SchemaNode schema, FieldPath at) {
    this.target = target;
    this.patch = patch;
    this.schema = schema;
    this.at = at;
  }

  /// @param target owned by the caller, who gives it up
  static ObjectNode merge(ObjectNode target, ObjectNode patch, SchemaNode schema, FieldPath at) {
    return switch (Directive.of(patch, at)) {
      case DELETE -> JsonNodeFactory.instance.objectNode();
      case REPLACE -> Directive.clean(patch, at);
      case MERGE -> new ObjectMerge(target, patch, schema, at).merge();
    };
  }

  private ObjectNode merge() {
    retainKeys();
    // Deletions come first whatever the order of members: a value both deleted and given stays.
    for (Map.Entry<String, JsonNode> member : patch.properties()) {
      if (member.getKey().startsWith(Directive.DELETE_FROM)) {
        deleteScalars(member.getKey(), member.getValue());
      }
    }
    for (Map.Entry<String, JsonNode> member : patch.properties()) {
      String name = member.getKey();
      if (name.startsWith(Directive.SET_ORDER)) {
        reorder(name, member.getValue());
      } else if (!Directive.isDirective(name)) {
        member(name, member.getValue());
      }
    }
    return target;
  }

  private void member(String name, JsonNode value) {
    FieldPath path = at.child(name);
    JsonNode current = target.get(name);
    SchemaNode member = memberSchema(name);
    if (value.isNull()) {
      target.remove(name);
    } else if (value instanceof ObjectNode object) {
      if (current instanceof ObjectNode existing && !hasStrategy(member, "replace")) {
        target.set(name, merge(existing, object, member, path));
      } else if (current != null || Directive.of(object, path) != Directive.DELETE) {
        target.set(name, Directive.clean(object, path));
      }
    } else if (value instanceof ArrayNode list && hasStrategy(member, "merge")) {
      ArrayNode existing =
          current instanceof ArrayNode array ? array : JsonNodeFactory.instance.arrayNode();
      JsonNode order = patch.get(Directive.SET_ORDER + name);
      target.set(name, ListMerge.merge(existing, list, order, member, path));
    } else {
      target.set(name, Directive.clean(value, path));
    }
  }

  private void retainKeys() {
    JsonNode directive = patch.get(Directive.RETAIN_KEYS);
    if (directive == null) {
      return;
    }
    FieldPath path = at.child(Directive.RETAIN_KEYS);
    Set<String> kept = new HashSet<>();
    for (JsonNode name : list(directive, path).values()) {
      if (!name.isString()) {
        throw Directive.malformed(path, "must be a list of member names, not " + name);
      }
      kept.add(name.stringValue());
    }
    for (Map.Entry<String, JsonNode> member : patch.properties()) {
      String name = member.getKey();
      if (!Directive.isDirective(name) && !member.getValue().isNull() && !kept.contains(name)) {
        throw Directive.malformed(path, "must list \"" + name + "\", which the patch sets");
      }
    }
    target.retain(kept);
  }

  private void deleteScalars(String directive, JsonNode value) {
    FieldPath path = at.child(directive);
    Set<String> deleted = new HashSet<>();
    for (JsonNode item : list(value, path).values()) {
      String key = ItemKey.ofScalar(item);
      if (key == null) {
        throw Directive.malformed(path, "must be a list of scalars, not " + item);
      }
      deleted.add(key);
    }
    String name = directive.substring(Directive.DELETE_FROM.length());
    if (target.get(name) instanceof ArrayNode existing) {
      ArrayNode rest = JsonNodeFactory.instance.arrayNode();
      for (JsonNode item : existing.values()) {
        String key = ItemKey.ofScalar(item);
        if (key == null || !deleted.contains(key)) {
          rest.add(item);
        }
      }
      target.set(name, rest);
    }
  }

  /// An order without a patch for the list; with one, [#member] applies both.
  private void reorder(String directive, JsonNode order) {
    list(order, at.child(directive));
    String name = directive.substring(Directive.SET_ORDER.length());
    SchemaNode member = memberSchema(name);
    if (!patch.has(name)
        && target.get(name) instanceof ArrayNode existing
        && hasStrategy(member, "merge")) {
      ArrayNode nothing = JsonNodeFactory.instance.arrayNode();
      target.set(name, ListMerge.merge(existing, nothing, order, member, at.child(name)));
    }
  }

  private static ArrayNode list(JsonNode value, FieldPath path) {
    if (value instanceof ArrayNode list) {
      return list;
    }
    throw Directive.malformed(path, "must be a list");
  }

  /// Members that the schema does not know merge like untyped ones: validation speaks of them.
  private SchemaNode memberSchema(String name) {
    @Nullable SchemaNode member = schema.member(name);
    return member == null ? SchemaNode.UNTYPED : member;
  }

  /// A strategy may be several, joined by commas: `merge,retainKeys`.
  private static boolean hasStrategy(SchemaNode schema, String strategy) {
    String all = schema.patchStrategy();
    return all.equals(strategy) || ("," + all + ",").contains("," + strategy + ",");
  }
}
