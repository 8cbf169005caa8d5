package dev.otherix.controllers.scheduler;

import dev.otherix.apimachinery.client.ResourceClient;
import dev.otherix.apimachinery.informer.Informer;
import dev.otherix.apimachinery.object.Condition;
import dev.otherix.apimachinery.object.ObjectKey;
import dev.otherix.apimachinery.object.Records;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apimachinery.status.StatusReason;
import dev.otherix.controllers.cluster.OtherixResources;
import dev.otherix.controllers.cluster.Settings;
import dev.otherix.controllers.runtime.Controller;
import dev.otherix.controllers.runtime.ControllerHost;
import dev.otherix.controllers.runtime.EventRecorder;
import dev.otherix.controllers.runtime.Finalizers;
import dev.otherix.controllers.runtime.LivePatch;
import dev.otherix.controllers.runtime.Reconciler;
import dev.otherix.controllers.runtime.Result;
import dev.otherix.controllers.runtime.StatusConditions;
import dev.otherix.controllers.vms.Projection;
import dev.otherix.schemas.v1.Node;
import dev.otherix.schemas.v1.StoragePool;
import dev.otherix.schemas.v1.VM;
import dev.otherix.schemas.v1.VMSnapshot;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Binds machines to nodes, each once. Decisions are made one after the other in the [Ledger];
/// several workers write them. A machine that fits nowhere says why and is looked at again when a
/// node, a pool, a network, the settings or another machine changes.
public final class SchedulerController implements Reconciler<SchedulerController.Work> {
  private static final System.Logger LOG = System.getLogger(SchedulerController.class.getName());
  private static final String SCHEDULED = "Scheduled";
  private static final int WORKERS = 16;

  /// Nodes report often; machines that wait are looked at together.
  private static final Duration WAKE_DELAY = Duration.ofMillis(300);

  /// What there is to do.
  public sealed interface Work {
    /// Place this machine.
    record Place(ObjectKey key) implements Work {}

    /// Look again at every machine that waits.
    record Wake() implements Work {}
  }

  private final Ledger ledger = new Ledger();
  private final Set<ObjectKey> waiting = ConcurrentHashMap.newKeySet();
  private final ResourceClient vms;
  private final Informer machines;
  private final Informer nodes;
  private final Informer pools;
  private final Informer networks;
  private final Informer settings;
  private final Informer snapshots;
  private final ReentrantLock seedLock = new ReentrantLock();
  private boolean seeded;
  private final EventRecorder events;
  private final InstantSource clock;
  private final Controller<Work> controller;

  private SchedulerController(ControllerHost host) {
    this.vms = host.client().resource(OtherixResources.VMS);
    this.machines = host.informer(OtherixResources.VMS);
    this.nodes = host.informer(OtherixResources.NODES);
    this.pools = host.informer(OtherixResources.POOLS);
    this.networks = host.informer(OtherixResources.NETWORKS);
    this.settings = host.informer(OtherixResources.SETTINGS);
    this.snapshots = host.informer(OtherixResources.SNAPSHOTS);
    this.events = new EventRecorder(host.client(), "otherix-scheduler", host.clock());
    this.clock = host.clock();
    this.controller = host.controller("scheduler", this, WORKERS);
  }

  /// Adds it to a host that is not started yet.
  public static SchedulerController addTo(ControllerHost host) {
    SchedulerController scheduler = new SchedulerController(host);
    scheduler.follow();
    return scheduler;
  }

  private void follow() {
    controller
        .handles(
            nodes,
            (key, _, after) -> {
              ledger.setNode(key.name(), after == null ? null : Records.read(after, Node.class));
              wake();
            })
        .handles(
            pools,
            (key, _, after) -> {
              ledger.setPool(
                  key.name(), after == null ? null : Records.read(after, StoragePool.class));
              wake();
            })
        .handles(
            networks,
            (key, _, after) -> {
              ledger.setNetwork(key.name(), after != null);
              wake();
            })
        .handles(
            snapshots,
            (_, before, after) -> {
              if (before != null && (after == null || !uid(before).equals(uid(after)))) {
                ledger.setSnapshot(uid(before), null);
              }
              if (after != null) {
                ledger.setSnapshot(uid(after), Records.read(after, VMSnapshot.class));
              }
              wake();
            })
        .handles(
            settings,
            (_, _, after) -> {
              ledger.setSettings(after == null ? Settings.DEFAULT : Settings.of(after));
              wake();
            })
        .handles(machines, this::machineChanged);
  }

  private void machineChanged(
      ObjectKey key, @Nullable ObjectNode before, @Nullable ObjectNode after) {
    if (before != null && (after == null || !uid(before).equals(uid(after)))) {
      ledger.release(uid(before));
      wake();
    }
    if (after == null) {
      waiting.remove(key);
      return;
    }
    if (isCountedOtherwise(before, after)) {
      ledger.setMachine(Records.read(after, VM.class));
    }
    boolean untold = !isUnbound(after) && before == null && !isTold(after);
    if (untold || (isUnbound(after) && specChanged(before, after))) {
      controller.queue().add(new Work.Place(key));
    }
  }

  /// Whether what the machine takes of its node may have changed.
  private static boolean isCountedOtherwise(@Nullable ObjectNode before, ObjectNode after) {
    return before == null
        || specChanged(before, after)
        || !before.at("/status/pool").equals(after.at("/status/pool"))
        || !before.at("/status/diskSizeBytes").equals(after.at("/status/diskSizeBytes"));
  }

  private static boolean isTold(ObjectNode object) {
    return Finalizers.deleting(object)
        || Condition.find(StatusConditions.of(object), SCHEDULED)
            .map(Condition::isTrue)
            .orElse(false);
  }

