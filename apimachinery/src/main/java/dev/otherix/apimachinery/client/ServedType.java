package dev.otherix.apimachinery.client;

import dev.otherix.apimachinery.object.GroupVersionKind;
import dev.otherix.apimachinery.object.GroupVersionResource;
import java.util.List;
import java.util.Set;

/// A kind that a server serves, in one version.
///
/// @param verbs such as `list` and `watch`
/// @param shortNames what people type for it beside its plural and singular
/// @param categories groups of kinds that it is in, such as `all`
public record ServedType(
    GroupVersionResource resource,
    String kind,
    boolean namespaced,
    Set<String> verbs,
    String singular,
    List<String> shortNames,
    List<String> categories) {
  public ServedType {
    verbs = Set.copyOf(verbs);
    shortNames = List.copyOf(shortNames);
    categories = List.copyOf(categories);
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
