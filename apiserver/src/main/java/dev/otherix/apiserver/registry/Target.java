package dev.otherix.apiserver.registry;

import dev.otherix.apimachinery.schema.Kind;
import dev.otherix.apimachinery.status.ApiException;

/// The one object that a request names, as its path says.
///
/// @param version how the client sees it
/// @param namespace empty for a cluster-scoped resource
public record Target(
    Resource.Version version, String namespace, String name, Subresource subresource) {

  public Resource resource() {
    return version.resource();
  }

  public Kind kind() {
    return version.kind();
  }

  String key() {
    return resource().key(namespace, name);
  }

  ApiException notFound() {
    return ApiException.notFound(resource().group(), resource().plural(), name);
  }

  ApiException conflict() {
    return ApiException.conflict(resource().group(), resource().plural(), name);
  }

  ApiException conflict(String detail) {
    return ApiException.conflict(resource().group(), resource().plural(), name, detail);
  }
}
