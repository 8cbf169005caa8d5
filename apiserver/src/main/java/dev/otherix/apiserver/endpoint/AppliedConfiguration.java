package dev.otherix.apiserver.endpoint;

import dev.otherix.apimachinery.apply.Writer;
import dev.otherix.apimachinery.apply.Written;
import dev.otherix.apimachinery.object.Findings;
import dev.otherix.apimachinery.object.ObjectMeta;
import dev.otherix.apimachinery.schema.Kind;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apimachinery.status.FieldError;
import dev.otherix.apimachinery.status.FieldPath;
import dev.otherix.apiserver.registry.Change;
import dev.otherix.apiserver.registry.Subresource;
import dev.otherix.apiserver.registry.Target;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/// A server-side apply: merges what one manager wants into what is there.
///
/// @param configuration without unknown members
/// @param force whether to take contested fields from their owners
record AppliedConfiguration(Target target, ObjectNode configuration, Writer writer, boolean force)
    implements Change {

  /// Removes what the schema does not know, without setting defaults: a default is nobody's wish.
  /// Changes `configuration`.
  static List<FieldPath> prune(ObjectNode configuration, Kind kind) {
    List<FieldPath> unknown = new ArrayList<>();
    Findings findings = new Findings();
    ObjectMeta.read(configuration.get("metadata"), FieldPath.ROOT.child("metadata"), findings);
    if (!findings.errors().isEmpty()) {
      FieldError first = findings.errors().getFirst();
      throw ApiException.badRequest("the applied configuration cannot be decoded: " + first);
    }
    unknown.addAll(findings.unknown());
    unknown.addAll(kind.prune(configuration));
    return unknown;
  }

  @Override
  public ObjectNode apply(ObjectNode live) {
    requireName();
    Written written = target.resource().apply().apply(live, configuration, writer, force);
    return written.object();
  }

  @Override
  public @Nullable ObjectNode whenMissing() {
    if (target.subresource() != Subresource.MAIN) {
      return null;
    }
    requireName();
    ObjectMeta meta =
        ObjectMeta.read(
            configuration.get("metadata"), FieldPath.ROOT.child("metadata"), new Findings());
    if (!meta.uid().isEmpty() || !meta.resourceVersion().isEmpty()) {
      throw ApiException.conflict(
          target.resource().group(),
          target.resource().plural(),
          target.name(),
          "the configuration names a uid or a resourceVersion, but there is no such object");
    }
    ObjectNode object =
        target.resource().apply().apply(null, configuration, writer, force).object();
    target.kind().prepare(object);
    return object;
  }

  @Override
  public boolean recordsOwners() {
    return true;
  }

  /// The configuration may leave the name out; one that differs is for another object.
  private void requireName() {
    if (configuration.get("metadata") instanceof ObjectNode metadata && metadata.has("name")) {
      UpdateEndpoint.requireSameName(configuration, target);
    } else {
      throw ApiException.badRequest(
          "metadata.name is missing; an applied configuration names its object");
    }
  }
}
