package dev.otherix.controllers.gc;

import dev.otherix.apimachinery.client.ResourceClient;
import dev.otherix.apimachinery.client.ServedType;
import dev.otherix.apimachinery.object.Findings;
import dev.otherix.apimachinery.object.ObjectKey;
import dev.otherix.apimachinery.object.ObjectMeta;
import dev.otherix.apimachinery.object.OwnerReference;
import dev.otherix.apimachinery.status.FieldPath;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/// What the collector needs to know of an object.
record Item(
    ServedType type,
    ObjectKey key,
    String uid,
    String resourceVersion,
    List<OwnerReference> owners,
    List<String> finalizers,
    boolean deleting) {
  static final String ORPHAN = "orphan";
  static final String FOREGROUND = "foregroundDeletion";

  static Item of(ServedType type, ObjectNode object) {
    ObjectMeta meta =
        ObjectMeta.read(object.get("metadata"), FieldPath.ROOT.child("metadata"), new Findings());
    return new Item(
        type,
        ResourceClient.keyOf(object),
        meta.uid(),
        meta.resourceVersion(),
        meta.ownerReferences(),
        meta.finalizers(),
        meta.deleting());
  }

  /// Whether it waits until its dependents are gone.
  boolean goesLast() {
    return deleting && finalizers.contains(FOREGROUND);
  }

  /// Whether it waits until its dependents no longer name it.
  boolean leavesOrphans() {
    return deleting && finalizers.contains(ORPHAN);
  }

  @Nullable OwnerReference ownerWith(String ownerUid) {
    for (OwnerReference each : owners) {
      if (each.uid().equals(ownerUid)) {
        return each;
      }
    }
    return null;
  }

  /// Whether `owner` must stay while this is there. An owner in another namespace is none.
  boolean blocks(Item owner) {
    OwnerReference reference = ownerWith(owner.uid);
    return reference != null
        && Boolean.TRUE.equals(reference.blockOwnerDeletion())
        && (owner.key.namespace().isEmpty() || owner.key.namespace().equals(key.namespace()));
  }

  @Override
  public String toString() {
    return type.resource().groupResource() + " " + key + " uid=" + uid;
  }
}
