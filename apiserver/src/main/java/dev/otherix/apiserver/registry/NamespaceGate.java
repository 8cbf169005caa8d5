package dev.otherix.apiserver.registry;

import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apimachinery.status.FieldPath;
import dev.otherix.apimachinery.status.Status;
import dev.otherix.apimachinery.status.StatusReason;
import dev.otherix.apiserver.admission.Attributes;
import dev.otherix.apiserver.admission.Operation;
import dev.otherix.apiserver.admission.Validation;
import dev.otherix.apiserver.request.Warnings;
import dev.otherix.apiserver.watchcache.CacheItem;
import dev.otherix.apiserver.watchcache.Freshness;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/// Lets objects be created only in namespaces that exist and stay, and keeps the namespaces that
/// the server itself needs. Where no namespaces are served, any name will do.
public final class NamespaceGate implements Validation {
  /// The namespace of whoever names none.
  public static final String DEFAULT = "default";

  private static final Set<String> NEEDED = Set.of(DEFAULT, "kube-system", "kube-public");

  private final Resources resources;

  public NamespaceGate(Resources resources) {
    this.resources = resources;
  }

  @Override
  public void validate(Attributes attributes, Warnings warnings) {
    Resource namespaces = resources.find("", "namespaces");
    if (namespaces == null) {
      return;
    }
    boolean isNamespace =
        attributes.kind().group().isEmpty() && attributes.kind().plural().equals("namespaces");
    if (isNamespace) {
      if (attributes.operation() == Operation.DELETE && NEEDED.contains(attributes.name())) {
        throw ApiException.forbidden(
            "", "namespaces", attributes.name(), "this namespace may not be deleted");
      }
      return;
    }
    if (attributes.operation() == Operation.CREATE && attributes.kind().namespaced()) {
      requireOpen(namespaces, attributes);
    }
  }

  private static void requireOpen(Resource namespaces, Attributes attributes) {
    String namespace = attributes.namespace();
    CacheItem item = find(namespaces, namespace);
    if (item == null) {
      throw ApiException.notFound("", "namespaces", namespace);
    }
    ObjectNode tree = item.object().toTree();
    if (tree.path("metadata").has("deletionTimestamp")) {
      throw terminating(attributes, namespace);
    }
  }

  private static @Nullable CacheItem find(Resource namespaces, String namespace) {
    try {
      return namespaces.cache().get(namespaces.key("", namespace), Freshness.LATEST);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw ApiException.of(
          StatusReason.TIMEOUT, "interrupted while looking for the namespace " + namespace);
    }
  }

  private static ApiException terminating(Attributes attributes, String namespace) {
    String group = attributes.kind().group();
    String plural = attributes.kind().plural();
    ApiException forbidden =
        ApiException.forbidden(
            group,
            plural,
            attributes.name(),
            "unable to create new content in namespace "
                + namespace
                + " because it is being terminated");
    Status.Cause cause =
        new Status.Cause(
            "NamespaceTerminating",
            "namespace " + namespace + " is being terminated",
            FieldPath.ROOT.at("metadata", "namespace").toString());
    return new ApiException(
        Status.failure(
            StatusReason.FORBIDDEN,
            forbidden.status().message(),
            Status.Details.of(group, plural, attributes.name()).withCauses(List.of(cause))));
  }
}
