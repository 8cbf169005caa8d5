package dev.otherix.apimachinery.schema;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// One operation that the server offers for a kind: what both versions of OpenAPI print.
///
/// @param method the HTTP method in lower case
/// @param action Kubernetes' name for it (`x-kubernetes-action`)
/// @param schema the definition that is sent and returned, or empty where anything is
/// @param collection whether query parameters are those of a list
/// @param strategicMerge whether a patch may be one
record ApiOperation(
    String path,
    String method,
    String action,
    String id,
    String summary,
    String tag,
    Gvk type,
    String schema,
    String returned,
    boolean collection,
    boolean strategicMerge) {

  record Gvk(String group, String version, String kind) {}

  private static final Gvk SCALE = new Gvk("autoscaling", "v1", "Scale");
  private static final String SCALE_SCHEMA = "io.k8s.api.autoscaling.v1.Scale";
  private static final String STATUS = MetaSchemas.PREFIX + "Status";

  /// Everything that is served for a kind, in the order of paths.
  static List<ApiOperation> of(Kind kind) {
    List<ApiOperation> out = new ArrayList<>();
    Gvk type = new Gvk(kind.group(), kind.version(), kind.kind());
    String root =
        kind.group().isEmpty()
            ? "/api/" + kind.version() + "/"
            : "/apis/" + kind.apiVersion() + "/";
    String schema = PublishedSchemas.name(kind);
    String scope = kind.namespaced() ? "Namespaced" : "";
    String base = root + (kind.namespaced() ? "namespaces/{namespace}/" : "") + kind.plural();
    Builder builder = new Builder(kind, out);
    if (kind.header().traits().contains(KindTrait.CREATE_ONLY)) {
      builder.add(base, "post", "", scope, type, schema, schema);
      return out;
    }
    if (kind.namespaced()) {
      builder.add(root + kind.plural(), "list", "ForAllNamespaces", "", type, "", schema + "List");
    }
    builder.add(base, "list", "", scope, type, "", schema + "List");
    builder.add(base, "post", "", scope, type, schema, schema);
    builder.add(base, "deletecollection", "", "Collection" + scope, type, "", STATUS);
    String one = base + "/{name}";
    builder.object(one, "", scope, type, schema);
    builder.add(one, "delete", "", scope, type, "", STATUS);
    Subresources sub = kind.header().subresources();
    if (sub.status()) {
      builder.object(one + "/status", "Status", scope, type, schema);
    }
    if (sub.scale() != null) {
      builder.object(one + "/scale", "Scale", scope, SCALE, SCALE_SCHEMA);
    }
    for (String update : sub.updates()) {
      builder.add(one + "/" + update, "put", words(update), scope, type, schema, schema);
    }
    for (String stream : sub.streams()) {
      builder.add(one + "/" + stream, "get", words(stream), scope, type, "", "");
    }
    for (String action : sub.actions()) {
      builder.add(one + "/" + action, "run", words(action), scope, type, "", "");
    }
    return out;
  }

  /// `example.io/v1` as `ExampleIoV1`.
  static String words(String text) {
    StringBuilder out = new StringBuilder();
    boolean upper = true;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (!Character.isLetterOrDigit(c)) {
        upper = true;
      } else {
        out.append(upper ? Character.toUpperCase(c) : c);
        upper = false;
      }
    }
    return out.toString();
  }

  private record Builder(Kind kind, List<ApiOperation> out) {
    void object(String path, String suffix, String scope, Gvk type, String schema) {
      add(path, "get", suffix, scope, type, "", schema);
      add(path, "put", suffix, scope, type, schema, schema);
      add(path, "patch", suffix, scope, type, "", schema);
    }

    void add(
        String path,
        String action,
        String suffix,
        String scope,
        Gvk type,
        String sent,
        String returned) {
      String group = kind.group().isEmpty() ? "core" : kind.group();
      String version = words(group) + words(kind.version());
      String verb =
          switch (action) {
            case "get" -> "read";
            case "post" -> "create";
            case "put" -> "replace";
            case "deletecollection" -> "delete";
            default -> action;
          };
      String method =
          switch (action) {
            case "list" -> "get";
            case "deletecollection" -> "delete";
            case "run" -> "post";
            default -> action;
          };
      out.add(
          new ApiOperation(
              path,
              method,
              action.equals("run") ? "post" : action,
              verb + version + scope + kind.kind() + suffix,
              summary(verb, action, suffix),
              group.replace('.', '_').toLowerCase(Locale.ROOT) + "_" + kind.version(),
              type,
              sent,
              returned,
              action.equals("list") || action.equals("deletecollection"),
              kind.header().traits().contains(KindTrait.STRATEGIC_MERGE)));
    }

    private String summary(String verb, String action, String suffix) {
      String what =
          switch (suffix) {
            case "" -> "";
            case "ForAllNamespaces" -> " in all namespaces";
            default -> ", subresource " + suffix.toLowerCase(Locale.ROOT);
          };
      return switch (action) {
        case "list" -> "list or watch objects of kind " + kind.kind() + what;
        case "deletecollection" -> "delete every selected object of kind " + kind.kind();
        default -> verb + " one object of kind " + kind.kind() + what;
      };
    }
  }
}
