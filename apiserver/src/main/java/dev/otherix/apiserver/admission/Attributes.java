package dev.otherix.apiserver.admission;

import dev.otherix.apimachinery.schema.Kind;
import dev.otherix.apiserver.auth.Caller;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/// One write that asks for admission. The trees belong to the caller: nobody behind this changes
/// them.
///
/// @param kind as requested: the version in the path, not the stored one
/// @param subresource empty for the object itself
/// @param namespace empty for a cluster-scoped object
/// @param name empty where the server will make it from generateName
/// @param object what is to be stored, or what CONNECT carries; null on DELETE
/// @param oldObject what is stored; null on CREATE and CONNECT
/// @param options CreateOptions, UpdateOptions, PatchOptions or DeleteOptions
public record Attributes(
    Operation operation,
    Kind kind,
    String subresource,
    String namespace,
    String name,
    @Nullable ObjectNode object,
    @Nullable ObjectNode oldObject,
    @Nullable ObjectNode options,
    Caller caller,
    boolean dryRun) {

  public Attributes withObject(@Nullable ObjectNode object) {
    return new Attributes(
        operation, kind, subresource, namespace, name, object, oldObject, options, caller, dryRun);
  }
}
