package dev.otherix.controllers.vms;

import dev.otherix.apimachinery.client.ResourceClient;
import dev.otherix.apimachinery.informer.Informer;
import dev.otherix.apimachinery.object.ObjectKey;
import dev.otherix.apimachinery.object.Records;
import dev.otherix.controllers.cluster.BoundMachines;
import dev.otherix.controllers.cluster.OtherixResources;
import dev.otherix.controllers.runtime.Controller;
import dev.otherix.controllers.runtime.ControllerHost;
import dev.otherix.controllers.runtime.EventRecorder;
import dev.otherix.controllers.runtime.Finalizers;
import dev.otherix.controllers.runtime.LivePatch;
import dev.otherix.controllers.runtime.Reconciler;
import dev.otherix.controllers.runtime.Result;
import dev.otherix.schemas.v1.Node;
import dev.otherix.schemas.v1.VM;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Says of each machine what follows from its node and its deletion, and tells of every turn of its
/// phase as an event; the rest of the phase is [Projection]'s. Lets a machine go that is deleted
/// and whose node was removed by force: nobody else can.
public final class MachineController implements Reconciler<ObjectKey> {
  private static final System.Logger LOG = System.getLogger(MachineController.class.getName());
  private static final int WORKERS = 8;

  /// Several writers are at a new machine within a moment; one look is enough for that.
  private static final Duration SETTLING = Duration.ofMillis(50);

  /// What only this controller says of a machine.
  private static final Set<String> OF_NODES = Set.of("NodeUnreachable", "NodeGone", "NodeRemoved");

  /// By uid: the phase that was told last, or that a machine had when it was first seen.
  private final Map<String, String> told = new ConcurrentHashMap<>();

  private final BoundMachines bound = new BoundMachines();
  private final ResourceClient vms;
  private final ResourceClient nodesThere;
  private final Informer machines;
  private final Informer nodes;
  private final EventRecorder events;
  private final InstantSource clock;

  private MachineController(ControllerHost host) {
    this.vms = host.client().resource(OtherixResources.VMS);
    this.nodesThere = host.client().resource(OtherixResources.NODES);
    this.machines = host.informer(OtherixResources.VMS);
    this.nodes = host.informer(OtherixResources.NODES);
    this.events = new EventRecorder(host.client(), "otherix-machines", host.clock());
    this.clock = host.clock();
  }

  /// Adds it to a host that is not started yet.
  public static void addTo(ControllerHost host) {
    MachineController reconciler = new MachineController(host);
    Controller<ObjectKey> controller = host.controller("machines", reconciler, WORKERS);
    controller
        .handles(
            reconciler.machines,
            (key, before, after) -> {
              reconciler.bound.changed(key, before, after);
              reconciler.seen(before, after);
              controller.queue().addAfter(key, SETTLING);
            })
        .handles(
            reconciler.nodes,
            (key, before, after) -> {
              if (!phase(before).equals(phase(after))) {
                reconciler.boundTo(key.name(), controller);
              }
            });
  }

  private void seen(@Nullable ObjectNode before, @Nullable ObjectNode after) {
    if (before != null && (after == null || !uid(before).equals(uid(after)))) {
      told.remove(uid(before));
    }
    if (after != null) {
      told.putIfAbsent(uid(after), phaseOf(after));
    }
  }

  private static String uid(ObjectNode object) {
    return object.path("metadata").path("uid").asString("");
  }

  private static String phaseOf(ObjectNode machine) {
    return machine.path("status").path("phase").asString("");
  }

  /// Of a node's state what machines on it show: empty when there is none.
  private static String phase(@Nullable ObjectNode node) {
    return node == null ? "" : node.at("/status/phase").asString("pending");
  }

  private void boundTo(String node, Controller<ObjectKey> controller) {
    bound.on(node).forEach(controller.queue()::add);
  }

  @Override
  public Result reconcile(ObjectKey key) throws InterruptedException {
    Optional<ObjectNode> found = machines.get(key);
    if (found.isEmpty()) {
      return Result.DONE;
    }
    ObjectNode object = found.get();
    if (isUpToDate(object)) {
      tellTurn(object);
      return Result.DONE;
    }
    VM vm = Records.read(object, VM.class);
    MachineState.NodeIs node = nodeOf(vm);
    if (vm.metadata().deleting() && vm.spec().nodeName() != null) {
      if (node == MachineState.NodeIs.REMOVED && isRemoved(vm.spec().nodeName())) {
        letGo(object);
        return Result.DONE;
      }
    }
    Optional<ObjectNode> after =
        LivePatch.write(vms, object, "status", state -> patch(state, node));
    if (after.isPresent()) {
      tellTurn(after.get());
    }
    return Result.DONE;
  }

  /// Whether [Projection] has said everything: that of a living machine on no node, or on one that
  /// is there.
  private boolean isUpToDate(ObjectNode object) {
    JsonNode status = object.path("status");
    String node = object.path("spec").path("nodeName").asString("");
    boolean there =
        node.isEmpty()
            || nodes
                .get(OtherixResources.key(node))
                .map(MachineController::phase)
                .filter(each -> each.equals("ready") || each.equals("pending"))
                .isPresent();
    return there
        && !Finalizers.deleting(object)
        && !phaseOf(object).isEmpty()
        && !OF_NODES.contains(status.path("reason").asString(""))
        && status.path("observedGeneration").asLong(0)
            == object.path("metadata").path("generation").asLong(0);
  }

  private void tellTurn(ObjectNode object) throws InterruptedException {
    String phase = phaseOf(object);
    String before = told.replace(uid(object), phase);
    if (before != null && !before.equals(phase)) {
      tell(object, phase);
    }
  }

  private MachineState.NodeIs nodeOf(VM vm) {
    String name = vm.spec().nodeName();
    return name == null
        ? MachineState.NodeIs.THERE
        : MachineState.of(
            nodes
                .get(OtherixResources.key(name))
                .map(each -> Records.read(each, Node.class))
                .orElse(null));
  }

  /// What the informer does not have may exist all the same, and a host may hold the disks.
  private boolean isRemoved(String node) throws InterruptedException {
    return nodesThere.find(OtherixResources.key(node)).isEmpty();
  }

  private void letGo(ObjectNode object) throws InterruptedException {
    if (Finalizers.has(object, OtherixResources.AGENT_FINALIZER)) {
      Finalizers.remove(vms, object, OtherixResources.AGENT_FINALIZER);
      LOG.log(
          System.Logger.Level.WARNING,
          "machine let go whose node was removed by force vm={0} node={1}",
          ResourceClient.keyOf(object).name(),
          object.at("/spec/nodeName").asString(""));
    }
  }

  private Optional<ObjectNode> patch(ObjectNode state, MachineState.NodeIs node) {
    VM vm = Records.read(state, VM.class);
    return Projection.patch(state, vm, node, vm.metadata().generation(), clock);
  }

  private void tell(ObjectNode object, String phase) throws InterruptedException {
    JsonNode status = object.path("status");
    String reason = "Phase" + phase.substring(0, 1).toUpperCase(Locale.ROOT) + phase.substring(1);
    String message =
        status.path("reason").asString("") + ": " + status.path("message").asString("");
    switch (VM.Phase.valueOf(phase.toUpperCase(Locale.ROOT))) {
      case ERROR, GONE, ORPHANED -> events.warning(object, reason, message);
      case RUNNING, MIGRATING, PAUSED, STOPPED, DELETING -> events.normal(object, reason, message);
      case PENDING, CREATING -> {
        // The scheduler and the network controller tell this part.
      }
    }
  }
}
