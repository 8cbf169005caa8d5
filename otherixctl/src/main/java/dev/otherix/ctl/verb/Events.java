package dev.otherix.ctl.verb;

import dev.otherix.apimachinery.client.ApiClient;
import dev.otherix.apimachinery.client.ListOptions;
import dev.otherix.apimachinery.object.GroupVersionResource;
import dev.otherix.apimachinery.status.ApiException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// What happened, as the server's events tell it.
final class Events {
  static final GroupVersionResource RESOURCE = new GroupVersionResource("", "v1", "events");

  private static final int PAGE_ITEMS = 500;
  private static final int FORBIDDEN = 403;

  private Events() {}

  /// The events of an object, oldest first. None for a person who may not read events.
  static List<ObjectNode> about(ApiClient client, ObjectNode object) throws InterruptedException {
    String uid = object.at("/metadata/uid").asString("");
    try {
      return list(client, "", "involvedObject.uid=" + uid);
    } catch (ApiException e) {
      if (e.code() == FORBIDDEN) {
        return List.of();
      }
      throw e;
    }
  }

  /// @param namespace empty for all
  static List<ObjectNode> list(ApiClient client, String namespace, String fields)
      throws InterruptedException {
    List<ObjectNode> found = new ArrayList<>();
    client
        .resource(RESOURCE)
        .forEach(
            ListOptions.ALL.inNamespace(namespace).withSelectors("", fields).withLimit(PAGE_ITEMS),
            found::add);
    found.sort(Comparator.comparing(Events::time));
    return found;
  }

  /// When it happened last; texts of this form order like times.
  static String time(JsonNode event) {
    for (String member : List.of("lastTimestamp", "eventTime", "firstTimestamp")) {
      String time = event.path(member).asString("");
      if (!time.isEmpty()) {
        return time;
      }
    }
    return event.at("/metadata/creationTimestamp").asString("");
  }
}
