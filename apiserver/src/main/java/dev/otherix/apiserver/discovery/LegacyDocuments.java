package dev.otherix.apiserver.discovery;

import dev.otherix.apimachinery.schema.Kind;
import java.util.Collection;
import java.util.List;
import java.util.SortedSet;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// The documents of which a client reads one for each group and version.
final class LegacyDocuments {
  private LegacyDocuments() {}

  /// `/api`.
  ///
  /// @param versions of the core group; none where it is not served, which clients can live with,
  ///   while an empty `/api/v1` makes kubectl fail
  static ObjectNode coreVersions(SortedSet<String> versions) {
    ObjectNode out = document("APIVersions", "v1");
    put(out, "versions", List.copyOf(versions));
    out.putArray("serverAddressByClientCIDRs");
    return out;
  }

  /// `/apis`.
  static ObjectNode groups(Collection<ServedGroup> groups) {
    ObjectNode out = document("APIGroupList", "v1");
    ArrayNode list = out.putArray("groups");
    groups.forEach(each -> fill(list.addObject(), each));
    return out;
  }

  /// `/apis/GROUP`.
  static ObjectNode group(ServedGroup group) {
    ObjectNode out = document("APIGroup", "v1");
    fill(out, group);
    return out;
  }

  private static void fill(ObjectNode out, ServedGroup group) {
    out.put("name", group.name());
    ArrayNode versions = out.putArray("versions");
    for (String version : group.versions().keySet()) {
      version(versions.addObject(), group, version);
    }
    version(out.putObject("preferredVersion"), group, group.versions().firstKey());
  }

  private static void version(ObjectNode out, ServedGroup group, String version) {
    out.put("groupVersion", group.groupVersion(version)).put("version", version);
  }

  /// `/api/VERSION` and `/apis/GROUP/VERSION`.
  static ObjectNode resources(ServedGroup group, String version) {
    ObjectNode out = document("APIResourceList", "v1");
    out.put("groupVersion", group.groupVersion(version));
    ArrayNode list = out.putArray("resources");
    List<ServedResource> resources = group.versions().get(version);
    if (resources == null) {
      throw new IllegalStateException("no version " + version + " in group " + group.name());
    }
    for (ServedResource resource : resources) {
      Kind kind = resource.kind();
      ObjectNode each = list.addObject();
      each.put("name", kind.plural())
          .put("singularName", kind.singular())
          .put("namespaced", kind.namespaced())
          .put("kind", kind.kind());
      put(each, "verbs", resource.sortedVerbs());
      putSome(each, "shortNames", kind.header().shortNames());
      putSome(each, "categories", kind.header().categories());
      for (ServedGroup.Below below : ServedGroup.below(kind)) {
        below(list.addObject(), kind, below);
      }
    }
    return out;
  }

  private static void below(ObjectNode out, Kind kind, ServedGroup.Below below) {
    out.put("name", kind.plural() + "/" + below.name())
        .put("singularName", "")
        .put("namespaced", kind.namespaced());
    if (!below.group().equals(kind.group()) || !below.version().equals(kind.version())) {
      out.put("group", below.group()).put("version", below.version());
    }
    out.put("kind", below.kind());
    put(out, "verbs", below.verbs());
  }

  static ObjectNode document(String kind, String apiVersion) {
    return JsonNodeFactory.instance.objectNode().put("kind", kind).put("apiVersion", apiVersion);
  }

  static void put(ObjectNode out, String member, List<String> words) {
    ArrayNode list = out.putArray(member);
    words.forEach(list::add);
  }

  static void putSome(ObjectNode out, String member, List<String> words) {
    if (!words.isEmpty()) {
      put(out, member, words);
    }
  }
}
