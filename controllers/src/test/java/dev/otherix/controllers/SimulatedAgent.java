package dev.otherix.controllers;

import static dev.otherix.controllers.cluster.OtherixResources.key;

import dev.otherix.apimachinery.client.ApiClient;
import dev.otherix.apimachinery.client.ListOptions;
import dev.otherix.apimachinery.client.ResourceClient;
import dev.otherix.apimachinery.informer.Informer;
import dev.otherix.apimachinery.informer.InformerOptions;
import dev.otherix.apimachinery.object.Condition;
import dev.otherix.apimachinery.object.GroupVersionResource;
import dev.otherix.apimachinery.object.MicroTime;
import dev.otherix.apimachinery.object.ObjectKey;
import dev.otherix.apimachinery.object.Time;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apimachinery.status.StatusReason;
import dev.otherix.controllers.cluster.OtherixResources;
import dev.otherix.controllers.runtime.Controller;
import dev.otherix.controllers.runtime.ControllerHost;
import dev.otherix.controllers.runtime.Finalizers;
import dev.otherix.controllers.runtime.LivePatch;
import dev.otherix.controllers.runtime.Result;
import dev.otherix.controllers.runtime.StatusConditions;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Behaves as a node's agent does towards the server, without any machine behind it: follows what
/// is bound to the node, acts when the network is ready, reports, renews its lease, carries out
/// tasks once, and lets a deleted machine go when it is off the host. A machine that may be made
/// anew elsewhere it claims before it starts it, and stops it when [#fence] finds that the last
/// renewal is too old.
public final class SimulatedAgent implements AutoCloseable {
  private static final long PROMISE_SECONDS = 60;

  private final String name;
  private final InstantSource clock;
  private final ApiClient client;
  private final ControllerHost host;
  private final Informer machines;
  private final Informer orders;
  private final Map<String, String> running = new ConcurrentHashMap<>();
  private final Set<String> promised = ConcurrentHashMap.newKeySet();
  private final Controller<ObjectKey> work;
  private volatile @Nullable Instant renewed;
  private final Set<String> carriedOut = ConcurrentHashMap.newKeySet();

  public SimulatedAgent(String name, ApiClient client, InstantSource clock) {
    this.name = name;
    this.clock = clock;
    this.client = client;
    this.host = new ControllerHost(client, clock, new Random(name.hashCode()));
    this.machines = follow(OtherixResources.VMS);
    this.orders = follow(OtherixResources.TASKS);
    this.work = host.controller(name, this::reconcile, 4);
    work.handles(machines, (key, _, _) -> work.queue().add(key));
    Controller<ObjectKey> tasks = host.controller(name + "-tasks", this::carryOut, 1);
    tasks.handles(orders, (key, _, _) -> tasks.queue().add(key));
  }

  private Informer follow(GroupVersionResource what) {
    return new Informer(
        client.resource(what), InformerOptions.ALL.withSelectors("", "spec.nodeName=" + name));
  }

  /// Joins, reports for the first time, and begins to work.
  public SimulatedAgent start() throws InterruptedException {
    join();
    beat();
    report();
    work();
    return this;
  }

  public void join() throws InterruptedException {
    try {
      client.resource(OtherixResources.NODES).create(Manifests.node(name));
    } catch (ApiException e) {
      if (!e.is(StatusReason.ALREADY_EXISTS)) {
        throw e;
      }
    }
  }

  public void work() {
    machines.start();
    orders.start();
    host.start();
  }

  /// What runs here, by uid.
  public Map<String, String> running() {
    return running;
  }

  /// The uids of the tasks that it carried out.
  public Set<String> carriedOut() {
    return carriedOut;
  }

  /// Stops what may not run any more, as the fence of an agent does each second.
  public void fence() {
    if (!isAllowed()) {
      running.keySet().removeAll(promised);
    }
  }

  private boolean isAllowed() {
    Instant last = renewed;
    return last != null && clock.instant().isBefore(last.plusSeconds(PROMISE_SECONDS));
  }

  /// Renews the lease.
  public void beat() throws InterruptedException {
    Instant begun = clock.instant();
    renew();
    fence();
    renewed = begun;
    machines.all().forEach(each -> work.queue().add(ResourceClient.keyOf(each)));
  }

  private void renew() throws InterruptedException {
    ResourceClient leases = client.resource(OtherixResources.LEASES);
    ObjectKey key = new ObjectKey(OtherixResources.NODE_LEASES, name);
    ObjectNode spec = JsonNodeFactory.instance.objectNode();
    spec.put("holderIdentity", "node-" + name).put("leaseDurationSeconds", 40L);
    spec.put("renewTime", new MicroTime(clock.instant()).toString());
    ObjectNode lease = JsonNodeFactory.instance.objectNode();
    if (leases.find(key).isPresent()) {
      lease.set("spec", spec);
      leases.mergePatch(key, "", lease);
      return;
    }
    lease.put("apiVersion", "coordination.k8s.io/v1").put("kind", "Lease");
    lease.putObject("metadata").put("name", name).put("namespace", key.namespace());
    lease.set("spec", spec);
    leases.create(lease);
  }

