package dev.otherix.apimachinery.schema;

import dev.otherix.apimachinery.status.FieldPath;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Writes out every `$ref` of a schema. What stands beside a `$ref`, such as a description, wins
/// over what it names. One instance serves one schema.
final class RefInlining {
  private static final int NODES_MAX = 100_000;

  /// Keywords whose values are data, where `$ref` means nothing.
  private static final Set<String> DATA =
      Set.of("default", "enum", "const", "example", "examples", RuleReader.KEYWORD);

  private final ObjectNode definitions;
  private final String prefix;
  private final Deque<String> open = new ArrayDeque<>();
  private int nodes;

  RefInlining(ObjectNode definitions, String prefix) {
    this.definitions = definitions;
    this.prefix = prefix;
  }

  /// A reference that cannot be followed. Never leaves this package.
  static final class Broken extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient FieldPath path;

    Broken(FieldPath path, String words) {
      super(words);
      this.path = path;
    }

    FieldPath path() {
      return path;
    }

    String words() {
      return String.valueOf(getMessage());
    }
  }

  ObjectNode inline(ObjectNode schema) {
    return object(schema, FieldPath.ROOT);
  }

  private ObjectNode object(ObjectNode schema, FieldPath path) {
    if (++nodes > NODES_MAX) {
      throw new Broken(path, "the schema has more than " + NODES_MAX + " nodes once $ref is read");
    }
    JsonNode ref = schema.get("$ref");
    JsonNode all = schema.path("allOf");
    if (ref == null && all.size() == 1 && all.path(0).size() == 1) {
      ref = all.path(0).get("$ref");
    }
    if (ref != null) {
      return resolved(schema, ref, path);
    }
    ObjectNode out = JsonNodeFactory.instance.objectNode();
    copy(schema, out, path);
    return out;
  }

  private ObjectNode resolved(ObjectNode schema, JsonNode ref, FieldPath path) {
    String name = ref.asString("");
    FieldPath at = path.child("$ref");
    if (!name.startsWith(prefix)
        || !(definitions.get(name.substring(prefix.length())) instanceof ObjectNode target)) {
      throw new Broken(at, name + " is not there; only " + prefix + "NAME of this file is read");
    }
    if (open.contains(name)) {
      throw new Broken(
          at, name + " leads back to itself; write it out to the depth that is needed");
    }
    open.push(name);
    ObjectNode out = object(target, path);
    open.pop();
    ObjectNode beside = schema.deepCopy();
    beside.remove("$ref");
    if (schema.get("$ref") == null) {
      beside.remove("allOf");
    }
    copy(beside, out, path);
    return out;
  }

  private void copy(ObjectNode schema, ObjectNode out, FieldPath path) {
    for (Map.Entry<String, JsonNode> member : schema.properties()) {
      JsonNode value = member.getValue();
      FieldPath at = path.child(member.getKey());
      if (DATA.contains(member.getKey())) {
        out.set(member.getKey(), value.deepCopy());
      } else if (member.getKey().equals("properties") && value instanceof ObjectNode properties) {
        ObjectNode copies = out.putObject("properties");
        for (Map.Entry<String, JsonNode> each : properties.properties()) {
          copies.set(each.getKey(), any(each.getValue(), at.key(each.getKey())));
        }
      } else {
        out.set(member.getKey(), any(value, at));
      }
    }
  }

  private JsonNode any(JsonNode value, FieldPath path) {
    if (value instanceof ObjectNode object) {
      return object(object, path);
    }
    if (value instanceof ArrayNode array) {
      ArrayNode out = JsonNodeFactory.instance.arrayNode(array.size());
      for (int i = 0; i < array.size(); i++) {
        out.add(any(array.get(i), path.index(i)));
      }
      return out;
    }
    return value;
  }
}
