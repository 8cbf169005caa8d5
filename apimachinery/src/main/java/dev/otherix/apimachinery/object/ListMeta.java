package dev.otherix.apimachinery.object;

import dev.otherix.apimachinery.status.FieldPath;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// The metadata of a list.
///
/// @param continueToken `continue` on the wire; empty on the last page
/// @param remainingItemCount absent when it is not known
public record ListMeta(
    String resourceVersion, String continueToken, @Nullable Long remainingItemCount) {
  private static final Set<String> MEMBERS =
      Set.of("resourceVersion", "continue", "remainingItemCount", "selfLink");

  /// Reads the `metadata` of a list; absent is empty.
  public static ListMeta read(@Nullable JsonNode metadata, FieldPath path, Findings findings) {
    ObjectNode object = MemberReader.object(metadata, path, findings);
    if (object == null) {
      return new ListMeta("", "", null);
    }
    MemberReader in = new MemberReader(object, path, MEMBERS, findings);
    return new ListMeta(
        in.text("resourceVersion"), in.text("continue"), in.optionalInteger("remainingItemCount"));
  }

  public ObjectNode toJson() {
    ObjectNode out = JsonNodeFactory.instance.objectNode();
    ObjectMetaWriter.put(out, "resourceVersion", resourceVersion);
    ObjectMetaWriter.put(out, "continue", continueToken);
    if (remainingItemCount != null) {
      out.put("remainingItemCount", remainingItemCount);
    }
    return out;
  }
}
