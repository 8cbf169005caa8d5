package dev.otherix.controllers.recovery;

import dev.otherix.apimachinery.client.ResourceClient;
import dev.otherix.apimachinery.informer.Informer;
import dev.otherix.apimachinery.object.ObjectKey;
import dev.otherix.apimachinery.object.Records;
import dev.otherix.apimachinery.object.Time;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apimachinery.status.StatusReason;
import dev.otherix.controllers.cluster.BoundMachines;
import dev.otherix.controllers.cluster.ClusterRules;
import dev.otherix.controllers.cluster.OtherixResources;
import dev.otherix.controllers.cluster.Settings;
import dev.otherix.controllers.runtime.Controller;
import dev.otherix.controllers.runtime.ControllerHost;
import dev.otherix.controllers.runtime.EventRecorder;
import dev.otherix.controllers.runtime.Reconciler;
import dev.otherix.controllers.runtime.Result;
import dev.otherix.schemas.v1.VM;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Takes machines from nodes that are gone, so that the scheduler binds them anew, when their
/// policy allows it and it is certain that they run no more. `docs/explanation/fencing.md` tells
/// why it is certain; in short:
///
/// - The node has promised in the machine's status to stop it when it has lost the server for a
///   time. This process has seen no heartbeat for longer than that.
/// - The machine is read first, then the lease, and the machine is written only as it was read. A
///   node that came back has renewed its lease and then written to the machine before it started
///   it, so one of the two shows it.
public final class FencedRecovery implements Reconciler<ObjectKey> {
  private static final String RECOVERED_AT = "otherix/recovered-at";
  private static final System.Logger LOG = System.getLogger(FencedRecovery.class.getName());
  private static final int WORKERS = 2;

  private final ResourceClient vms;
  private final ResourceClient leasesThere;
  private final Informer machines;
  private final BoundMachines bound = new BoundMachines();
  private final Informer nodes;
  private final Informer leases;
  private final Informer settings;
  private final Silence silence;
  private final EventRecorder events;
  private final InstantSource clock;

  private FencedRecovery(ControllerHost host, LongSupplier nanoTime) {
    this.vms = host.client().resource(OtherixResources.VMS);
    this.leasesThere = host.client().resource(OtherixResources.LEASES);
    this.machines = host.informer(OtherixResources.VMS);
    this.nodes = host.informer(OtherixResources.NODES);
    this.leases = host.informer(OtherixResources.LEASES);
    this.settings = host.informer(OtherixResources.SETTINGS);
    this.silence = new Silence(nanoTime);
    this.events = new EventRecorder(host.client(), "otherix-recovery", host.clock());
    this.clock = host.clock();
  }

  /// Adds it to a host that is not started yet.
  ///
  /// @param nanoTime a clock that nobody sets, such as [System#nanoTime]
  public static void addTo(ControllerHost host, LongSupplier nanoTime) {
    FencedRecovery reconciler = new FencedRecovery(host, nanoTime);
    Controller<ObjectKey> controller = host.controller("recovery", reconciler, WORKERS);
    controller
        .handles(reconciler.nodes, (key, _, _) -> controller.queue().add(key))
        .handles(
            reconciler.leases,
            (key, _, _) -> {
              if (key.namespace().equals(OtherixResources.NODE_LEASES)) {
                controller.queue().add(OtherixResources.key(key.name()));
              }
            })
        .handles(
            reconciler.machines,
            (key, before, after) -> {
              reconciler.bound.changed(key, before, after);
              String node = after == null ? "" : after.at("/spec/nodeName").asString("");
              if (!node.isEmpty() && reconciler.isGone(OtherixResources.key(node))) {
                controller.queue().add(OtherixResources.key(node));
              }
            })
        .handles(reconciler.settings, (_, _, _) -> {});
  }

