package dev.otherix.controllers.plane;

import dev.otherix.apimachinery.client.ApiClient;
import dev.otherix.apimachinery.client.ResourceClient;
import dev.otherix.apimachinery.informer.Informer;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apimachinery.status.StatusReason;
import dev.otherix.apiserver.admission.Admission;
import dev.otherix.apiserver.admission.Attributes;
import dev.otherix.apiserver.auth.Caller;
import dev.otherix.apiserver.endpoint.Actions;
import dev.otherix.apiserver.endpoint.Pages;
import dev.otherix.apiserver.request.Warnings;
import dev.otherix.apiserver.storage.MemoryStorage;
import dev.otherix.apiserver.storage.Storage;
import dev.otherix.controllers.cluster.ClusterRules;
import dev.otherix.controllers.cluster.OtherixResources;
import dev.otherix.controllers.cluster.Settings;
import dev.otherix.controllers.networks.MeshController;
import dev.otherix.controllers.networks.NetworkController;
import dev.otherix.controllers.networks.PortController;
import dev.otherix.controllers.networks.SecurityRuleController;
import dev.otherix.controllers.nodes.Drain;
import dev.otherix.controllers.nodes.NodeActions;
import dev.otherix.controllers.nodes.NodeController;
import dev.otherix.controllers.pools.DefaultPool;
import dev.otherix.controllers.pools.PoolActions;
import dev.otherix.controllers.pools.PoolController;
import dev.otherix.controllers.recovery.FencedRecovery;
import dev.otherix.controllers.relay.Relay;
import dev.otherix.controllers.runtime.ControllerHost;
import dev.otherix.controllers.scheduler.PlacementQuestion;
import dev.otherix.controllers.scheduler.SchedulerController;
import dev.otherix.controllers.snapshots.SnapshotActions;
import dev.otherix.controllers.snapshots.SnapshotController;
import dev.otherix.controllers.tasks.TaskActions;
import dev.otherix.controllers.tasks.TaskController;
import dev.otherix.controllers.vms.Action;
import dev.otherix.controllers.vms.MachineActions;
import dev.otherix.controllers.vms.MachineController;
import dev.otherix.controllers.vms.Projection;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/// Everything that makes a server of otherix/v1 a control plane. The server wants the actions and
/// the rules when it starts, and these want a client of the server: [#connect] gives it to them.
/// Until then they refuse. Thread-safe.
public final class ControlPlane {
  private final InstantSource clock;
  private final Relay relay;
  private volatile @Nullable Parts parts;

  private record Parts(
      ResourceClient vms,
      MachineActions machines,
      NodeActions nodes,
      PoolActions pools,
      TaskActions tasks,
      SnapshotActions snapshots,
      PlacementQuestion placement,
      ClusterRules rules) {}

  /// Of a server that shares its store with no other.
  public ControlPlane(InstantSource clock) {
    this(clock, new MemoryStorage(clock));
  }

  /// @param store where all servers of the cluster find what people may open
  public ControlPlane(InstantSource clock, Storage store) {
    this.clock = clock;
    this.relay = new Relay(() -> parts().vms(), store, new SecureRandom(), clock);
  }

  /// @param client may do everything; stays the caller's
  public void connect(ApiClient client) {
    parts =
        new Parts(
            client.resource(OtherixResources.VMS),
            new MachineActions(client, clock),
            new NodeActions(client, clock),
            new PoolActions(client, clock),
            new TaskActions(client),
            new SnapshotActions(client, clock),
            new PlacementQuestion(client),
            new ClusterRules(client));
  }

  /// Adds the controllers to a host that is not started yet.
  public static SchedulerController addControllers(ControllerHost host) {
    return addControllers(host, System::nanoTime);
  }