  private static boolean specChanged(@Nullable ObjectNode before, ObjectNode after) {
    return before == null
        || !uid(before).equals(uid(after))
        || before.at("/metadata/generation").asLong(0)
            != after.at("/metadata/generation").asLong(0);
  }

  private void wake() {
    if (!waiting.isEmpty()) {
      controller.queue().addAfter(new Work.Wake(), WAKE_DELAY);
    }
  }

  /// What the informers hold when the first machine is to be placed, so that no promise is missed
  /// that the handlers have not been told of yet.
  private void readAll() {
    seedLock.lock();
    try {
      if (seeded) {
        return;
      }
      nodes.all().forEach(each -> ledger.setNode(name(each), Records.read(each, Node.class)));
      pools
          .all()
          .forEach(each -> ledger.setPool(name(each), Records.read(each, StoragePool.class)));
      networks.all().forEach(each -> ledger.setNetwork(name(each), true));
      ledger.setSettings(Settings.in(settings));
      snapshots
          .all()
          .forEach(each -> ledger.setSnapshot(uid(each), Records.read(each, VMSnapshot.class)));
      machines.all().forEach(each -> ledger.setMachine(Records.read(each, VM.class)));
      seeded = true;
    } finally {
      seedLock.unlock();
    }
  }

  private static String name(ObjectNode object) {
    return ResourceClient.keyOf(object).name();
  }

  @Override
  public Result reconcile(Work work) throws InterruptedException {
    return switch (work) {
      case Work.Wake _ -> {
        waiting.forEach(each -> controller.queue().add(new Work.Place(each)));
        yield Result.DONE;
      }
      case Work.Place(ObjectKey key) -> place(key);
    };
  }

  private Result place(ObjectKey key) throws InterruptedException {
    readAll();
    Optional<ObjectNode> found = machines.get(key);
    if (found.isEmpty() || !isUnbound(found.get())) {
      waiting.remove(key);
      if (found.isPresent() && !isTold(found.get())) {
        tellBound(found.get());
      }
      return Result.DONE;
    }
    ObjectNode object = found.get();
    // Before the decision, so that a change during it is not missed.
    waiting.add(key);
    Decision decision = ledger.place(Records.read(object, VM.class));
    switch (decision) {
      case Decision.Placed(String node, double score, var _) -> {
        if (bind(object, node)) {
          LOG.log(
              System.Logger.Level.INFO,
              "machine bound vm={0} node={1} score={2}",
              key.name(),
              node,
              score);
        }
        waiting.remove(key);
      }
      case Decision.Unplaced unplaced -> tell(object, unplaced);
    }
    return Result.DONE;
  }

  /// Whether it is bound there now.
  private boolean bind(ObjectNode object, String node) throws InterruptedException {
    boolean bound = false;
    try {
      Optional<ObjectNode> written =
          LivePatch.write(vms, object, "", state -> binding(state, node));
      bound = written.isPresent() && written.get().at("/spec/nodeName").asString("").equals(node);
      if (bound) {
        tellBound(written.get());
      }
    } catch (ApiException e) {
      if (!e.is(StatusReason.NOT_FOUND)) {
        throw e;
      }
    } finally {
      if (!bound) {
        ledger.release(uid(object));
      }
    }
    return bound;
  }

  private void tellBound(ObjectNode object) throws InterruptedException {
    long generation = object.at("/metadata/generation").asLong(0);
    Condition bound = Projection.bound(object.at("/spec/nodeName").asString(""), generation);
    LivePatch.condition(vms, object, bound, clock);
    events.normal(object, bound.reason(), bound.message());
  }

  /// A machine is bound once, and not when it is on its way out.
  private static Optional<ObjectNode> binding(ObjectNode state, String node) {
    if (!isUnbound(state)) {
      return Optional.empty();
    }
    ObjectNode patch = JsonNodeFactory.instance.objectNode();
    ObjectNode metadata = patch.putObject("metadata");
    ArrayNode finalizers = metadata.putArray("finalizers");
    for (JsonNode each : state.path("metadata").path("finalizers")) {
      finalizers.add(each);
    }
    finalizers.add(OtherixResources.AGENT_FINALIZER);
    patch.putObject("spec").put("nodeName", node);
    return Optional.of(patch);
  }

  private void tell(ObjectNode object, Decision.Unplaced unplaced) throws InterruptedException {
    Condition wanted = condition(object, Condition.FALSE, unplaced.reason(), unplaced.message());
    Optional<Condition> told = Condition.find(StatusConditions.of(object), SCHEDULED);
    if (told.isPresent() && saysTheSame(told.get(), wanted)) {
      return;
    }
    LivePatch.condition(vms, object, wanted, clock);
    if (told.isEmpty() || !told.get().reason().equals(wanted.reason())) {
      events.warning(object, unplaced.reason(), unplaced.message());
    }
  }

  /// Measures change all the time; how many nodes lack what does not.
  private static boolean saysTheSame(Condition told, Condition wanted) {
    return told.status().equals(wanted.status())
        && told.reason().equals(wanted.reason())
        && told.observedGeneration() == wanted.observedGeneration()
        && summary(told.message()).equals(summary(wanted.message()));
  }

  private static String summary(String message) {
    int end = message.indexOf(';');
    return end < 0 ? message : message.substring(0, end);
  }

  private static Condition condition(
      ObjectNode object, String status, String reason, String message) {
    long generation = object.at("/metadata/generation").asLong(0);
    return new Condition(SCHEDULED, status, generation, null, reason, message);
  }

  private static boolean isUnbound(ObjectNode object) {
    return !object.path("spec").has("nodeName") && !Finalizers.deleting(object);
  }

  private static String uid(ObjectNode object) {
    return object.path("metadata").path("uid").asString("");
  }
}
