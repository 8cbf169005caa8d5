package dev.otherix.controllers.runtime;

import dev.otherix.apimachinery.client.ResourceClient;
import dev.otherix.apimachinery.object.ObjectKey;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apimachinery.status.StatusReason;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// The finalizers of objects: what holds them until somebody cleaned up.
public final class Finalizers {
  private Finalizers() {}

  public static List<String> of(ObjectNode object) {
    List<String> names = new ArrayList<>();
    for (JsonNode each : object.path("metadata").path("finalizers")) {
      names.add(each.asString(""));
    }
    return names;
  }

  public static boolean has(ObjectNode object, String name) {
    return of(object).contains(name);
  }

  public static boolean deleting(ObjectNode object) {
    return object.path("metadata").has("deletionTimestamp");
  }

  /// Adds it, if it is not there, to this very state of the object.
  ///
  /// @throws ApiException 409 when the object has changed since
  public static ObjectNode add(ResourceClient client, ObjectNode object, String name)
      throws InterruptedException {
    List<String> names = new ArrayList<>(of(object));
    if (names.contains(name)) {
      return object;
    }
    names.add(name);
    return client.mergePatch(ResourceClient.keyOf(object), "", patch(object, names));
  }

  /// Removes it from this very state of the object, which may be gone then. Empty when it is gone
  /// already.
  ///
  /// @throws ApiException 409 when the object has changed since
  public static Optional<ObjectNode> remove(ResourceClient client, ObjectNode object, String name)
      throws InterruptedException {
    List<String> names = new ArrayList<>(of(object));
    if (!names.remove(name)) {
      return Optional.of(object);
    }
    ObjectKey key = ResourceClient.keyOf(object);
    try {
      return Optional.of(client.mergePatch(key, "", patch(object, names)));
    } catch (ApiException e) {
      if (e.is(StatusReason.NOT_FOUND)) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /// Of uid and resourceVersion too, so that it concerns no other state.
  private static ObjectNode patch(ObjectNode object, List<String> names) {
    JsonNode present = object.path("metadata");
    ObjectNode patch = JsonNodeFactory.instance.objectNode();
    ObjectNode metadata = patch.putObject("metadata");
    metadata.put("uid", present.path("uid").asString(""));
    metadata.put("resourceVersion", present.path("resourceVersion").asString(""));
    ArrayNode finalizers = metadata.putArray("finalizers");
    names.forEach(finalizers::add);
    return patch;
  }
}
