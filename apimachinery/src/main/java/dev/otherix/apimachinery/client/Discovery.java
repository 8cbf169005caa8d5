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

/// What a server serves, by the documents that every server has.
public final class Discovery {
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
      Set<String> verbs = new HashSet<>();
      for (JsonNode verb : each.path("verbs")) {
        verbs.add(verb.asString(""));
      }
      types.add(
          new ServedType(
              GroupVersionResource.of(groupVersion, name),
              each.path("kind").asString(""),
              each.path("namespaced").asBoolean(false),
              verbs));
    }
    return types;
  }
}
