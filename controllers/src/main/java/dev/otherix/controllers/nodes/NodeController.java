package dev.otherix.controllers.nodes;

import dev.otherix.apimachinery.client.ResourceClient;
import dev.otherix.apimachinery.informer.Informer;
import dev.otherix.apimachinery.meter.ClockOffset;
import dev.otherix.apimachinery.object.Condition;
import dev.otherix.apimachinery.object.ObjectKey;
import dev.otherix.apimachinery.object.Records;
import dev.otherix.controllers.cluster.BoundMachines;
import dev.otherix.controllers.cluster.OtherixResources;
import dev.otherix.controllers.cluster.Settings;
import dev.otherix.controllers.runtime.Controller;
import dev.otherix.controllers.runtime.ControllerHost;
import dev.otherix.controllers.runtime.EventRecorder;
import dev.otherix.controllers.runtime.LivePatch;
import dev.otherix.controllers.runtime.Reconciler;
import dev.otherix.controllers.runtime.Result;
import dev.otherix.controllers.runtime.StatusConditions;
import dev.otherix.schemas.v1.Node;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Says whether each node is there, by its lease, and whether it is short of something; and tells
/// its machines when nobody can know any more whether they run. Cordoned and draining nodes are
/// looked at like all others. It never moves or deletes a machine.
public final class NodeController implements Reconciler<ObjectKey> {
  private static final System.Logger LOG = System.getLogger(NodeController.class.getName());
  private static final int WORKERS = 4;
  private static final int FREE_PERCENT_MIN = 10;
  private static final int SAMPLES = 3;

  private final BoundMachines bound = new BoundMachines();
  private final ResourceClient client;
  private final ResourceClient vms;
  private final Informer nodes;
  private final Informer leases;
  private final Informer machines;
  private final Informer settings;
  private final Heartbeats heartbeats;
  private final EventRecorder events;
  private final InstantSource clock;

  /// By node; each touched only by the worker that has the node.
  private static final String CLOCK_SKEWED = "ClockSkewed";

  private final Map<String, Pressures> pressures = new ConcurrentHashMap<>();

  private record Pressures(Pressure memory, Pressure systemDisk) {}

  private NodeController(ControllerHost host) {
    this.client = host.client().resource(OtherixResources.NODES);
    this.vms = host.client().resource(OtherixResources.VMS);
    this.nodes = host.informer(OtherixResources.NODES);
    this.leases = host.informer(OtherixResources.LEASES);
    this.machines = host.informer(OtherixResources.VMS);
    this.settings = host.informer(OtherixResources.SETTINGS);
    this.heartbeats = new Heartbeats(host.clock());
    this.events = new EventRecorder(host.client(), "otherix-nodes", host.clock());
    this.clock = host.clock();
  }

