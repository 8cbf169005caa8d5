package dev.otherix.controllers.runtime;

import dev.otherix.apimachinery.client.ResourceClient;
import dev.otherix.apimachinery.object.Condition;
import dev.otherix.apimachinery.object.Findings;
import dev.otherix.apimachinery.status.FieldPath;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Conditions in the status of objects.
public final class StatusConditions {
  private StatusConditions() {}

  public static List<Condition> of(ObjectNode object) {
    List<Condition> conditions = new ArrayList<>();
    Findings findings = new Findings();
    FieldPath path = FieldPath.ROOT.at("status", "conditions");
    for (JsonNode each : object.path("status").path("conditions")) {
      if (each instanceof ObjectNode condition) {
        conditions.add(Condition.read(condition, path, findings));
      }
    }
    return conditions;
  }

  /// Writes these conditions, beside the others that are there; nothing when they are there
  /// already.
  ///
  /// @return the object as it is then
  /// @throws dev.otherix.apimachinery.status.ApiException 409 when it has changed since
  public static ObjectNode write(
      ResourceClient client, ObjectNode object, List<Condition> wanted, InstantSource clock)
      throws InterruptedException {
    List<Condition> before = of(object);
    List<Condition> after = before;
    for (Condition each : wanted) {
      after = Condition.set(after, each, clock);
    }
    if (after.equals(before)) {
      return object;
    }
    ObjectNode patch = JsonNodeFactory.instance.objectNode();
    patch
        .putObject("metadata")
        .put("resourceVersion", object.path("metadata").path("resourceVersion").asString(""));
    ArrayNode conditions = patch.putObject("status").putArray("conditions");
    after.forEach(each -> conditions.add(each.toJson()));
    return client.mergePatch(ResourceClient.keyOf(object), "status", patch);
  }
}
