package dev.otherix.apimachinery.client;

import dev.otherix.apimachinery.object.GroupVersionKind;
import dev.otherix.apimachinery.object.GroupVersionResource;
import java.util.Set;

/// A kind that a server serves, in one version.
///
/// @param verbs such as `list` and `watch`
public record ServedType(
    GroupVersionResource resource, String kind, boolean namespaced, Set<String> verbs) {
  public ServedType {
    verbs = Set.copyOf(verbs);
  }

  public GroupVersionKind gvk() {
    return new GroupVersionKind(resource.group(), resource.version(), kind);
  }

  public boolean can(String... all) {
    for (String verb : all) {
      if (!verbs.contains(verb)) {
        return false;
      }
    }
    return true;
  }
}
