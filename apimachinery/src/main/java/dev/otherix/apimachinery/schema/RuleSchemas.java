package dev.otherix.apimachinery.schema;

import dev.otherix.apimachinery.codec.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// [Rule]s in the words of JSON Schema, for editors. `ordered` and `inSubnet` compare two values,
/// which JSON Schema cannot: they are left to the server.
final class RuleSchemas {
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  private RuleSchemas() {}

  static ArrayNode of(SchemaNode schema) {
    ArrayNode out = NODES.arrayNode();
    for (Rule rule : schema.rules()) {
      switch (rule) {
        case Rule.ExactlyOneOf one -> {
          ArrayNode choices = out.addObject().putArray("oneOf");
          one.fields().forEach(field -> choices.add(set(field)));
        }
        case Rule.AtMostOneOf one -> pairs(one.fields(), out);
        case Rule.When when -> out.add(when(schema, when));
        case Rule.ReservedPrefix reserved -> reservedPrefix(reserved, out);
        case Rule.Ordered _, Rule.InSubnet _ -> {}
      }
    }
    return out;
  }

  private static void pairs(List<String> fields, ArrayNode out) {
    for (int i = 0; i < fields.size(); i++) {
      for (int j = i + 1; j < fields.size(); j++) {
        ArrayNode both = out.addObject().putObject("not").putArray("allOf");
        both.add(set(fields.get(i))).add(set(fields.get(j)));
      }
    }
  }

  /// Prefixes are words of a file of ours; the pattern quotes what is special in them.
  private static void reservedPrefix(Rule.ReservedPrefix rule, ArrayNode out) {
    for (String prefix : rule.prefixes()) {
      ObjectNode begins = NODES.objectNode();
      begins.put("pattern", "^" + prefix.replaceAll("[^A-Za-z0-9_-]", "\\\\$0"));
      out.add(not(at(rule.field(), begins, true)));
    }
  }

  private static ObjectNode when(SchemaNode schema, Rule.When rule) {
    List<ObjectNode> conditions = new ArrayList<>();
    rule.conditions().forEach((field, each) -> conditions.add(condition(schema, field, each)));
    List<ObjectNode> demands = new ArrayList<>();
    rule.require().stream()
        .filter(each -> fallback(schema, each) == null)
        .map(RuleSchemas::set)
        .forEach(demands::add);
    rule.forbid().forEach(field -> demands.add(not(set(field))));
    rule.values()
        .forEach((field, values) -> {
          ObjectNode allowed = NODES.objectNode();
          values.forEach(allowed.withArray("enum")::add);
          demands.add(at(field, allowed, false));
        });
    bounds(rule.max(), "maximum", demands);
    bounds(rule.min(), "minimum", demands);
    ObjectNode out = NODES.objectNode();
    out.set("if", all(conditions));
    out.set("then", all(demands));
    return out;
  }

  private static void bounds(
      Map<String, JsonNode> bounds, String keyword, List<ObjectNode> demands) {
    bounds.forEach((field, bound) -> {
      ObjectNode bounded = NODES.objectNode();
      bounded.set(keyword, bound);
      demands.add(at(field, bounded, false));
    });
  }

  /// What is not written is what its default says.
  private static ObjectNode condition(SchemaNode schema, String field, Rule.Condition condition) {
    JsonNode fallback = fallback(schema, field);
    return switch (condition) {
      case Rule.Condition.IsSet set -> {
        ObjectNode present = fallback == null ? set(field) : NODES.objectNode();
        yield set.set() ? present : not(present);
      }
      case Rule.Condition.AnyOf any -> {
        ObjectNode allowed = NODES.objectNode();
        any.values().forEach(allowed.withArray("enum")::add);
        boolean byDefault = false;
        for (JsonNode each : any.values()) {
          byDefault |= Json.equal(each, fallback);
        }
        yield at(field, allowed, !byDefault);
      }
    };
  }

  private static @Nullable JsonNode fallback(SchemaNode schema, String field) {
    SchemaNode at = schema;
    for (String name : field.split("\\.", -1)) {
      SchemaNode next = at.properties().get(name);
      if (next == null) {
        return null;
      }
      at = next;
    }
    return at.defaultValue();
  }

  private static ObjectNode set(String field) {
    return at(field, NODES.objectNode(), true);
  }

  /// A schema for the object whose field has the schema `value`.
  private static ObjectNode at(String field, ObjectNode value, boolean required) {
    int dot = field.lastIndexOf('.');
    String name = field.substring(dot + 1);
    ObjectNode out = NODES.objectNode();
    if (required) {
      out.putArray("required").add(name);
    }
    if (!value.isEmpty()) {
      out.putObject("properties").set(name, value);
    }
    return dot < 0 ? out : at(field.substring(0, dot), out, required);
  }

  private static ObjectNode not(ObjectNode schema) {
    ObjectNode out = NODES.objectNode();
    out.set("not", schema);
    return out;
  }

  private static ObjectNode all(List<ObjectNode> schemas) {
    if (schemas.size() == 1) {
      return schemas.getFirst();
    }
    ObjectNode out = NODES.objectNode();
    schemas.forEach(out.withArray("allOf")::add);
    return out;
  }
}