  @Override
  public Result reconcile(ObjectKey node) throws InterruptedException {
    Optional<ObjectNode> lease =
        leases.get(new ObjectKey(OtherixResources.NODE_LEASES, node.name()));
    if (lease.isEmpty()) {
      silence.forget(node.name());
      return Result.DONE;
    }
    Duration silent = silence.of(node.name(), lease.get());
    if (!isGone(node)) {
      return Result.DONE;
    }
    Duration next = null;
    for (ObjectKey key : bound.on(node.name())) {
      Optional<ObjectNode> machine = machines.get(key);
      if (machine.isPresent() && isHeld(machine.get(), node.name())) {
        Duration left = certainAfter(machine.get()).minus(silent);
        if (left.isPositive()) {
          next = next == null || left.compareTo(next) < 0 ? left : next;
        } else {
          recover(machine.get(), node.name(), lease.get());
        }
      }
    }
    return next == null ? Result.DONE : Result.after(next);
  }

  private boolean isGone(ObjectKey node) {
    return nodes
        .get(node)
        .filter(each -> each.at("/status/phase").asString("").equals("gone"))
        .isPresent();
  }

  /// Whether the machine is to leave this node, and the node has promised to stop it.
  private static boolean isHeld(ObjectNode object, String node) {
    if (!object.at("/spec/nodeName").asString("").equals(node)) {
      return false;
    }
    VM vm = Records.read(object, VM.class);
    VM.Status status = vm.status();
    return vm.spec().recovery() == VM.Recovery.RECREATE
        && !vm.metadata().deleting()
        && status != null
        && node.equals(status.node())
        && status.fencedAfterSeconds() != null;
  }

  /// How long a node must have been silent until its machine does not run any more.
  private Duration certainAfter(ObjectNode vm) {
    Duration promised =
        Duration.ofSeconds(vm.at("/status/fencedAfterSeconds").asLong())
            .plus(ClusterRules.FENCE_MARGIN);
    Duration gone = Duration.ofSeconds(Settings.in(settings).spec().nodes().goneAfterSeconds());
    return promised.compareTo(gone) > 0 ? promised : gone;
  }

  /// @param vm as it was read before the lease is looked at once more
  private void recover(ObjectNode vm, String node, ObjectNode silentLease)
      throws InterruptedException {
    ObjectKey key = ResourceClient.keyOf(vm);
    ObjectNode present = leasesThere.find(ResourceClient.keyOf(silentLease)).orElse(null);
    if (present == null || !Silence.version(present).equals(Silence.version(silentLease))) {
      return;
    }
    @Nullable ObjectNode after;
    try {
      after = vms.mergePatch(key, "", unbound(vm, node));
    } catch (ApiException e) {
      if (e.is(StatusReason.NOT_FOUND) || e.is(StatusReason.CONFLICT)) {
        // It is gone or was written to meanwhile; the informer tells of it, and that leads here.
        return;
      }
      throw e;
    }
    LOG.log(
        System.Logger.Level.WARNING,
        "machine taken from a node that is gone vm={0} node={1} incarnation={2}",
        key.name(),
        node,
        after.at("/spec/incarnation").asLong());
    events.warning(
        after,
        "Recovered",
        "node "
            + node
            + " is gone and has stopped it by now; it is made anew elsewhere, with a new disk. Its"
            + " old disk stays on "
            + node);
  }

  private ObjectNode unbound(ObjectNode vm, String node) {
    ObjectNode patch = JsonNodeFactory.instance.objectNode();
    ObjectNode metadata = patch.putObject("metadata");
    metadata.set("resourceVersion", vm.at("/metadata/resourceVersion"));
    ObjectNode annotations = metadata.putObject("annotations");
    annotations
        .put(ClusterRules.RECOVERED_FROM, node)
        .put(RECOVERED_AT, Time.now(clock).toString());
    ArrayNode finalizers = metadata.putArray("finalizers");
    for (JsonNode each : vm.at("/metadata/finalizers")) {
      if (!each.asString("").equals(OtherixResources.AGENT_FINALIZER)) {
        finalizers.add(each);
      }
    }
    ObjectNode spec = patch.putObject("spec");
    spec.putNull("nodeName").put("incarnation", vm.at("/spec/incarnation").asLong(0) + 1);
    return patch;
  }
}