  /// Says what the node has: every network and every pool that is meant for it is ready.
  public void report() throws InterruptedException {
    ObjectNode status = JsonNodeFactory.instance.objectNode();
    status.putObject("capacity").put("cpuCores", 64L).put("memoryMiB", 262_144L);
    status.putObject("available").put("memoryMiB", 250_000L);
    ArrayNode networks = status.putArray("networks");
    client
        .resource(OtherixResources.NETWORKS)
        .forEach(
            ListOptions.ALL,
            each -> networks.addObject().put("name", nameOf(each)).put("ready", true));
    ArrayNode pools = status.putArray("pools");
    client
        .resource(OtherixResources.POOLS)
        .forEach(
            ListOptions.ALL,
            each -> {
              if (isOn(each)) {
                pools
                    .addObject()
                    .put("name", nameOf(each))
                    .put("capacityBytes", 1L << 42)
                    .put("availableBytes", 1L << 41);
              }
            });
    ArrayNode known = status.putArray("machines");
    running.forEach(
        (uid, vm) -> known.addObject().put("uid", uid).put("name", vm).put("state", "running"));
    ObjectNode patch = JsonNodeFactory.instance.objectNode();
    patch.set("status", status);
    client.resource(OtherixResources.NODES).mergePatch(key(name), "status", patch);
  }

  private boolean isOn(ObjectNode pool) {
    boolean listed = pool.at("/spec/node").asString("").equals(name);
    for (var each : pool.at("/spec/nodeList")) {
      listed |= each.asString("").equals(name);
    }
    return listed;
  }

  private Result reconcile(ObjectKey key) throws InterruptedException {
    Optional<ObjectNode> found = machines.get(key);
    if (found.isEmpty()) {
      return Result.DONE;
    }
    ObjectNode vm = found.get();
    ResourceClient vms = host.client().resource(OtherixResources.VMS);
    if (Finalizers.deleting(vm)) {
      running.remove(TestCluster.uid(vm));
      Finalizers.remove(vms, vm, OtherixResources.AGENT_FINALIZER);
      return Result.DONE;
    }
    boolean ready =
        Condition.find(StatusConditions.of(vm), "NetworkReady")
            .map(Condition::isTrue)
            .orElse(false);
    if (!ready) {
      return Result.DONE;
    }
    String uid = TestCluster.uid(vm);
    boolean recreate = vm.at("/spec/recovery").asString("").equals("Recreate");
    boolean starts =
        vm.at("/spec/powerState").asString("").equals("Running") && !running.containsKey(uid);
    if (recreate) {
      promised.add(uid);
    }
    if (recreate && starts && !claim(vms, key, uid)) {
      return Result.DONE;
    }
    LivePatch.write(vms, vm, "status", this::converge);
    return Result.DONE;
  }

  /// Makes sure, by a write, that the machine is this node's now.
  ///
  /// @return whether it may be started; if not, the next beat or change leads here again
  private boolean claim(ResourceClient vms, ObjectKey key, String uid) throws InterruptedException {
    Optional<ObjectNode> present = vms.find(key);
    if (!isAllowed()
        || present.isEmpty()
        || !TestCluster.uid(present.get()).equals(uid)
        || !present.get().at("/spec/nodeName").asString("").equals(name)) {
      return false;
    }
    ObjectNode patch = JsonNodeFactory.instance.objectNode();
    patch.putObject("metadata").put("resourceVersion", TestCluster.version(present.get()));
    patch
        .putObject("status")
        .put("claims", present.get().at("/status/claims").asLong(0) + 1)
        .put("node", name)
        .put("fencedAfterSeconds", PROMISE_SECONDS);
    vms.mergePatch(key, "status", patch);
    running.put(uid, key.name());
    fence();
    return running.containsKey(uid);
  }

  private Optional<ObjectNode> converge(ObjectNode vm) {
    String uid = TestCluster.uid(vm);
    String wanted = vm.at("/spec/powerState").asString("");
    ObjectNode status = JsonNodeFactory.instance.objectNode();
    status.put("node", name);
    if (vm.at("/spec/recovery").asString("").equals("Recreate")) {
      status.put("fencedAfterSeconds", PROMISE_SECONDS);
    }
    boolean on = wanted.equals("Running");
    if (on && promised.contains(uid) && !running.containsKey(uid)) {
      return Optional.empty();
    }
    if (on) {
      if (running.put(uid, nameOf(vm)) == null || !vm.path("status").has("lastStartedAt")) {
        status.put("lastStartedAt", Time.now(clock).toString());
      }
    } else if (wanted.equals("Stopped")) {
      running.remove(uid);
    }
    long generation = vm.at("/metadata/generation").asLong(0);
    String reason = on ? "Started" : wanted;
    return LivePatch.status(
        vm,
        status,
        List.of(
            new Condition("ImageReady", "True", generation, null, "Cached", "the image is there"),
            new Condition("Running", on ? "True" : "False", generation, null, reason, "as asked")),
        clock);
  }

  private Result carryOut(ObjectKey key) throws InterruptedException {
    Optional<ObjectNode> found = orders.get(key);
    if (found.isEmpty()) {
      return Result.DONE;
    }
    carriedOut.add(TestCluster.uid(found.get()));
    LivePatch.write(
        host.client().resource(OtherixResources.TASKS),
        found.get(),
        "status",
        state -> {
          String phase = state.at("/status/phase").asString("pending");
          if (!phase.equals("pending") && !phase.equals("running")) {
            return Optional.empty();
          }
          return Optional.of(Manifests.status("{\"phase\": \"success\"}"));
        });
    return Result.DONE;
  }

  private static String nameOf(ObjectNode object) {
    return ResourceClient.keyOf(object).name();
  }

  @Override
  public void close() {
    host.close();
    machines.close();
    orders.close();
  }
}
