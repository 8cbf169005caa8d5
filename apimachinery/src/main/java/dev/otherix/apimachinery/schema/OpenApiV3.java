package dev.otherix.apimachinery.schema;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// The OpenAPI 3.0 document of a set of kinds, usually one group-version: what kubectl reads before
/// it writes, and what it explains from. The same kinds give the same bytes.
public final class OpenApiV3 {
  static final List<String> BODIES = List.of("application/json", "application/yaml");
  private static final List<String> PATCHES =
      List.of(
          "application/json-patch+json",
          "application/merge-patch+json",
          "application/apply-patch+yaml");
  private static final List<String> PATCHES_OF_BUILT_IN =
      List.of(
          "application/json-patch+json",
          "application/merge-patch+json",
          "application/strategic-merge-patch+json",
          "application/apply-patch+yaml");

  private OpenApiV3() {}

  /// @param title what serves this, for people
  /// @param version of what serves this
  public static ObjectNode document(String title, String version, Collection<Kind> kinds) {
    ObjectNode out = JsonNodeFactory.instance.objectNode();
    out.put("openapi", "3.0.0");
    out.putObject("info").put("title", title).put("version", version);
    ObjectNode paths = out.putObject("paths");
    operations(kinds)
        .forEach(operation ->
            paths
                .withObjectProperty(operation.path())
                .set(operation.method(), operation(operation)));
    ObjectNode schemas = out.putObject("components").putObject("schemas");
    PublishedSchemas.of(kinds).forEach(schemas::set);
    return out;
  }

  static Stream<ApiOperation> operations(Collection<Kind> kinds) {
    return kinds.stream()
        .flatMap(kind -> ApiOperation.of(kind).stream())
        .sorted(Comparator.comparing(ApiOperation::path));
  }

  /// What both versions of OpenAPI say about an operation in the same words.
  static ObjectNode common(ApiOperation operation) {
    ObjectNode out = JsonNodeFactory.instance.objectNode();
    out.putArray("tags").add(operation.tag());
    out.put("description", operation.summary());
    out.put("operationId", operation.id());
    out.put("x-kubernetes-action", operation.action());
    out.putObject("x-kubernetes-group-version-kind")
        .put("group", operation.type().group())
        .put("version", operation.type().version())
        .put("kind", operation.type().kind());
    return out;
  }

  private static ObjectNode operation(ApiOperation operation) {
    ObjectNode out = common(operation);
    ArrayNode parameters = out.putArray("parameters");
    for (ApiParameters each : ApiParameters.of(operation)) {
      ObjectNode parameter = parameters.addObject();
      parameter
          .put("name", each.name())
          .put("in", each.in())
          .put("description", each.description());
      if (each.in().equals("path")) {
        parameter.put("required", true);
      }
      parameter.putObject("schema").put("type", each.type()).put("uniqueItems", true);
    }
    body(operation, out);
    ObjectNode responses = out.putObject("responses");
    response(responses, "200", "OK", operation);
    if (operation.method().equals("post") || operation.method().equals("put")) {
      response(responses, "201", "Created", operation);
    }
    if (operation.method().equals("delete")) {
      response(responses, "202", "Accepted", operation);
    }
    responses.putObject("401").put("description", "Unauthorized");
    return out;
  }

  static List<String> patches(ApiOperation operation) {
    return operation.strategicMerge() ? PATCHES_OF_BUILT_IN : PATCHES;
  }

  private static void body(ApiOperation operation, ObjectNode out) {
    String patch = MetaSchemas.PREFIX + "Patch";
    switch (operation.method()) {
      case "patch" ->
          content(out.putObject("requestBody").put("required", true), patches(operation), patch);
      case "delete" ->
          content(out.putObject("requestBody"), BODIES, MetaSchemas.PREFIX + "DeleteOptions");
      case "post", "put" -> {
        ObjectNode body = out.putObject("requestBody");
        if (operation.schema().isEmpty()) {
          content(body, BODIES, "");
        } else {
          content(body.put("required", true), BODIES, operation.schema());
        }
      }
      default -> {}
    }
  }

  private static void response(
      ObjectNode responses, String code, String words, ApiOperation operation) {
    content(responses.putObject(code).put("description", words), BODIES, operation.returned());
  }

  private static void content(ObjectNode parent, List<String> types, String schema) {
    ObjectNode content = parent.putObject("content");
    for (String type : types) {
      ObjectNode at = content.putObject(type).putObject("schema");
      if (schema.isEmpty()) {
        at.put("type", "object").put("x-kubernetes-preserve-unknown-fields", true);
      } else {
        at.put("$ref", MetaSchemas.REF + schema);
      }
    }
  }
}
