package dev.otherix.apiserver.cel;

import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.schema.CustomResource;
import dev.otherix.apimachinery.schema.Kind;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Custom kinds around one schema.
final class TestKinds {
  private TestKinds() {}

  /// JSON in which `'` stands for `"`.
  static JsonNode json(String text) {
    return Json.parse(text.replace('\'', '"'));
  }

  static ObjectNode object(String text) {
    return (ObjectNode) json(text);
  }

  /// A kind with this schema of the whole object.
  static Kind of(ObjectNode schema) {
    ObjectNode definition =
        object(
            "{'metadata':{'name':'tests.example.io'},'spec':{'group':'example.io','scope':'Cluster',"
                + "'names':{'plural':'tests','kind':'Test'},'versions':[{'name':'v1','served':true,"
                + "'storage':true,'schema':{}}]}}");
    ObjectNode version = (ObjectNode) definition.required("spec").required("versions").get(0);
    ((ObjectNode) version.required("schema")).set("openAPIV3Schema", schema);
    return CustomResource.kinds(definition).getFirst();
  }

  /// A kind whose member `v` has this schema.
  static Kind around(JsonNode schema) {
    ObjectNode root = object("{'type':'object','properties':{}}");
    ((ObjectNode) root.required("properties")).set("v", schema);
    return of(root);
  }

  static ObjectNode holding(JsonNode value) {
    ObjectNode object = JsonNodeFactory.instance.objectNode();
    object.set("v", value);
    return object;
  }
}
