package dev.otherix.apimachinery.patch;

import dev.otherix.apimachinery.schema.SchemaNode;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apimachinery.status.FieldPath;
import tools.jackson.databind.node.ObjectNode;

/// Kubernetes' strategic merge patches, for built-in kinds: a merge patch that merges lists whose
/// schema says so (`x-kubernetes-patch-strategy: merge`), objects by `x-kubernetes-patch-merge-key`
/// and scalars as a set, and that takes directives:
///
/// - `$patch`: `merge` (what happens anyway), `replace`, or `delete`, in an object or a list's item
/// - `$retainKeys`: the members that stay, in an object
/// - `$deleteFromPrimitiveList/<field>`: scalars that leave a list
/// - `$setElementOrder/<field>`: how a list's items are to be ordered
public final class StrategicMergePatch {
  private StrategicMergePatch() {}

  /// The patched object, which shares no node with its arguments.
  ///
  /// @throws ApiException 400 for a directive of the wrong form, 422 for a list that cannot merge
  public static ObjectNode apply(ObjectNode original, ObjectNode patch, SchemaNode schema) {
    return ObjectMerge.merge(original.deepCopy(), patch, schema, FieldPath.ROOT);
  }
}
