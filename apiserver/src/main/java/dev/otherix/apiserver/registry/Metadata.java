package dev.otherix.apiserver.registry;

import dev.otherix.apimachinery.object.Findings;
import dev.otherix.apimachinery.object.ObjectMeta;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apimachinery.status.FieldError;
import dev.otherix.apimachinery.status.FieldPath;
import tools.jackson.databind.node.ObjectNode;

/// Between an object's tree and its metadata as a record.
final class Metadata {
  private static final FieldPath PATH = FieldPath.ROOT.child("metadata");

  private Metadata() {}

  /// @throws ApiException 400 when a member has the wrong type
  static ObjectMeta of(ObjectNode object) {
    Findings findings = new Findings();
    ObjectMeta meta = ObjectMeta.read(object.get("metadata"), PATH, findings);
    if (!findings.errors().isEmpty()) {
      FieldError first = findings.errors().getFirst();
      throw ApiException.badRequest("the object cannot be decoded: " + first);
    }
    return meta;
  }

  /// Replaces the metadata of `object`.
  static void set(ObjectNode object, ObjectMeta meta) {
    object.set("metadata", meta.toJson());
  }
}
