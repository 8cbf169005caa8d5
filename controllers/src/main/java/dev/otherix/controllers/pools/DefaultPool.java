package dev.otherix.controllers.pools;

import dev.otherix.apimachinery.client.ResourceClient;
import dev.otherix.apimachinery.informer.Informer;
import dev.otherix.apimachinery.object.ObjectKey;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apimachinery.status.StatusReason;
import dev.otherix.controllers.cluster.OtherixResources;
import dev.otherix.controllers.cluster.Settings;
import dev.otherix.controllers.runtime.Controller;
import dev.otherix.controllers.runtime.ControllerHost;
import dev.otherix.controllers.runtime.LivePatch;
import dev.otherix.controllers.runtime.Reconciler;
import dev.otherix.controllers.runtime.Result;
import dev.otherix.schemas.v1.ClusterSettings;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Gives every node that takes machines a part in the pool `default`, so that a new cluster can
/// hold a disk. Where the settings name another default, or people made a pool of that name, it
/// leaves everything alone. It takes no node out: disks may be there.
public final class DefaultPool implements Reconciler<ObjectKey> {
  private static final String OURS = "otherix/default-pool";
  private static final ObjectKey KEY = OtherixResources.key(ClusterSettings.POOL);

  /// Nodes come up together.
  private static final Duration DELAY = Duration.ofMillis(300);

  private final ResourceClient client;
  private final Informer pools;
  private final Informer nodes;
  private final Informer settings;

  private DefaultPool(ControllerHost host) {
    this.client = host.client().resource(OtherixResources.POOLS);
    this.pools = host.informer(OtherixResources.POOLS);
    this.nodes = host.informer(OtherixResources.NODES);
    this.settings = host.informer(OtherixResources.SETTINGS);
  }

  /// Adds it to a host that is not started yet.
  public static void addTo(ControllerHost host) {
    DefaultPool reconciler = new DefaultPool(host);
    Controller<ObjectKey> controller = host.controller("default-pool", reconciler, 1);
    controller
        .handles(
            reconciler.nodes,
            (_, before, after) -> {
              boolean now = after != null && takesMachines(after);
              if (now && (before == null || !takesMachines(before))) {
                controller.queue().addAfter(KEY, DELAY);
              }
            })
        .handles(
            reconciler.pools,
            (key, _, _) -> {
              if (key.equals(KEY)) {
                controller.queue().addAfter(KEY, DELAY);
              }
            })
        .handles(reconciler.settings, (_, _, _) -> controller.queue().addAfter(KEY, DELAY));
  }

  private static boolean takesMachines(ObjectNode node) {
    boolean hypervisor = false;
    for (JsonNode each : node.at("/spec/roles")) {
      hypervisor |= each.asString("").equals("hypervisor");
    }
    return hypervisor && node.at("/status/phase").asString("").equals("ready");
  }

  @Override
  public Result reconcile(ObjectKey key) throws InterruptedException {
    Settings present = Settings.in(settings);
    if (!present.defaultPool().equals(ClusterSettings.POOL)) {
      return Result.DONE;
    }
    TreeSet<String> wanted = new TreeSet<>();
    for (ObjectNode each : nodes.all()) {
      if (takesMachines(each)) {
        wanted.add(ResourceClient.keyOf(each).name());
      }
    }
    if (wanted.isEmpty()) {
      return Result.DONE;
    }
    Optional<ObjectNode> found = pools.get(KEY);
    if (found.isEmpty()) {
      return create(present, wanted);
    }
    LivePatch.write(client, found.get(), "", state -> with(state, wanted));
    return Result.DONE;
  }

  private Result create(Settings present, Set<String> wanted) throws InterruptedException {
    ObjectNode pool = JsonNodeFactory.instance.objectNode();
    pool.put("apiVersion", OtherixResources.API_VERSION).put("kind", "StoragePool");
    ObjectNode metadata = pool.putObject("metadata").put("name", ClusterSettings.POOL);
    metadata.putObject("annotations").put(OURS, "true");
    ObjectNode spec = pool.putObject("spec");
    spec.put("path", present.spec().allowedPoolPaths().getFirst() + "/" + ClusterSettings.POOL);
    ArrayNode list = spec.putArray("nodeList");
    wanted.forEach(list::add);
    try {
      client.create(pool);
      return Result.DONE;
    } catch (ApiException e) {
      if (e.is(StatusReason.ALREADY_EXISTS)) {
        return Result.AGAIN;
      }
      throw e;
    }
  }

  private static Optional<ObjectNode> with(ObjectNode state, Set<String> wanted) {
    if (!state.path("metadata").path("annotations").path(OURS).asString("").equals("true")) {
      return Optional.empty();
    }
    TreeSet<String> all = new TreeSet<>(wanted);
    int before = 0;
    for (JsonNode each : state.at("/spec/nodeList")) {
      all.add(each.asString(""));
      before++;
    }
    if (all.size() == before) {
      return Optional.empty();
    }
    ObjectNode patch = JsonNodeFactory.instance.objectNode();
    ArrayNode list = patch.putObject("spec").putArray("nodeList");
    all.forEach(list::add);
    return Optional.of(patch);
  }
}
