package dev.otherix.apimachinery.client;

import dev.otherix.apimachinery.object.GroupVersionKind;
import dev.otherix.apimachinery.object.GroupVersionResource;
import dev.otherix.apimachinery.status.ApiException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// What a server serves, by the documents that every server has.
public final class Discovery {
  private static final String AGGREGATED =
      "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json";

  private final ApiClient client;

  Discovery(ApiClient client) {
    this.client = client;
  }

  /// What was found, and the group versions of which nothing could be read.
  public record Found(List<ServedType> types, List<String> failed) {
    public Found {
      types = List.copyOf(types);
      failed = List.copyOf(failed);
    }

    public boolean isComplete() {
      return failed.isEmpty();
    }
  }

  /// Every type in the version that its group prefers, or in the next one that has it.
  public Found preferred() throws InterruptedException {
    List<ServedType> types = new ArrayList<>();
    List<String> failed = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    for (String groupVersion : groupVersions()) {
      try {
        for (ServedType type : typesOf(groupVersion)) {
          if (seen.add(type.resource().groupResource())) {
            types.add(type);
          }
        }
      } catch (ApiException _) {
        // One broken group must not hide the others: the caller hears of it.
        failed.add(groupVersion);
      }
    }
    return new Found(types, failed);
  }

  /// The same in two requests, of a server that tells everything in one document for each root.
  public Found aggregated() throws InterruptedException {
    List<ServedType> types = new ArrayList<>();
    List<String> failed = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    for (String root : new String[] {"/api", "/apis"}) {
      ObjectNode document = client.getRaw(root, AGGREGATED);
      if (!document.path("kind").asString("").equals("APIGroupDiscoveryList")) {
        return preferred();
      }
      for (JsonNode group : document.path("items")) {
        String name = group.path("metadata").path("name").asString("");
        for (JsonNode version : group.path("versions")) {
          String groupVersion = version.path("version").asString("");
          if (version.path("freshness").asString("Current").equals("Stale")) {
            failed.add(name.isEmpty() ? groupVersion : name + "/" + groupVersion);
          }
          for (JsonNode each : version.path("resources")) {
            ServedType type = aggregated(name, groupVersion, each);
            if (seen.add(type.resource().groupResource())) {
              types.add(type);
            }
          }
        }
      }
    }
    return new Found(types, failed);
  }

  private static ServedType aggregated(String group, String version, JsonNode each) {
    return new ServedType(
        new GroupVersionResource(group, version, each.path("resource").asString("")),
        each.path("responseKind").path("kind").asString(""),
        each.path("scope").asString("").equals("Namespaced"),
        new HashSet<>(texts(each.path("verbs"))),
        each.path("singularResource").asString(""),
        texts(each.path("shortNames")),
        texts(each.path("categories")));
  }

  /// The type of an object, by what stands in it. Empty when the server does not serve it.
  public Optional<ServedType> find(GroupVersionKind kind) throws InterruptedException {
    try {
      for (ServedType type : typesOf(kind.apiVersion())) {
        if (type.kind().equals(kind.kind())) {
          return Optional.of(type);
        }
      }
      return Optional.empty();
    } catch (ApiException e) {
      if (e.code() == 404) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /// In the order in which to prefer them, the core group first.
  private List<String> groupVersions() throws InterruptedException {
    List<String> all = new ArrayList<>();
    for (JsonNode version : client.getRaw("/api").path("versions")) {
      all.add(version.asString(""));
    }
    for (JsonNode group : client.getRaw("/apis").path("groups")) {
      String preferred = group.path("preferredVersion").path("groupVersion").asString("");
      if (!preferred.isEmpty()) {
        all.add(preferred);
      }
      for (JsonNode version : group.path("versions")) {
        String name = version.path("groupVersion").asString("");
        if (!name.equals(preferred)) {
          all.add(name);
        }
      }
    }
    return all;
  }

  private List<ServedType> typesOf(String groupVersion) throws InterruptedException {
    String root = groupVersion.indexOf('/') < 0 ? "/api/" : "/apis/";
    List<ServedType> types = new ArrayList<>();
    for (JsonNode each : client.getRaw(root + groupVersion).path("resources")) {
      String name = each.path("name").asString("");
      if (name.isEmpty() || name.indexOf('/') >= 0) {
        continue;
      }
      types.add(
          new ServedType(
              GroupVersionResource.of(groupVersion, name),
              each.path("kind").asString(""),
              each.path("namespaced").asBoolean(false),
              new HashSet<>(texts(each.path("verbs"))),
              each.path("singularName").asString(""),
              texts(each.path("shortNames")),
              texts(each.path("categories"))));
    }
    return types;
  }

  private static List<String> texts(JsonNode list) {
    List<String> texts = new ArrayList<>();
    for (JsonNode each : list) {
      texts.add(each.asString(""));
    }
    return texts;
  }
}
