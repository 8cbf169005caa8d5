package dev.otherix.controllers.vms;

import dev.otherix.apimachinery.client.ResourceClient;
import dev.otherix.apimachinery.informer.Informer;
import dev.otherix.apimachinery.object.Condition;
import dev.otherix.apimachinery.object.ObjectKey;
import dev.otherix.apimachinery.object.Records;
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
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Says in one word what each machine is doing, and tells of every turn as an event. Lets a machine
/// go that is deleted and whose node was removed by force: nobody else can.
public final class MachineController implements Reconciler<ObjectKey> {
  private static final System.Logger LOG = System.getLogger(MachineController.class.getName());
  private static final int WORKERS = 8;

  /// A new machine is bound and gets its ports within a moment; one word is enough for that.
  private static final Duration SETTLING = Duration.ofMillis(50);

  /// What a node said of a machine that was taken from it since.
  private static final List<String> OF_A_NODE =
      List.of(
          "node",
          "pool",
          "imageSHA256",
          "diskSizeBytes",
          "memoryUsedMiB",
          "fencedAfterSeconds",
          "lastStartedAt");

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
        .handles(reconciler.machines, (key, _, _) -> controller.queue().addAfter(key, SETTLING))
        .handles(
            reconciler.nodes,
            (key, before, after) -> {
              if (!phase(before).equals(phase(after))) {
                reconciler.boundTo(key.name(), controller);
              }
            });
  }

  /// Of a node's state what machines on it show: empty when there is none.
  private static String phase(@Nullable ObjectNode node) {
    return node == null ? "" : node.at("/status/phase").asString("pending");
  }

  private void boundTo(String node, Controller<ObjectKey> controller) {
    for (ObjectNode each : machines.all()) {
      if (each.at("/spec/nodeName").asString("").equals(node)) {
        controller.queue().add(ResourceClient.keyOf(each));
      }
    }
  }

  @Override
  public Result reconcile(ObjectKey key) throws InterruptedException {
    Optional<ObjectNode> found = machines.get(key);
    if (found.isEmpty()) {
      return Result.DONE;
    }
    ObjectNode object = found.get();
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
    String phase = object.at("/status/phase").asString("");
    if (after.isPresent() && !phase.equals(after.get().at("/status/phase").asString(""))) {
      tell(object, MachineState.of(vm, node));
    }
    return Result.DONE;
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
    MachineState now = MachineState.of(vm, node);
    long generation = vm.metadata().generation();
    ObjectNode members = JsonNodeFactory.instance.objectNode();
    members.put("phase", now.phase().name().toLowerCase(Locale.ROOT));
    members.put("reason", now.reason());
    members.put("message", shortened(now.message()));
    members.put("observedGeneration", generation);
    if (vm.spec().nodeName() == null) {
      OF_A_NODE.forEach(members::putNull);
    }
    Condition ready =
        new Condition(
            "Ready",
            now.ready() ? Condition.TRUE : Condition.FALSE,
            generation,
            null,
            now.reason(),
            now.message());
    return LivePatch.status(state, members, List.of(ready), clock);
  }

  private static String shortened(String message) {
    int max = 4096;
    return message.length() > max ? message.substring(0, max) : message;
  }

  private void tell(ObjectNode object, MachineState now) throws InterruptedException {
    String reason = "Phase" + now.phase().name().charAt(0);
    String word = now.phase().name().substring(1).toLowerCase(Locale.ROOT);
    String message = now.reason() + ": " + now.message();
    switch (now.phase()) {
      case ERROR, GONE, ORPHANED -> events.warning(object, reason + word, message);
      case RUNNING, MIGRATING, PAUSED, STOPPED, DELETING ->
          events.normal(object, reason + word, message);
      case PENDING, CREATING -> {
        // The scheduler and the network controller tell this part.
      }
    }
  }
}
