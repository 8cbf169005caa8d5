package dev.otherix.apimachinery.schema;

import dev.otherix.apimachinery.codec.Json;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.databind.node.ObjectNode;

/// The types of `meta/v1` that every kind shares, from the resource `metav1.json`.
final class MetaSchemas {
  static final String PREFIX = "io.k8s.apimachinery.pkg.apis.meta.v1.";
  static final String REF = "#/components/schemas/";

  private static final ObjectNode DEFINITIONS = load();
  private static final SchemaNode OBJECT_META =
      SchemaReader.read(SchemaFile.inlined(definition("ObjectMeta"), DEFINITIONS, REF));
  private static final SchemaNode TYPED_OBJECT = typed();

  private MetaSchemas() {}

  /// Every definition by its full name, in OpenAPI v3 form; never changed, copy it.
  static ObjectNode definitions() {
    return DEFINITIONS;
  }

  static SchemaNode objectMeta() {
    return OBJECT_META;
  }

  /// An object with apiVersion, kind and metadata.
  static SchemaNode typedObject() {
    return TYPED_OBJECT;
  }

  private static ObjectNode definition(String name) {
    return (ObjectNode) DEFINITIONS.required(PREFIX + name);
  }

  private static SchemaNode typed() {
    ObjectNode schema = Json.parseObject("{\"type\": \"object\", \"properties\": {}}");
    ObjectNode properties = (ObjectNode) schema.get("properties");
    ObjectNode status = (ObjectNode) definition("Status").required("properties");
    properties.set("apiVersion", status.required("apiVersion"));
    properties.set("kind", status.required("kind"));
    SchemaNode node = SchemaReader.read(schema);
    Map<String, SchemaNode> members = new LinkedHashMap<>(node.properties());
    members.put("metadata", OBJECT_META);
    return node.withProperties(members, node.required());
  }

  private static ObjectNode load() {
    try (InputStream in = MetaSchemas.class.getResourceAsStream("metav1.json")) {
      if (in == null) {
        throw new IllegalStateException("metav1.json is not beside " + MetaSchemas.class);
      }
      return Json.parseObject(new String(in.readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
