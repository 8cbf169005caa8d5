package dev.otherix.controllers.snapshots;

import dev.otherix.apimachinery.client.ResourceClient;
import dev.otherix.apimachinery.informer.Informer;
import dev.otherix.apimachinery.object.Condition;
import dev.otherix.apimachinery.object.ObjectKey;
import dev.otherix.controllers.cluster.OtherixResources;
import dev.otherix.controllers.runtime.Controller;
import dev.otherix.controllers.runtime.ControllerHost;
import dev.otherix.controllers.runtime.Finalizers;
import dev.otherix.controllers.runtime.LivePatch;
import dev.otherix.controllers.runtime.Reconciler;
import dev.otherix.controllers.runtime.Result;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Gives each snapshot to the node of its machine, whose agent makes the copy, and says why it
/// waits until then. Lets a snapshot go that is deleted and whose node was removed by force.
public final class SnapshotController implements Reconciler<ObjectKey> {
  private static final System.Logger LOG = System.getLogger(SnapshotController.class.getName());
  private static final int WORKERS = 2;
  private static final String PENDING = "pending";

  private final ResourceClient client;
  private final ResourceClient nodes;
  private final Informer snapshots;
  private final Informer machines;
  private final InstantSource clock;

  private SnapshotController(ControllerHost host) {
    this.client = host.client().resource(OtherixResources.SNAPSHOTS);
    this.nodes = host.client().resource(OtherixResources.NODES);
    this.snapshots = host.informer(OtherixResources.SNAPSHOTS);
    this.machines = host.informer(OtherixResources.VMS);
    this.clock = host.clock();
  }

  /// Adds it to a host that is not started yet.
  public static void addTo(ControllerHost host) {
    SnapshotController reconciler = new SnapshotController(host);
    Controller<ObjectKey> controller = host.controller("snapshots", reconciler, WORKERS);
    controller
        .handles(reconciler.snapshots, (key, _, _) -> controller.queue().add(key))
        .handles(
            reconciler.machines,
            (key, before, after) -> {
              if (!node(before).equals(node(after))) {
                reconciler.waitingFor(key.name(), controller);
              }
            })
        .handles(
            host.informer(OtherixResources.NODES),
            (key, _, after) -> {
              if (after == null) {
                reconciler.on(key.name(), controller);
              }
            });
  }

  private static String node(@Nullable ObjectNode object) {
    return object == null ? "" : object.at("/spec/nodeName").asString("");
  }

  private void waitingFor(String vm, Controller<ObjectKey> controller) {
    for (ObjectNode each : snapshots.all()) {
      if (node(each).isEmpty() && each.at("/spec/vmName").asString("").equals(vm)) {
        controller.queue().add(ResourceClient.keyOf(each));
      }
    }
  }

  private void on(String node, Controller<ObjectKey> controller) {
    for (ObjectNode each : snapshots.all()) {
      if (node(each).equals(node)) {
        controller.queue().add(ResourceClient.keyOf(each));
      }
    }
  }

  @Override
  public Result reconcile(ObjectKey key) throws InterruptedException {
    Optional<ObjectNode> found = snapshots.get(key);
    if (found.isEmpty()) {
      return Result.DONE;
    }
    ObjectNode snapshot = found.get();
    if (!node(snapshot).isEmpty()) {
      letGo(snapshot);
      return Result.DONE;
    }
    if (Finalizers.deleting(snapshot)) {
      return Result.DONE;
    }
    String name = snapshot.at("/spec/vmName").asString("");
    ObjectNode vm = machines.get(OtherixResources.key(name)).orElse(null);
    if (vm == null || Finalizers.deleting(vm)) {
      tell(snapshot, "VMNotFound", "there is no machine " + name + "; waiting for it");
    } else if (node(vm).isEmpty()) {
      tell(snapshot, "VMNotPlaced", "machine " + name + " is on no node yet; waiting for that");
    } else {
      bind(snapshot, vm);
    }
    return Result.DONE;
  }

  private void bind(ObjectNode snapshot, ObjectNode vm) throws InterruptedException {
    LivePatch.write(client, snapshot, "", state -> binding(state, vm));
    LOG.log(
        System.Logger.Level.INFO,
        "snapshot given to node snapshot={0} node={1}",
        ResourceClient.keyOf(snapshot).name(),
        node(vm));
  }

  private static Optional<ObjectNode> binding(ObjectNode state, ObjectNode vm) {
    if (!node(state).isEmpty() || Finalizers.deleting(state)) {
      return Optional.empty();
    }
    ObjectNode patch = JsonNodeFactory.instance.objectNode();
    ArrayNode finalizers = patch.putObject("metadata").putArray("finalizers");
    Finalizers.of(state).forEach(finalizers::add);
    finalizers.add(OtherixResources.AGENT_FINALIZER);
    patch
        .putObject("spec")
        .put("nodeName", node(vm))
        .put("vmUID", vm.at("/metadata/uid").asString(""));
    return Optional.of(patch);
  }

  /// What the informer does not have may exist all the same, and a host may hold the copy.
  private void letGo(ObjectNode snapshot) throws InterruptedException {
    if (Finalizers.deleting(snapshot)
        && Finalizers.has(snapshot, OtherixResources.AGENT_FINALIZER)
        && nodes.find(OtherixResources.key(node(snapshot))).isEmpty()) {
      Finalizers.remove(client, snapshot, OtherixResources.AGENT_FINALIZER);
      LOG.log(
          System.Logger.Level.WARNING,
          "snapshot let go whose node was removed by force snapshot={0} node={1}",
          ResourceClient.keyOf(snapshot).name(),
          node(snapshot));
    }
  }

  private void tell(ObjectNode snapshot, String reason, String message)
      throws InterruptedException {
    long generation = snapshot.at("/metadata/generation").asLong(0);
    Condition ready = new Condition("Ready", Condition.FALSE, generation, null, reason, message);
    ObjectNode members = JsonNodeFactory.instance.objectNode();
    members.put("phase", PENDING).put("message", message).put("observedGeneration", generation);
    LivePatch.write(
        client,
        snapshot,
        "status",
        state ->
            node(state).isEmpty()
                ? LivePatch.status(state, members, List.of(ready), clock)
                : Optional.empty());
  }
}
