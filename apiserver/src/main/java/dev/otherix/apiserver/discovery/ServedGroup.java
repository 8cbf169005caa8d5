package dev.otherix.apiserver.discovery;

import dev.otherix.apimachinery.schema.Kind;
import dev.otherix.apimachinery.schema.Subresources;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/// A group with its versions, best first, and their resources by name.
///
/// @param name empty for the core group
record ServedGroup(String name, SortedMap<String, List<ServedResource>> versions) {

  /// A path below a resource's objects.
  record Below(String name, String group, String version, String kind, List<String> verbs) {}

  /// The groups in the order in which the resources name them first.
  static Map<String, ServedGroup> of(Collection<ServedResource> resources) {
    Map<String, ServedGroup> groups = new LinkedHashMap<>();
    for (ServedResource resource : resources) {
      Kind kind = resource.kind();
      groups
          .computeIfAbsent(
              kind.group(), name -> new ServedGroup(name, new TreeMap<>(VersionOrder.INSTANCE)))
          .versions
          .computeIfAbsent(kind.version(), _ -> new ArrayList<>())
          .add(resource);
    }
    for (ServedGroup group : groups.values()) {
      for (List<ServedResource> served : group.versions.values()) {
        served.sort(Comparator.comparing(each -> each.kind().plural()));
      }
    }
    return groups;
  }

  String groupVersion(String version) {
    return name.isEmpty() ? version : name + "/" + version;
  }

  static List<Below> below(Kind kind) {
    Subresources sub = kind.header().subresources();
    List<Below> out = new ArrayList<>();
    List<String> object = List.of("get", "patch", "update");
    for (String action : sub.actions()) {
      out.add(action(kind, action));
    }
    if (sub.scale() != null) {
      out.add(new Below("scale", "autoscaling", "v1", "Scale", object));
    }
    if (sub.status()) {
      out.add(below(kind, "status", object));
    }
    for (String update : sub.updates()) {
      out.add(below(kind, update, List.of("update")));
    }
    out.sort(Comparator.comparing(Below::name));
    return out;
  }

  /// The one operation whose body is a kind of its own is named so by all clients.
  private static Below action(Kind kind, String name) {
    List<String> verbs = List.of("create");
    return kind.plural().equals("serviceaccounts") && name.equals("token")
        ? new Below(name, "authentication.k8s.io", "v1", "TokenRequest", verbs)
        : below(kind, name, verbs);
  }

  private static Below below(Kind kind, String name, List<String> verbs) {
    return new Below(name, kind.group(), kind.version(), kind.kind(), verbs);
  }
}
