package dev.otherix.apimachinery.object;

import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// The object on whose existence another one depends.
///
/// @param controller absent means false; at most one owner is the controller
/// @param blockOwnerDeletion absent means false; a foreground deletion of the owner waits for this
///   dependent
public record OwnerReference(
    String apiVersion,
    String kind,
    String name,
    String uid,
    @Nullable Boolean controller,
    @Nullable Boolean blockOwnerDeletion) {
  static final Set<String> MEMBERS =
      Set.of("apiVersion", "kind", "name", "uid", "controller", "blockOwnerDeletion");

  public boolean isController() {
    return Boolean.TRUE.equals(controller);
  }

  static OwnerReference read(MemberReader in) {
    return new OwnerReference(
        in.text("apiVersion"),
        in.text("kind"),
        in.text("name"),
        in.text("uid"),
        in.optionalBoolean("controller"),
        in.optionalBoolean("blockOwnerDeletion"));
  }

  /// The wire form; the first four members are always there.
  public ObjectNode toJson() {
    ObjectNode out = JsonNodeFactory.instance.objectNode();
    out.put("apiVersion", apiVersion).put("kind", kind).put("name", name).put("uid", uid);
    if (controller != null) {
      out.put("controller", controller);
    }
    if (blockOwnerDeletion != null) {
      out.put("blockOwnerDeletion", blockOwnerDeletion);
    }
    return out;
  }
}
