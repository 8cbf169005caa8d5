package dev.otherix.apiserver.openapi;

import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Turns a Swagger document into protobuf messages of the package `openapi.v2` that Google's
/// gnostic defines: what older clients read. Members for which the messages have no field, such as
/// `examples`, are left out; so are bounds of 0, which these messages cannot tell from none.
final class SwaggerMessages {
  private SwaggerMessages() {}

  static byte[] document(ObjectNode document) {
    ProtoBuffer out = new ProtoBuffer();
    out.string(1, text(document, "swagger"));
    JsonNode info = document.path("info");
    out.message(
        2, new ProtoBuffer().string(1, text(info, "title")).string(2, text(info, "version")));
    ProtoBuffer paths = new ProtoBuffer();
    for (Map.Entry<String, JsonNode> path : document.path("paths").properties()) {
      paths.message(2, named(path.getKey(), pathItem(path.getValue())));
    }
    out.message(8, paths);
    ProtoBuffer definitions = new ProtoBuffer();
    for (Map.Entry<String, JsonNode> each : document.path("definitions").properties()) {
      definitions.message(1, named(each.getKey(), SwaggerSchema.message(each.getValue())));
    }
    return out.message(9, definitions).toBytes();
  }

  /// How protobuf writes an entry of a map that keeps its order.
  static ProtoBuffer named(String name, ProtoBuffer value) {
    return new ProtoBuffer().string(1, name).message(2, value);
  }

  /// Any value at all, which gnostic carries as YAML text. JSON is YAML.
  static ProtoBuffer any(JsonNode value) {
    return new ProtoBuffer().string(2, value.toString() + "\n");
  }

  static void extensions(ProtoBuffer out, int field, JsonNode node) {
    for (Map.Entry<String, JsonNode> each : node.properties()) {
      if (each.getKey().startsWith("x-")) {
        out.message(field, named(each.getKey(), any(each.getValue())));
      }
    }
  }

  static String text(JsonNode node, String member) {
    return node.path(member).asString("");
  }

  static void texts(ProtoBuffer out, int field, JsonNode list) {
    for (JsonNode each : list) {
      out.item(field, each.asString(""));
    }
  }

  private static ProtoBuffer pathItem(JsonNode item) {
    ProtoBuffer out = new ProtoBuffer();
    for (Map.Entry<String, JsonNode> each : item.properties()) {
      int field =
          switch (each.getKey()) {
            case "get" -> 2;
            case "put" -> 3;
            case "post" -> 4;
            case "delete" -> 5;
            case "options" -> 6;
            case "head" -> 7;
            case "patch" -> 8;
            default -> throw new IllegalStateException("no method: " + each.getKey());
          };
      out.message(field, operation(each.getValue()));
    }
    return out;
  }

  private static ProtoBuffer operation(JsonNode operation) {
    ProtoBuffer out = new ProtoBuffer();
    texts(out, 1, operation.path("tags"));
    out.string(2, text(operation, "summary"));
    out.string(3, text(operation, "description"));
    out.string(5, text(operation, "operationId"));
    texts(out, 6, operation.path("produces"));
    texts(out, 7, operation.path("consumes"));
    for (JsonNode parameter : operation.path("parameters")) {
      out.message(8, new ProtoBuffer().message(1, parameter(parameter)));
    }
    ProtoBuffer responses = new ProtoBuffer();
    for (Map.Entry<String, JsonNode> each : operation.path("responses").properties()) {
      ProtoBuffer value = new ProtoBuffer().message(1, response(each.getValue()));
      responses.message(1, named(each.getKey(), value));
    }
    out.message(9, responses);
    extensions(out, 13, operation);
    return out;
  }

  private static ProtoBuffer response(JsonNode response) {
    ProtoBuffer out = new ProtoBuffer().string(1, text(response, "description"));
    if (response.has("schema")) {
      ProtoBuffer schema = SwaggerSchema.message(response.path("schema"));
      out.message(2, new ProtoBuffer().message(1, schema));
    }
    extensions(out, 5, response);
    return out;
  }

  private static ProtoBuffer parameter(JsonNode parameter) {
    String in = text(parameter, "in");
    return switch (in) {
      case "body" -> new ProtoBuffer().message(1, body(parameter));
      // A query parameter has one field more, allowEmptyValue, before its type.
      case "query" -> plain(3, parameter, 6, 20, 23);
      case "path" -> plain(4, parameter, 5, 19, 22);
      default -> throw new IllegalStateException("a parameter in " + in);
    };
  }

  private static ProtoBuffer body(JsonNode parameter) {
    ProtoBuffer out = new ProtoBuffer();
    out.string(1, text(parameter, "description"));
    out.string(2, text(parameter, "name"));
    out.string(3, text(parameter, "in"));
    out.bool(4, parameter.path("required").asBoolean(false));
    out.message(5, SwaggerSchema.message(parameter.path("schema")));
    extensions(out, 6, parameter);
    return out;
  }

  private static ProtoBuffer plain(
      int field, JsonNode parameter, int type, int uniqueItems, int extensions) {
    ProtoBuffer out = new ProtoBuffer();
    out.bool(1, parameter.path("required").asBoolean(false));
    out.string(2, text(parameter, "in"));
    out.string(3, text(parameter, "description"));
    out.string(4, text(parameter, "name"));
    out.string(type, text(parameter, "type"));
    out.bool(uniqueItems, parameter.path("uniqueItems").asBoolean(false));
    extensions(out, extensions, parameter);
    return new ProtoBuffer().message(2, new ProtoBuffer().message(field, out));
  }
}
