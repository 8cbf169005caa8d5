package dev.otherix.controllers.pools;

import dev.otherix.apimachinery.client.ResourceClient;
import dev.otherix.apimachinery.informer.Informer;
import dev.otherix.apimachinery.object.ObjectKey;
import dev.otherix.apimachinery.object.Records;
import dev.otherix.controllers.cluster.OtherixResources;
import dev.otherix.controllers.cluster.Settings;
import dev.otherix.controllers.runtime.Controller;
import dev.otherix.controllers.runtime.ControllerHost;
import dev.otherix.controllers.runtime.LivePatch;
import dev.otherix.controllers.runtime.Reconciler;
import dev.otherix.controllers.runtime.Result;
import dev.otherix.schemas.v1.Node;
import dev.otherix.schemas.v1.StoragePool;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Gathers from the nodes what each pool is on each of them.
public final class PoolController implements Reconciler<ObjectKey> {
  private static final int WORKERS = 2;

  /// Whether a pool is there counts at once, how full it is a little later: many nodes report, and
  /// the object has an entry for each.
  private static final Duration STATE_DELAY = Duration.ofMillis(200);

  private static final Duration MEASURE_DELAY = Duration.ofSeconds(5);

  private final ResourceClient client;
  private final Informer pools;
  private final Informer nodes;
  private final Informer machines;
  private final Informer settings;
  private final InstantSource clock;

  private PoolController(ControllerHost host) {
    this.client = host.client().resource(OtherixResources.POOLS);
    this.pools = host.informer(OtherixResources.POOLS);
    this.nodes = host.informer(OtherixResources.NODES);
    this.machines = host.informer(OtherixResources.VMS);
    this.settings = host.informer(OtherixResources.SETTINGS);
    this.clock = host.clock();
  }

  /// Adds it to a host that is not started yet.
  public static void addTo(ControllerHost host) {
    PoolController reconciler = new PoolController(host);
    Controller<ObjectKey> controller = host.controller("pools", reconciler, WORKERS);
    controller
        .handles(
            reconciler.pools,
            (key, before, after) -> {
              if (generation(before) != generation(after)) {
                controller.queue().add(key);
              }
            })
        .handles(
            reconciler.nodes,
            (_, before, after) -> reconciler.nodeChanged(before, after, controller))
        .handles(
            reconciler.machines,
            (_, before, after) -> {
              if (isPromise(before, after)) {
                reconciler.all(controller, MEASURE_DELAY);
              }
            })
        .handles(reconciler.settings, (_, _, _) -> reconciler.all(controller, STATE_DELAY));
  }

  /// Of what people ask for; what is written here is no news.
  private static long generation(@Nullable ObjectNode pool) {
    return pool == null ? -1 : pool.at("/metadata/generation").asLong(0);
  }

  private void nodeChanged(
      @Nullable ObjectNode before, @Nullable ObjectNode after, Controller<ObjectKey> controller) {
    Map<String, JsonNode> was = entries(before);
    Map<String, JsonNode> is = entries(after);
    Set<String> names = new HashSet<>(was.keySet());
    names.addAll(is.keySet());
    for (String each : names) {
      JsonNode old = was.get(each);
      JsonNode now = is.get(each);
      if (Objects.equals(old, now)) {
        continue;
      }
      boolean measureOnly =
          old != null && now != null && old.path("error").equals(now.path("error"));
      controller
          .queue()
          .addAfter(OtherixResources.key(each), measureOnly ? MEASURE_DELAY : STATE_DELAY);
    }
  }

  private static Map<String, JsonNode> entries(@Nullable ObjectNode node) {
    Map<String, JsonNode> entries = new HashMap<>();
    if (node != null) {
      for (JsonNode each : node.path("status").path("pools")) {
        entries.put(each.path("name").asString(""), each);
      }
    }
    return entries;
  }

  private static boolean isPromise(@Nullable ObjectNode before, @Nullable ObjectNode after) {
    String was = before == null ? "" : before.at("/spec/nodeName").asString("");
    String is = after == null ? "" : after.at("/spec/nodeName").asString("");
    return !was.equals(is);
  }

  private void all(Controller<ObjectKey> controller, Duration delay) {
    pools.all().forEach(each -> controller.queue().addAfter(ResourceClient.keyOf(each), delay));
  }

  @Override
  public Result reconcile(ObjectKey key) throws InterruptedException {
    Optional<ObjectNode> found = pools.get(key);
    if (found.isEmpty()) {
      return Result.DONE;
    }
    StoragePool pool = Records.read(found.get(), StoragePool.class);
    Settings present = Settings.in(settings);
    Map<String, Node> byName = new HashMap<>();
    for (String each : nodesOf(pool.spec())) {
      nodes
          .get(OtherixResources.key(each))
          .ifPresent(node -> byName.put(each, Records.read(node, Node.class)));
    }
    PoolRollUp rollUp =
        new PoolRollUp(pool, nodesOf(pool.spec()), byName, promised(key.name(), present, byName));
    boolean isDefault = present.defaultPool().equals(key.name());
    LivePatch.write(
        client,
        found.get(),
        "status",
        state ->
            LivePatch.status(state, rollUp.members(isDefault), List.of(rollUp.ready()), clock));
    return Result.DONE;
  }

  /// Its nodes, each once, in the order of the spec.
  static List<String> nodesOf(StoragePool.Spec spec) {
    List<String> names = new ArrayList<>();
    if (spec.node() != null) {
      names.add(spec.node());
    }
    for (String each : spec.nodeList()) {
      if (!names.contains(each)) {
        names.add(each);
      }
    }
    return names;
  }

  /// By node: the disks that were promised on the pool and that the node's measure does not count
  /// yet.
  private Map<String, Long> promised(String pool, Settings present, Map<String, Node> byName) {
    Set<String> observed = new HashSet<>();
    for (Node each : byName.values()) {
      if (each.status() != null) {
        each.status().machines().forEach(known -> observed.add(known.uid()));
      }
    }
    Map<String, Long> promised = new HashMap<>();
    for (ObjectNode each : machines.all()) {
      String node = each.path("spec").path("nodeName").asString("");
      long size = each.path("spec").path("diskGiB").asLong(0);
      if (size > 0
          && byName.containsKey(node)
          && present.poolOfBound(each).equals(pool)
          && !observed.contains(each.path("metadata").path("uid").asString(""))) {
        promised.merge(node, size * (1L << 30), Long::sum);
      }
    }
    return promised;
  }
}
