package dev.otherix.apimachinery.patch;

import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apimachinery.status.FieldPath;
import dev.otherix.apimachinery.status.StatusReason;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// What `$patch` says about the object in which it stands, and the other directives' names.
enum Directive {
  MERGE,
  REPLACE,
  DELETE;

  static final String PATCH = "$patch";
  static final String RETAIN_KEYS = "$retainKeys";
  static final String DELETE_FROM = "$deleteFromPrimitiveList/";
  static final String SET_ORDER = "$setElementOrder/";

  static Directive of(ObjectNode patch, FieldPath at) {
    JsonNode value = patch.get(PATCH);
    if (value == null) {
      return MERGE;
    }
    return switch (value.isString() ? value.stringValue() : "") {
      case "merge" -> MERGE;
      case "replace" -> REPLACE;
      case "delete" -> DELETE;
      default ->
          throw malformed(
              at, "unknown $patch directive " + value + "; use merge, replace or delete");
    };
  }

  static boolean isDirective(String member) {
    return member.equals(PATCH)
        || member.equals(RETAIN_KEYS)
        || member.startsWith(DELETE_FROM)
        || member.startsWith(SET_ORDER);
  }

  /// A copy of a patch's value as it stands in an object that had none: without directives, without
  /// what they delete, and without null members.
  static JsonNode clean(JsonNode value, FieldPath at) {
    return switch (value) {
      case ObjectNode object -> clean(object, at);
      case ArrayNode list -> clean(list, at);
      case JsonNode scalar -> scalar;
    };
  }

  static ObjectNode clean(ObjectNode object, FieldPath at) {
    ObjectNode out = JsonNodeFactory.instance.objectNode();
    if (of(object, at) == DELETE) {
      return out;
    }
    for (Map.Entry<String, JsonNode> member : object.properties()) {
      FieldPath path = at.child(member.getKey());
      JsonNode value = member.getValue();
      boolean deleted = value instanceof ObjectNode child && of(child, path) == DELETE;
      if (!isDirective(member.getKey()) && !value.isNull() && !deleted) {
        out.set(member.getKey(), clean(value, path));
      }
    }
    return out;
  }

  private static ArrayNode clean(ArrayNode list, FieldPath at) {
    ArrayNode out = JsonNodeFactory.instance.arrayNode(list.size());
    for (int i = 0; i < list.size(); i++) {
      JsonNode item = list.get(i);
      FieldPath path = at.index(i);
      if (!(item instanceof ObjectNode object) || of(object, path) == MERGE) {
        out.add(clean(item, path));
      }
    }
    return out;
  }

  static ApiException malformed(FieldPath at, String what) {
    return ApiException.badRequest("strategic merge patch: " + at + ": " + what);
  }

  static ApiException unprocessable(FieldPath at, String what) {
    return ApiException.of(StatusReason.INVALID, "strategic merge patch: " + at + ": " + what);
  }
}
