package dev.otherix.apimachinery.schema;

import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// One JSON Schema for manifests of many kinds, with which an editor completes and checks them.
/// Draft-07: it is what the YAML language server and the JSON language services know best. An
/// editor sees what a person writes, before defaults: what has a default is not required.
public final class EditorSchema {
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
  private static final String REF = "#/definitions/";

  private EditorSchema() {}

  public static ObjectNode of(Collection<Kind> kinds) {
    ObjectNode out = NODES.objectNode();
    out.put("$schema", "http://json-schema.org/draft-07/schema#");
    out.put("type", "object").putArray("required").add("apiVersion").add("kind");
    Set<String> versions = new LinkedHashSet<>();
    Set<String> names = new LinkedHashSet<>();
    ArrayNode choices = NODES.arrayNode();
    ObjectNode definitions = NODES.objectNode();
    for (Kind kind : kinds) {
      versions.add(kind.apiVersion());
      names.add(kind.kind());
      choices.add(choice(kind));
      definitions.set(PublishedSchemas.name(kind), root(kind));
    }
    ObjectNode properties = out.putObject("properties");
    versions.forEach(properties.putObject("apiVersion").withArray("enum")::add);
    names.forEach(properties.putObject("kind").withArray("enum")::add);
    if (!choices.isEmpty()) {
      out.set("allOf", choices);
    }
    definitions.set("ObjectMeta", node(MetaSchemas.objectMeta()));
    out.set("definitions", definitions);
    return out;
  }

  private static ObjectNode choice(Kind kind) {
    ObjectNode out = NODES.objectNode();
    ObjectNode condition = out.putObject("if");
    condition.putArray("required").add("apiVersion").add("kind");
    ObjectNode properties = condition.putObject("properties");
    properties.putObject("apiVersion").put("const", kind.apiVersion());
    properties.putObject("kind").put("const", kind.kind());
    out.putObject("then").put("$ref", REF + PublishedSchemas.name(kind));
    return out;
  }

  private static ObjectNode root(Kind kind) {
    ObjectNode out = node(kind.schema());
    ObjectNode properties = (ObjectNode) out.required("properties");
    properties.putObject("apiVersion").put("const", kind.apiVersion());
    properties.putObject("kind").put("const", kind.kind());
    if (!restricts(kind.schema())) {
      properties.putObject("metadata").put("$ref", REF + "ObjectMeta");
    }
    return out;
  }

  private static boolean restricts(SchemaNode schema) {
    return schema.source().path("properties").has("metadata");
  }

  private static ObjectNode node(SchemaNode schema) {
    ObjectNode out = JsonSchemas.translated(schema.source());
    for (String word : new String[] {"title", "description", "default", "examples"}) {
      JsonNode value = schema.source().get(word);
      if (value != null) {
        out.set(word, value);
      }
    }
    boolean list = schema.listType() == ListType.SET;
    if (list) {
      out.put("uniqueItems", true);
    }
    SchemaNode items = schema.items();
    if (items != null) {
      out.set("items", node(items));
    }
    SchemaNode additional = schema.additionalProperties();
    if (additional != null) {
      out.set("additionalProperties", additional.untyped() ? NODES.objectNode() : node(additional));
    }
    if (schema.type() == SchemaType.OBJECT) {
      object(schema, out);
    }
    ArrayNode rules = RuleSchemas.of(schema);
    if (!rules.isEmpty()) {
      rules.forEach(out.withArray("allOf")::add);
    }
    return out;
  }

  private static void object(SchemaNode schema, ObjectNode out) {
    if (!schema.properties().isEmpty()) {
      ObjectNode properties = out.putObject("properties");
      for (Map.Entry<String, SchemaNode> each : schema.properties().entrySet()) {
        properties.set(each.getKey(), node(each.getValue()));
      }
    }
    if (!schema.preserveUnknownFields() && schema.additionalProperties() == null) {
      out.put("additionalProperties", false);
    }
    out.remove("required");
    schema.required().stream()
        .sorted()
        .filter(name -> !hasDefault(schema, name))
        .forEach(name -> out.withArray("required").add(name));
  }

  private static boolean hasDefault(SchemaNode schema, String name) {
    SchemaNode member = schema.properties().get(name);
    return member != null && member.defaultValue() != null;
  }
}
