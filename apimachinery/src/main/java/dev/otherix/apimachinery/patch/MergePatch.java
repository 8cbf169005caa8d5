package dev.otherix.apimachinery.patch;

import dev.otherix.apimachinery.codec.Json;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// JSON merge patches (RFC 7396): members replace members, `null` removes, lists are values.
/// Recursion is bounded by the depth to which documents are read.
public final class MergePatch {
  private MergePatch() {}

  /// The patched tree, which shares no node with its arguments.
  public static JsonNode apply(@Nullable JsonNode target, JsonNode patch) {
    return merge(target == null ? null : target.deepCopy(), patch);
  }

  /// The patch that makes `to` out of `from`, an empty object where they are equal objects. A
  /// member of `to` that is `null` cannot be expressed: the patch removes it.
  public static JsonNode diff(JsonNode from, JsonNode to) {
    if (!(from instanceof ObjectNode before) || !(to instanceof ObjectNode after)) {
      return to.deepCopy();
    }
    ObjectNode patch = JsonNodeFactory.instance.objectNode();
    for (Map.Entry<String, JsonNode> member : before.properties()) {
      if (!after.has(member.getKey())) {
        patch.putNull(member.getKey());
      }
    }
    for (Map.Entry<String, JsonNode> member : after.properties()) {
      JsonNode current = before.get(member.getKey());
      if (!Json.equal(current, member.getValue())) {
        patch.set(
            member.getKey(),
            current == null ? member.getValue().deepCopy() : diff(current, member.getValue()));
      }
    }
    return patch;
  }

  /// @param target owned by the caller, who gives it up
  private static JsonNode merge(@Nullable JsonNode target, JsonNode patch) {
    if (!(patch instanceof ObjectNode changes)) {
      return patch.deepCopy();
    }
    ObjectNode out =
        target instanceof ObjectNode object ? object : JsonNodeFactory.instance.objectNode();
    for (Map.Entry<String, JsonNode> change : changes.properties()) {
      if (change.getValue().isNull()) {
        out.remove(change.getKey());
      } else {
        out.set(change.getKey(), merge(out.get(change.getKey()), change.getValue()));
      }
    }
    return out;
  }
}
