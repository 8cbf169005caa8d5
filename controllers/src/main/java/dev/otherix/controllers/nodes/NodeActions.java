package dev.otherix.controllers.nodes;

import dev.otherix.apimachinery.client.ApiClient;
import dev.otherix.apimachinery.client.ResourceClient;
import dev.otherix.apimachinery.object.ObjectKey;
import dev.otherix.apimachinery.object.Records;
import dev.otherix.apimachinery.object.Time;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.controllers.cluster.OtherixResources;
import dev.otherix.controllers.runtime.LivePatch;
import dev.otherix.controllers.tasks.TaskOrder;
import dev.otherix.schemas.v1.Node;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Carries out what people ask of nodes.
public final class NodeActions {
  private static final String TYPE_DRAIN = "node.drain";

  private final ResourceClient nodes;
  private final TaskOrder orders;
  private final InstantSource clock;

  public NodeActions(ApiClient client, InstantSource clock) {
    this.nodes = client.resource(OtherixResources.NODES);
    this.orders = new TaskOrder(client, clock);
    this.clock = clock;
  }

  /// No new machines are placed on it.
  ///
  /// @return the node
  public ObjectNode cordon(String name) throws InterruptedException {
    return change(
        name,
        node -> {
          require(node, phase(node) != Node.Phase.GONE, "cordon", "it is gone");
          return node.spec().cordoned() ? null : spec(true, null);
        });
  }

  /// Machines are placed on it again.
  public ObjectNode uncordon(String name) throws InterruptedException {
    return change(
        name,
        node -> {
          require(node, !node.spec().draining(), "uncordon", "it is draining; cancel that task");
          return node.spec().cordoned() ? spec(false, null) : null;
        });
  }

  /// Lets a node come back that was gone, whatever is on it.
  public ObjectNode readmit(String name) throws InterruptedException {
    return change(
        name,
        node -> {
          Node.Phase phase = phase(node);
          if (phase == Node.Phase.PENDING) {
            return null;
          }
          String is = phase.name().toLowerCase(Locale.ROOT);
          require(node, phase == Node.Phase.GONE, "readmit", "it is " + is + ", not gone");
          ObjectNode patch = JsonNodeFactory.instance.objectNode();
          patch
              .putObject("metadata")
              .putObject("annotations")
              .put(Returning.READMITTED, Time.now(clock).toString());
          return patch;
        });
  }

  /// Empties it; it stays cordoned.
  ///
  /// @param body `timeoutSeconds`, else the cluster's; `stop`: whether machines that cannot move
  ///   are stopped
  /// @return the task
  public ObjectNode drain(String name, ObjectNode body, String user) throws InterruptedException {
    Map<String, String> parameters = parameters(body);
    ObjectNode node =
        change(
            name,
            present -> {
              Node.Phase phase = phase(present);
              String is = phase.name().toLowerCase(Locale.ROOT);
              require(present, phase == Node.Phase.READY, "drain", "it is " + is + ", not ready");
              require(
                  present,
                  !present.spec().draining(),
                  "drain",
                  "it is being drained; see its task");
              return spec(true, true);
            });
    return orders.place(TYPE_DRAIN, node, user, parameters);
  }

  private static Map<String, String> parameters(ObjectNode body) {
    Map<String, String> parameters = new LinkedHashMap<>();
    body.properties()
        .forEach(each -> {
          boolean known =
              switch (each.getKey()) {
                case "timeoutSeconds" ->
                    each.getValue().isIntegralNumber() && each.getValue().asLong() > 0;
                case "stop" -> each.getValue().isBoolean();
                default -> false;
              };
          if (!known) {
            throw ApiException.badRequest(
                "drain takes timeoutSeconds, a number above 0, and stop, true or false; not "
                    + each.getKey()
                    + ": "
                    + each.getValue());
          }
          parameters.put(each.getKey(), each.getValue().asString());
        });
    return parameters;
  }

  private ObjectNode change(String name, Function<Node, @Nullable ObjectNode> change)
      throws InterruptedException {
    ObjectKey key = OtherixResources.key(name);
    return LivePatch.write(
            nodes,
            nodes.get(key),
            "",
            state -> Optional.ofNullable(change.apply(Records.read(state, Node.class))))
        .orElseThrow(() -> ApiException.notFound(OtherixResources.GROUP, "nodes", name));
  }

  private static void require(Node node, boolean holds, String what, String why) {
    if (!holds) {
      throw ApiException.conflict(
          OtherixResources.GROUP,
          "nodes",
          node.metadata().name(),
          "cannot " + what + " it: " + why);
    }
  }

  private static Node.Phase phase(Node node) {
    Node.Phase phase = node.status() == null ? null : node.status().phase();
    return phase == null ? Node.Phase.PENDING : phase;
  }

  private static ObjectNode spec(boolean cordoned, @Nullable Boolean draining) {
    ObjectNode patch = JsonNodeFactory.instance.objectNode();
    ObjectNode spec = patch.putObject("spec").put("cordoned", cordoned);
    if (draining != null) {
      spec.put("draining", draining);
    }
    return patch;
  }
}
