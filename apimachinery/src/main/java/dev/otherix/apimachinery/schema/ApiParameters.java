package dev.otherix.apimachinery.schema;

import java.util.ArrayList;
import java.util.List;

/// The query and path parameters of an operation.
///
/// @param in `path` or `query`
record ApiParameters(String name, String in, String type, String description) {
  private static final ApiParameters PRETTY =
      query("pretty", "string", "Print the answer for people; otherwise compact.");
  private static final ApiParameters DRY_RUN =
      query("dryRun", "string", "All: go through everything, write nothing.");
  private static final ApiParameters FIELD_MANAGER =
      query("fieldManager", "string", "Who makes the change, for server-side apply.");
  private static final ApiParameters FIELD_VALIDATION =
      query(
          "fieldValidation",
          "string",
          "What happens to unknown and repeated fields: Ignore, Warn or Strict.");
  private static final ApiParameters FORCE =
      query("force", "boolean", "Take over fields that other managers own; for apply only.");
  private static final ApiParameters RESOURCE_VERSION =
      query("resourceVersion", "string", "The revision to read at, or after.");

  private static final List<ApiParameters> LIST =
      List.of(
          query("allowWatchBookmarks", "boolean", "Send bookmarks into a watch."),
          query("continue", "string", "The token of the previous page."),
          query("fieldSelector", "string", "Only objects whose fields match."),
          query("labelSelector", "string", "Only objects whose labels match."),
          query("limit", "integer", "At most so many items."),
          RESOURCE_VERSION,
          query(
              "resourceVersionMatch",
              "string",
              "How resourceVersion is meant: Exact or NotOlderThan."),
          query("sendInitialEvents", "boolean", "Begin a watch with what is there."),
          query("timeoutSeconds", "integer", "When the server ends the answer."),
          query("watch", "boolean", "Stream changes instead of a list."));
  private static final List<ApiParameters> DELETE =
      List.of(
          DRY_RUN,
          query("gracePeriodSeconds", "integer", "Seconds before the object goes."),
          query("orphanDependents", "boolean", "Old form of propagationPolicy."),
          query("propagationPolicy", "string", "Orphan, Background or Foreground."));

  private static ApiParameters query(String name, String type, String description) {
    return new ApiParameters(name, "query", type, description);
  }

  static List<ApiParameters> of(ApiOperation operation) {
    List<ApiParameters> out = new ArrayList<>();
    if (operation.path().contains("{name}")) {
      out.add(
          new ApiParameters("name", "path", "string", "name of the " + operation.type().kind()));
    }
    if (operation.path().contains("{namespace}")) {
      out.add(new ApiParameters("namespace", "path", "string", "namespace of the object"));
    }
    out.add(PRETTY);
    switch (operation.action()) {
      case "list" -> out.addAll(LIST);
      case "get" -> out.add(RESOURCE_VERSION);
      case "delete" -> out.addAll(DELETE);
      case "deletecollection" -> {
        out.addAll(LIST.subList(1, LIST.size() - 1));
        out.addAll(DELETE);
      }
      case "patch" -> out.addAll(List.of(DRY_RUN, FIELD_MANAGER, FIELD_VALIDATION, FORCE));
      default -> out.addAll(List.of(DRY_RUN, FIELD_MANAGER, FIELD_VALIDATION));
    }
    return out;
  }
}
