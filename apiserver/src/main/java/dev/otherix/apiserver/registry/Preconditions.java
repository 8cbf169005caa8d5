package dev.otherix.apiserver.registry;

import dev.otherix.apimachinery.object.ObjectMeta;

/// What must hold for a delete; empty strings hold always.
public record Preconditions(String uid, String resourceVersion) {
  public static final Preconditions NONE = new Preconditions("", "");

  /// Empty when they hold, else what does not.
  String violation(ObjectMeta meta) {
    if (!uid.isEmpty() && !uid.equals(meta.uid())) {
      return "the UID in the precondition ("
          + uid
          + ") does not match the UID in record ("
          + meta.uid()
          + "). The object might have been deleted and then recreated";
    }
    if (!resourceVersion.isEmpty() && !resourceVersion.equals(meta.resourceVersion())) {
      return "the ResourceVersion in the precondition ("
          + resourceVersion
          + ") does not match the ResourceVersion in record ("
          + meta.resourceVersion()
          + "). The object might have been modified";
    }
    return "";
  }
}
