package dev.otherix.apiserver.discovery;

import dev.otherix.apimachinery.schema.Kind;
import java.util.Collection;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// The document that tells everything about many groups at once. Its two versions differ in their
/// name only.
final class AggregatedDocument {
  private AggregatedDocument() {}

  /// @param version `v2` or `v2beta1`
  static ObjectNode of(String version, Collection<ServedGroup> groups) {
    ObjectNode out =
        LegacyDocuments.document("APIGroupDiscoveryList", "apidiscovery.k8s.io/" + version);
    out.putObject("metadata");
    ArrayNode items = out.putArray("items");
    for (ServedGroup group : groups) {
      ObjectNode item = items.addObject();
      ObjectNode metadata = item.putObject("metadata");
      if (!group.name().isEmpty()) {
        metadata.put("name", group.name());
      }
      metadata.putNull("creationTimestamp");
      ArrayNode versions = item.putArray("versions");
      group
          .versions()
          .forEach((name, resources) -> {
            ObjectNode each = versions.addObject().put("version", name);
            ArrayNode list = each.putArray("resources");
            resources.forEach(resource -> resource(list.addObject(), resource));
            each.put("freshness", "Current");
          });
    }
    return out;
  }

  private static void resource(ObjectNode out, ServedResource resource) {
    Kind kind = resource.kind();
    out.put("resource", kind.plural());
    type(out, kind.group(), kind.version(), kind.kind());
    out.put("scope", kind.header().scope().wireName());
    out.put("singularResource", kind.singular());
    LegacyDocuments.put(out, "verbs", resource.sortedVerbs());
    LegacyDocuments.putSome(out, "shortNames", kind.header().shortNames());
    LegacyDocuments.putSome(out, "categories", kind.header().categories());
    if (!ServedGroup.below(kind).isEmpty()) {
      ArrayNode list = out.putArray("subresources");
      for (ServedGroup.Below below : ServedGroup.below(kind)) {
        ObjectNode each = list.addObject().put("subresource", below.name());
        type(each, below.group(), below.version(), below.kind());
        LegacyDocuments.put(each, "verbs", below.verbs());
      }
    }
  }

  private static void type(ObjectNode out, String group, String version, String kind) {
    out.putObject("responseKind").put("group", group).put("version", version).put("kind", kind);
  }
}
