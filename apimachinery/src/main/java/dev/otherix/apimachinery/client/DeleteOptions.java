package dev.otherix.apimachinery.client;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// How to delete.
///
/// @param uid which object is meant; empty for whichever has the name
/// @param resourceVersion which state of it is meant; empty for any
/// @param propagation null for the server's choice
public record DeleteOptions(
    String uid, String resourceVersion, @Nullable Propagation propagation, boolean dryRun) {
  public static final DeleteOptions DEFAULT = new DeleteOptions("", "", null, false);

  /// What becomes of the objects that the deleted one owns.
  public enum Propagation {
    /// They stay, without the owner.
    ORPHAN("Orphan"),
    /// They go after it.
    BACKGROUND("Background"),
    /// They go before it.
    FOREGROUND("Foreground");

    private final String wireName;

    Propagation(String wireName) {
      this.wireName = wireName;
    }
  }

  /// Only this very object.
  public DeleteOptions onlyUid(String wanted) {
    return new DeleteOptions(wanted, resourceVersion, propagation, dryRun);
  }

  /// Only while it is as it was at this version.
  public DeleteOptions onlyAt(String version) {
    return new DeleteOptions(uid, version, propagation, dryRun);
  }

  public DeleteOptions with(Propagation how) {
    return new DeleteOptions(uid, resourceVersion, how, dryRun);
  }

  public DeleteOptions asDryRun() {
    return new DeleteOptions(uid, resourceVersion, propagation, true);
  }

  ObjectNode toJson() {
    ObjectNode out = JsonNodeFactory.instance.objectNode();
    out.put("apiVersion", "v1").put("kind", "DeleteOptions");
    if (propagation != null) {
      out.put("propagationPolicy", propagation.wireName);
    }
    if (!uid.isEmpty() || !resourceVersion.isEmpty()) {
      ObjectNode preconditions = out.putObject("preconditions");
      if (!uid.isEmpty()) {
        preconditions.put("uid", uid);
      }
      if (!resourceVersion.isEmpty()) {
        preconditions.put("resourceVersion", resourceVersion);
      }
    }
    if (dryRun) {
      out.putArray("dryRun").add("All");
    }
    return out;
  }
}
