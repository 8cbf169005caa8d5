package dev.otherix.ctl.manifest;

import dev.otherix.apimachinery.codec.Json;
import dev.otherix.ctl.connect.Session;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.MissingNode;
import tools.jackson.databind.node.ObjectNode;

/// Whether an apply changed an object. Revisions do not tell: a controller may have written its
/// status between the moment at which the object was read and the apply. What this tool owns does:
/// an apply changes the values of its own fields, or which fields are its own.
final class AppliedChange {
  private static final String FIELD = "f:";
  private static final String KEY = "k:";
  private static final String VALUE = "v:";
  private static final String INDEX = "i:";
  private static final String ITSELF = ".";

  private AppliedChange() {}

  /// @param before as it was read, some time before the apply
  /// @param after as the apply answered it
  static boolean between(ObjectNode before, ObjectNode after) {
    JsonNode owned = owned(after);
    return owned.isMissingNode()
        || !Json.equal(owned(before), owned)
        || differ(owned, before, after);
  }

  /// The fields that earlier applies of this tool named; missing when there was none.
  private static JsonNode owned(ObjectNode object) {
    for (JsonNode entry : object.at("/metadata/managedFields")) {
      if (entry.path("manager").asString("").equals(Session.MANAGER)
          && entry.path("operation").asString("").equals("Apply")
          && entry.path("subresource").asString("").isEmpty()) {
        return entry.path("fieldsV1");
      }
    }
    return MissingNode.getInstance();
  }

  private static boolean differ(JsonNode owned, JsonNode before, JsonNode after) {
    if (owned.isEmpty()) {
      return !Json.equal(before, after);
    }
    for (Map.Entry<String, JsonNode> member : owned.properties()) {
      String element = member.getKey();
      boolean differs =
          element.equals(ITSELF)
              ? before.isMissingNode() != after.isMissingNode()
              : differ(member.getValue(), child(before, element), child(after, element));
      if (differs) {
        return true;
      }
    }
    return false;
  }

  private static JsonNode child(JsonNode parent, String element) {
    String rest = element.substring(2);
    return switch (element.substring(0, 2)) {
      case FIELD -> parent.path(rest);
      case KEY -> item(parent, Json.parse(rest), true);
      case VALUE -> item(parent, Json.parse(rest), false);
      case INDEX -> parent.path(Integer.parseInt(rest));
      default -> throw new IllegalStateException("no element of a field set: " + element);
    };
  }

  private static JsonNode item(JsonNode list, JsonNode wanted, boolean byKeys) {
    for (JsonNode item : list) {
      if (byKeys ? hasAll(item, wanted) : Json.equal(item, wanted)) {
        return item;
      }
    }
    return MissingNode.getInstance();
  }

  private static boolean hasAll(JsonNode item, JsonNode keys) {
    for (Map.Entry<String, JsonNode> key : keys.properties()) {
      if (!Json.equal(item.path(key.getKey()), key.getValue())) {
        return false;
      }
    }
    return true;
  }
}