  /// @param nanoTime by which it is judged that nodes have stopped their machines; nobody sets it
  public static SchedulerController addControllers(ControllerHost host, LongSupplier nanoTime) {
    Informer settings = host.informer(OtherixResources.SETTINGS);
    NetworkController.addTo(host);
    PortController.addTo(host);
    MeshController.addTo(host);
    SecurityRuleController.addTo(host);
    MachineController.addTo(host);
    NodeController.addTo(host);
    FencedRecovery.addTo(host, nanoTime);
    PoolController.addTo(host);
    SnapshotController.addTo(host);
    DefaultPool.addTo(host);
    Drain drain =
        new Drain(
            host.client(),
            host.clock(),
            () -> Settings.in(settings).spec().drain().timeoutSeconds());
    TaskController.addTo(host, Map.of("node.drain", drain));
    return SchedulerController.addTo(host);
  }

  /// For every action that a schema of otherix/v1 names.
  public Actions actions() {
    Map<String, Actions.Action> all = new HashMap<>();
    for (Action each : Action.values()) {
      all.put(
          "vms.otherix/" + each.word(),
          (call, target, body) -> {
            requireEmpty(each.word(), body);
            return parts().machines().perform(each, target.name(), call.caller().name());
          });
    }
    all.put(
        "vms.otherix/explain-placement",
        (_, target, body) -> parts().placement().ask(target.name(), body));
    for (String stream : List.of("console", "vnc", "portforward")) {
      all.put(
          "vms.otherix/" + stream,
          (call, target, body) -> relay.issue(stream, target.name(), body, call));
    }
    all.put("nodes.otherix/cordon", plain("cordon", name -> parts().nodes().cordon(name)));
    all.put("nodes.otherix/uncordon", plain("uncordon", name -> parts().nodes().uncordon(name)));
    all.put("nodes.otherix/readmit", plain("readmit", name -> parts().nodes().readmit(name)));
    all.put("tasks.otherix/cancel", plain("cancel", name -> parts().tasks().cancel(name)));
    all.put(
        "nodes.otherix/drain",
        (call, target, body) -> parts().nodes().drain(target.name(), body, call.caller().name()));
    all.put(
        "storagepools.otherix/scan",
        (call, target, body) -> {
          requireEmpty("scan", body);
          return parts().pools().scan(target.name(), call.caller().name());
        });
    all.put(
        "vmsnapshots.otherix/restore",
        (call, target, body) -> {
          requireEmpty("restore", body);
          return parts().snapshots().restore(target.name(), call.caller().name());
        });
    return Actions.of(all)
        .withStreams(Map.of("vms.otherix/log", (call, target) -> relay.log(call, target.name())));
  }

  /// `former` and the paths of streams.
  public Pages pages(Pages former) {
    return relay.addTo(former);
  }

  private interface ByName {
    ObjectNode perform(String name) throws InterruptedException;
  }

  private static Actions.Action plain(String action, ByName work) {
    return (_, target, body) -> {
      requireEmpty(action, body);
      return work.perform(target.name());
    };
  }

  private static void requireEmpty(String action, ObjectNode body) {
    if (!body.isEmpty()) {
      throw ApiException.badRequest(action + " takes nothing; leave the body out");
    }
  }

  /// `former`, what follows from a machine's conditions, and the rules between objects.
  public Admission admission(Admission former) {
    return former
        .mutating("MachineProjection", this::project)
        .validating("ClusterRules", this::validate);
  }

  private @Nullable ObjectNode project(Attributes write, Warnings warnings) {
    ObjectNode object = write.object();
    boolean isMachine =
        write.kind().group().equals(OtherixResources.GROUP) && write.kind().plural().equals("vms");
    return object != null && isMachine ? new Projection(clock).of(write.oldObject(), object) : null;
  }

  private void validate(Attributes write, Warnings warnings) {
    boolean ours = write.kind().group().equals(OtherixResources.GROUP);
    if (!ours || !write.subresource().isEmpty()) {
      return;
    }
    try {
      parts()
          .rules()
          .check(
              write.kind().kind(),
              write.name(),
              write.oldObject(),
              write.object(),
              write.caller().in(Caller.MASTERS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ApiException(
          ApiException.of(StatusReason.SERVICE_UNAVAILABLE, "the server is stopping").status(), e);
    }
  }

  private Parts parts() {
    Parts present = parts;
    if (present == null) {
      throw ApiException.of(
          StatusReason.SERVICE_UNAVAILABLE, "the control plane is starting; try again in a moment");
    }
    return present;
  }
}
