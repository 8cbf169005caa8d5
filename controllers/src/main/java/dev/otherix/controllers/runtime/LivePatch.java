package dev.otherix.controllers.runtime;

import dev.otherix.apimachinery.client.ResourceClient;
import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.object.Condition;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apimachinery.status.StatusReason;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// A change that follows from the state of an object and counts only for that state: when somebody
/// else wrote in between, it is worked out again from the present one. So several writers of one
/// object lose nothing of each other's.
public final class LivePatch {
  private static final int ATTEMPTS_MAX = 8;

  private LivePatch() {}

  /// @param seen a state of the object, however old
  /// @param change the merge patch for a state; empty for nothing to do
  /// @return the object after, or as it is when there was nothing to do; empty when this very
  ///   object is gone
  /// @throws ApiException 409 when others keep writing
  public static Optional<ObjectNode> write(
      ResourceClient client,
      ObjectNode seen,
      String subresource,
      Function<ObjectNode, Optional<ObjectNode>> change)
      throws InterruptedException {
    ObjectNode state = seen;
    for (int attempt = 1; ; attempt++) {
      Optional<ObjectNode> patch = change.apply(state);
      if (patch.isEmpty()) {
        return Optional.of(state);
      }
      try {
        patch
            .get()
            .withObjectProperty("metadata")
            .put("resourceVersion", state.path("metadata").path("resourceVersion").asString(""));
        return Optional.of(
            client.mergePatch(ResourceClient.keyOf(state), subresource, patch.get()));
      } catch (ApiException e) {
        if (e.is(StatusReason.NOT_FOUND)) {
          return Optional.empty();
        }
        if (!e.is(StatusReason.CONFLICT) || attempt == ATTEMPTS_MAX) {
          throw e;
        }
      }
      Optional<ObjectNode> present = client.find(ResourceClient.keyOf(seen));
      if (present.isEmpty() || !uid(present.get()).equals(uid(seen))) {
        return Optional.empty();
      }
      state = present.get();
    }
  }

  /// The patch that brings these members and conditions into the status; empty when they are there
  /// already. A null value takes a member out.
  ///
  /// @param members becomes part of the patch
  public static Optional<ObjectNode> status(
      ObjectNode state, ObjectNode members, List<Condition> conditions, InstantSource clock) {
    ObjectNode patch = JsonNodeFactory.instance.objectNode();
    boolean changes = putConditions(patch, state, conditions, clock);
    for (Map.Entry<String, JsonNode> each : members.properties()) {
      JsonNode present = state.path("status").path(each.getKey());
      boolean none = each.getValue().isNull() || isEmptyArray(each.getValue());
      boolean same =
          none
              ? present.isMissingNode() || isEmptyArray(present)
              : Json.equal(present, each.getValue());
      if (!same) {
        patch.withObjectProperty("status").set(each.getKey(), each.getValue());
        changes = true;
      }
    }
    return changes ? Optional.of(patch) : Optional.empty();
  }

  private static boolean isEmptyArray(JsonNode node) {
    return node.isArray() && node.isEmpty();
  }

  /// Sets one condition in the status and leaves the others as they are.
  public static Optional<ObjectNode> condition(
      ResourceClient client, ObjectNode seen, Condition wanted, InstantSource clock)
      throws InterruptedException {
    return write(
        client,
        seen,
        "status",
        state -> {
          ObjectNode patch = JsonNodeFactory.instance.objectNode();
          return putConditions(patch, state, List.of(wanted), clock)
              ? Optional.of(patch)
              : Optional.empty();
        });
  }

  /// Puts the state's conditions with the wanted ones among them into a patch.
  ///
  /// @return whether that changes anything; otherwise the patch is as before
  public static boolean putConditions(
      ObjectNode patch, ObjectNode state, List<Condition> wanted, InstantSource clock) {
    List<Condition> before = StatusConditions.of(state);
    List<Condition> after = before;
    for (Condition each : wanted) {
      after = Condition.set(after, each, clock);
    }
    if (after.equals(before)) {
      return false;
    }
    ArrayNode conditions = patch.withObjectProperty("status").putArray("conditions");
    after.forEach(each -> conditions.add(each.toJson()));
    return true;
  }

  private static String uid(ObjectNode object) {
    return object.path("metadata").path("uid").asString("");
  }
}