  /// Adds it to a host that is not started yet.
  public static void addTo(ControllerHost host) {
    NodeController reconciler = new NodeController(host);
    Controller<ObjectKey> controller = host.controller("nodes", reconciler, WORKERS);
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
            reconciler.settings,
            (_, _, _) ->
                reconciler
                    .nodes
                    .all()
                    .forEach(each -> controller.queue().add(ResourceClient.keyOf(each))))
        .handles(reconciler.machines, reconciler.bound::changed);
  }

  @Override
  public Result reconcile(ObjectKey key) throws InterruptedException {
    String name = key.name();
    Optional<ObjectNode> found = nodes.get(key);
    if (found.isEmpty()) {
      heartbeats.forget(name);
      pressures.remove(name);
      return Result.DONE;
    }
    Node node = Records.read(found.get(), Node.class);
    var limits = Settings.in(settings).spec().nodes();
    Optional<ObjectNode> lease = leases.get(new ObjectKey(OtherixResources.NODE_LEASES, name));
    Heartbeats.Seen seen = heartbeats.look(name, lease.orElse(null), limits);
    Pressures now = pressures(name, node, seen.isNew());
    Node.Phase before = node.status() == null ? null : node.status().phase();
    Liveness liveness =
        Liveness.of(
            new Liveness.Facts(
                before,
                seen.at(),
                Returning.refusal(node, bound, machines),
                Returning.readmitted(node)),
            clock.instant(),
            limits);
    Optional<ObjectNode> after =
        LivePatch.write(client, found.get(), "status", state -> patch(name, state, liveness, now));
    Duration skew = heartbeats.wrongBy(name);
    if (skew != null && after.isPresent() && !skewed(found.get())) {
      events.warning(found.get(), "ClockSkewed", skewMessage(skew));
    }
    if (before != liveness.phase() && after.isPresent()) {
      tell(found.get(), liveness);
    }
    if (liveness.phase() == Node.Phase.UNREACHABLE || liveness.phase() == Node.Phase.GONE) {
      doubt(name, liveness.phase());
    }
    return liveness.recheck() == null ? Result.DONE : Result.after(liveness.recheck());
  }

  private Pressures pressures(String name, Node node, boolean newSample) {
    Pressures before = pressures.computeIfAbsent(name, _ -> said(node));
    Node.Status status = node.status();
    if (!newSample || status == null) {
      return before;
    }
    Node.Capacity has = status.capacity();
    Node.Available free = status.available();
    Pressures after =
        new Pressures(
            before
                .memory()
                .after(
                    free == null ? null : free.memoryMiB(),
                    has == null ? null : has.memoryMiB(),
                    FREE_PERCENT_MIN,
                    SAMPLES),
            before
                .systemDisk()
                .after(
                    free == null ? null : free.systemDiskBytes(),
                    has == null ? null : has.systemDiskBytes(),
                    FREE_PERCENT_MIN,
                    SAMPLES));
    pressures.put(name, after);
    return after;
  }

  /// What another process said before this one.
  private static Pressures said(Node node) {
    return new Pressures(said(node, "MemoryPressure"), said(node, "SystemDiskPressure"));
  }

  private static Pressure said(Node node, String type) {
    boolean active =
        node.status() != null
            && Condition.find(node.status().conditions(), type)
                .map(Condition::isTrue)
                .orElse(false);
    return active ? new Pressure(true, SAMPLES) : Pressure.NONE;
  }

  private Optional<ObjectNode> patch(
      String name, ObjectNode state, Liveness liveness, Pressures pressure) {
    ObjectNode members = JsonNodeFactory.instance.objectNode();
    members.put("phase", word(liveness.phase()));
    boolean ready = liveness.phase() == Node.Phase.READY;
    List<Condition> conditions = new ArrayList<>();
    conditions.add(condition("Ready", ready, liveness.reason(), liveness.message()));
    conditions.add(pressure("MemoryPressure", pressure.memory(), "memory"));
    conditions.add(pressure("SystemDiskPressure", pressure.systemDisk(), "its system disk"));
    Duration skew = heartbeats.wrongBy(name);
    if (skew != null) {
      conditions.add(condition(CLOCK_SKEWED, true, "Skewed", skewMessage(skew)));
    } else if (skewed(state)) {
      conditions.add(condition(CLOCK_SKEWED, false, "InStep", "the clocks agree"));
    }
    return LivePatch.status(state, members, conditions, clock);
  }

  private static boolean skewed(ObjectNode node) {
    return Condition.find(StatusConditions.of(node), CLOCK_SKEWED)
        .map(Condition::isTrue)
        .orElse(false);
  }

  private static String skewMessage(Duration skew) {
    return "the server's clock is "
        + skew.toMillis()
        + " ms ahead of the node's, more than "
        + ClockOffset.MAX.toSeconds()
        + " s apart: have both follow a time source";
  }

  private static Condition pressure(String type, Pressure pressure, String of) {
    return pressure.active()
        ? condition(type, true, "Low", "less than " + FREE_PERCENT_MIN + " % of " + of + " is free")
        : condition(type, false, "Enough", "enough of " + of + " is free");
  }

  private static Condition condition(String type, boolean holds, String reason, String message) {
    return new Condition(type, holds ? Condition.TRUE : Condition.FALSE, 0, null, reason, message);
  }

  private void tell(ObjectNode node, Liveness now) throws InterruptedException {
    String reason = "Node" + now.reason();
    LOG.log(
        System.Logger.Level.INFO,
        "node is {0} node={1} reason={2}",
        word(now.phase()),
        ResourceClient.keyOf(node).name(),
        now.reason());
    switch (now.phase()) {
      case PENDING, READY -> events.normal(node, reason, now.message());
      case UNREACHABLE, GONE -> events.warning(node, reason, now.message());
    }
  }

  /// Nobody knows any more whether the machines of this node run.
  private void doubt(String node, Node.Phase phase) throws InterruptedException {
    String message = "node " + node + " is " + word(phase) + "; nobody knows whether it runs";
    for (ObjectKey key : bound.on(node)) {
      ObjectNode each = machines.get(key).orElse(null);
      boolean here = each != null && each.path("spec").path("nodeName").asString("").equals(node);
      if (each != null
          && here
          && Condition.find(StatusConditions.of(each), "Running").isPresent()) {
        JsonNode generation = each.at("/metadata/generation");
        Condition unknown =
            new Condition(
                "Running",
                Condition.UNKNOWN,
                generation.asLong(0),
                null,
                "NodeUnreachable",
                message);
        LivePatch.condition(vms, each, unknown, clock);
      }
    }
  }

  private static String word(Node.Phase phase) {
    return phase.name().toLowerCase(Locale.ROOT);
  }
}
