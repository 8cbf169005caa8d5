package dev.otherix.apimachinery.schema;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// The Swagger 2.0 document of a set of kinds, usually all of them, for clients that predate
/// OpenAPI v3. Swagger cannot say everything: what it cannot say is left open rather than wrong.
public final class OpenApiV2 {
  private static final String REF = "#/definitions/";
  private static final List<String> COMBINATIONS = List.of("allOf", "anyOf", "oneOf", "not");
  private static final List<String> CONTENT =
      List.of("type", "properties", "items", "additionalProperties", "required");

  private OpenApiV2() {}

  /// @param title what serves this, for people
  /// @param version of what serves this
  public static ObjectNode document(String title, String version, Collection<Kind> kinds) {
    ObjectNode out = JsonNodeFactory.instance.objectNode();
    out.put("swagger", "2.0");
    out.putObject("info").put("title", title).put("version", version);
    ObjectNode paths = out.putObject("paths");
    OpenApiV3.operations(kinds)
        .forEach(operation ->
            paths
                .withObjectProperty(operation.path())
                .set(operation.method(), operation(operation)));
    ObjectNode definitions = out.putObject("definitions");
    PublishedSchemas.of(kinds).forEach((name, schema) -> definitions.set(name, projected(schema)));
    return out;
  }

  private static ObjectNode operation(ApiOperation operation) {
    ObjectNode out = OpenApiV3.common(operation);
    out.putArray("produces").add("application/json").add("application/yaml");
    ArrayNode consumes = out.putArray("consumes");
    (operation.method().equals("patch") ? OpenApiV3.patches(operation) : OpenApiV3.BODIES)
        .forEach(consumes::add);
    ArrayNode parameters = out.putArray("parameters");
    for (ApiParameters each : ApiParameters.of(operation)) {
      ObjectNode parameter = parameters.addObject();
      parameter
          .put("name", each.name())
          .put("in", each.in())
          .put("description", each.description());
      parameter.put("type", each.type()).put("uniqueItems", true);
      if (each.in().equals("path")) {
        parameter.put("required", true);
      }
    }
    body(operation, parameters);
    ObjectNode responses = out.putObject("responses");
    response(responses, "200", "OK", operation);
    if (operation.method().equals("post") || operation.method().equals("put")) {
      response(responses, "201", "Created", operation);
    }
    responses.putObject("401").put("description", "Unauthorized");
    return out;
  }

  private static void body(ApiOperation operation, ArrayNode parameters) {
    String schema =
        switch (operation.method()) {
          case "patch" -> MetaSchemas.PREFIX + "Patch";
          case "delete" -> MetaSchemas.PREFIX + "DeleteOptions";
          default -> operation.schema();
        };
    if (!schema.isEmpty()) {
      ObjectNode parameter = parameters.addObject().put("name", "body").put("in", "body");
      parameter.put("required", !operation.method().equals("delete"));
      parameter.putObject("schema").put("$ref", REF + schema);
    }
  }

  private static void response(
      ObjectNode responses, String code, String words, ApiOperation operation) {
    ObjectNode schema = responses.putObject(code).put("description", words).putObject("schema");
    if (operation.returned().isEmpty()) {
      schema.put("type", "object");
    } else {
      schema.put("$ref", REF + operation.returned());
    }
  }

  /// Without combinations and null. A value that may be null, or whose members are not all known,
  /// loses its structure, because old clients would refuse what the server accepts.
  static ObjectNode projected(ObjectNode schema) {
    ObjectNode out = JsonNodeFactory.instance.objectNode();
    String ref = schema.path("allOf").path(0).path("$ref").asString("");
    if (!ref.isEmpty()) {
      out.put("$ref", REF + ref.substring(MetaSchemas.REF.length()));
    }
    boolean nullable = schema.path("nullable").asBoolean(false);
    boolean open = schema.path("x-kubernetes-preserve-unknown-fields").asBoolean(false);
    boolean intOrString = schema.path("x-kubernetes-int-or-string").asBoolean(false);
    for (Map.Entry<String, JsonNode> member : schema.properties()) {
      String keyword = member.getKey();
      boolean structure = CONTENT.contains(keyword);
      boolean dropped =
          COMBINATIONS.contains(keyword)
              || keyword.equals("nullable")
              || (structure && nullable)
              || (structure && open && !keyword.equals("type"));
      if (!dropped) {
        out.set(keyword, projected(keyword, member.getValue()));
      }
    }
    if (intOrString) {
      out.put("format", "int-or-string");
    }
    return out;
  }

  private static JsonNode projected(String keyword, JsonNode value) {
    if (keyword.equals("properties")) {
      ObjectNode properties = JsonNodeFactory.instance.objectNode();
      for (Map.Entry<String, JsonNode> each : value.properties()) {
        properties.set(each.getKey(), projected((ObjectNode) each.getValue()));
      }
      return properties;
    }
    boolean schema = keyword.equals("items") || keyword.equals("additionalProperties");
    return schema && value instanceof ObjectNode object ? projected(object) : value.deepCopy();
  }
}
