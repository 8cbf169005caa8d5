package dev.otherix.apimachinery.schema;

import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// The schemas of kinds and of what they share, in OpenAPI 3.0 form, by name.
final class PublishedSchemas {
  private static final String GVK = "x-kubernetes-group-version-kind";

  private PublishedSchemas() {}

  /// `otherix.v1.VM`, `io.example.v1.Widget`; a kind of Kubernetes itself has the name that it has
  /// there, such as `io.k8s.api.coordination.v1.Lease`.
  static String name(Kind kind) {
    if (kind.group().isEmpty()) {
      return "io.k8s.api.core." + kind.version() + "." + kind.kind();
    }
    if (kind.group().endsWith(".k8s.io") && !kind.header().traits().isEmpty()) {
      String first = kind.group().substring(0, kind.group().indexOf('.'));
      return "io.k8s.api." + first + "." + kind.version() + "." + kind.kind();
    }
    StringBuilder out = new StringBuilder();
    for (String word : kind.group().split("\\.", -1)) {
      out.insert(0, word + ".");
    }
    return out + kind.version() + "." + kind.kind();
  }

  /// Every schema that the kinds need, sorted by name.
  static Map<String, ObjectNode> of(Collection<Kind> kinds) {
    Map<String, ObjectNode> out = new TreeMap<>();
    boolean scale = false;
    for (Kind kind : kinds) {
      out.put(name(kind), object(kind));
      if (!kind.header().traits().contains(KindTrait.CREATE_ONLY)) {
        out.put(name(kind) + "List", list(kind));
      }
      scale |= kind.header().subresources().scale() != null;
    }
    for (Map.Entry<String, JsonNode> each : MetaSchemas.definitions().properties()) {
      if (scale || each.getKey().startsWith(MetaSchemas.PREFIX)) {
        out.put(each.getKey(), (ObjectNode) each.getValue().deepCopy());
      }
    }
    return out;
  }

  private static ObjectNode object(Kind kind) {
    ObjectNode schema = SchemaDialect.toOpenApi(kind.schema().source());
    typed(schema);
    embedded(schema);
    gvk(schema, kind, kind.kind());
    if (!kind.header().selectableFields().isEmpty()) {
      for (JsonPath path : kind.header().selectableFields()) {
        schema
            .withArray("x-kubernetes-selectable-fields")
            .addObject()
            .put("fieldPath", String.join(".", path.names()));
      }
    }
    return schema;
  }

  /// Puts apiVersion, kind and metadata in front of the other properties.
  private static void typed(ObjectNode schema) {
    ObjectNode properties = JsonNodeFactory.instance.objectNode();
    JsonNode status =
        MetaSchemas.definitions().required(MetaSchemas.PREFIX + "Status").required("properties");
    properties.set("apiVersion", status.required("apiVersion").deepCopy());
    properties.set("kind", status.required("kind").deepCopy());
    properties.set("metadata", reference("ObjectMeta", MetaSchemas.objectMeta().description()));
    for (Map.Entry<String, JsonNode> each : schema.path("properties").properties()) {
      if (!properties.has(each.getKey())) {
        properties.set(each.getKey(), each.getValue());
      }
    }
    schema.set("properties", properties);
  }

  private static void embedded(ObjectNode schema) {
    for (Map.Entry<String, JsonNode> each : schema.path("properties").properties()) {
      embeddedBelow(each.getValue());
    }
    embeddedBelow(schema.path("items"));
    embeddedBelow(schema.path("additionalProperties"));
  }

  private static void embeddedBelow(JsonNode schema) {
    if (schema instanceof ObjectNode object) {
      if (object.path("x-kubernetes-embedded-resource").asBoolean(false)) {
        typed(object);
      }
      embedded(object);
    }
  }

  private static ObjectNode list(Kind kind) {
    ObjectNode schema = JsonNodeFactory.instance.objectNode();
    schema.put("description", "A list of objects of kind " + kind.kind() + ".");
    schema.put("type", "object").putArray("required").add("items");
    schema.putObject("properties");
    typed(schema);
    ObjectNode properties = (ObjectNode) schema.required("properties");
    properties.set("metadata", reference("ListMeta", "What every list has."));
    ObjectNode items = properties.putObject("items");
    items.put("description", "The objects.").put("type", "array");
    items
        .putObject("items")
        .putArray("allOf")
        .addObject()
        .put("$ref", MetaSchemas.REF + name(kind));
    gvk(schema, kind, kind.listKind());
    return schema;
  }

  private static ObjectNode reference(String name, String description) {
    ObjectNode out = JsonNodeFactory.instance.objectNode();
    out.put("description", description);
    out.putArray("allOf").addObject().put("$ref", MetaSchemas.REF + MetaSchemas.PREFIX + name);
    return out;
  }

  private static void gvk(ObjectNode schema, Kind kind, String name) {
    schema
        .putArray(GVK)
        .addObject()
        .put("group", kind.group())
        .put("version", kind.version())
        .put("kind", name);
  }
}
