package dev.otherix.controllers.networks;

import dev.otherix.apimachinery.client.ResourceClient;
import dev.otherix.apimachinery.informer.Informer;
import dev.otherix.apimachinery.object.Condition;
import dev.otherix.apimachinery.object.ObjectKey;
import dev.otherix.apimachinery.object.Records;
import dev.otherix.controllers.cluster.OtherixResources;
import dev.otherix.controllers.cluster.Settings;
import dev.otherix.controllers.runtime.Controller;
import dev.otherix.controllers.runtime.ControllerHost;
import dev.otherix.controllers.runtime.LivePatch;
import dev.otherix.controllers.runtime.Reconciler;
import dev.otherix.controllers.runtime.Result;
import dev.otherix.schemas.v1.ClusterSettings;
import dev.otherix.schemas.v1.Network;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Gives each overlay its identifier, once; works out what follows from it; and gathers from the
/// nodes where each network is ready. One worker, so that no identifier is given twice.
public final class NetworkController implements Reconciler<ObjectKey> {
  private static final String OVERLAY_BRIDGE = "otvb";
  private static final String OVERLAY_GATEWAY = "169.254.1.1";
  private static final int OVERLAY_OVERHEAD = 110;
  private static final int MTU = 1500;

  /// Many nodes report the same network at about the same time.
  private static final Duration GATHER_DELAY = Duration.ofMillis(500);

  private final ResourceClient client;
  private final Informer networks;
  private final Informer nodes;
  private final Informer settings;
  private final InstantSource clock;

  /// Given by this process: the informer may not have seen it yet. The worker's own.
  private final Map<String, Integer> given = new HashMap<>();

  private NetworkController(ControllerHost host) {
    this.client = host.client().resource(OtherixResources.NETWORKS);
    this.networks = host.informer(OtherixResources.NETWORKS);
    this.nodes = host.informer(OtherixResources.NODES);
    this.settings = host.informer(OtherixResources.SETTINGS);
    this.clock = host.clock();
  }

  /// Adds it to a host that is not started yet.
  public static void addTo(ControllerHost host) {
    NetworkController reconciler = new NetworkController(host);
    Controller<ObjectKey> controller = host.controller("networks", reconciler, 1);
    controller
        .handles(reconciler.networks, (key, _, _) -> controller.queue().add(key))
        .handles(
            reconciler.nodes,
            (_, before, after) -> {
              for (String each : changed(before, after)) {
                controller.queue().addAfter(OtherixResources.key(each), GATHER_DELAY);
              }
            })
        .handles(
            reconciler.settings,
            (_, _, _) ->
                reconciler
                    .networks
                    .all()
                    .forEach(each -> controller.queue().add(ResourceClient.keyOf(each))));
  }

  /// The networks of which a node says something else than before.
  private static Set<String> changed(@Nullable ObjectNode before, @Nullable ObjectNode after) {
    Map<String, JsonNode> was = states(before);
    Map<String, JsonNode> is = states(after);
    Set<String> names = new HashSet<>(was.keySet());
    names.addAll(is.keySet());
    names.removeIf(each -> Objects.equals(was.get(each), is.get(each)));
    return names;
  }

  private static Map<String, JsonNode> states(@Nullable ObjectNode node) {
    Map<String, JsonNode> states = new HashMap<>();
    if (node != null) {
      for (JsonNode each : node.path("status").path("networks")) {
        states.put(each.path("name").asString(""), each);
      }
    }
    return states;
  }

  @Override
  public Result reconcile(ObjectKey key) throws InterruptedException {
    Optional<ObjectNode> found = networks.get(key);
    if (found.isEmpty()) {
      given.remove(key.name());
      return Result.DONE;
    }
    Network network = Records.read(found.get(), Network.class);
    ClusterSettings.Spec rules = Settings.in(settings).spec();
    Integer vni = network.spec().type() == Network.Type.OVERLAY ? vni(network, rules) : null;
    LivePatch.write(client, found.get(), "status", state -> patch(state, network, rules, vni));
    return Result.DONE;
  }

  private Optional<ObjectNode> patch(
      ObjectNode state, Network network, ClusterSettings.Spec rules, @Nullable Integer vni) {
    boolean overlay = network.spec().type() == Network.Type.OVERLAY;
    ObjectNode status = JsonNodeFactory.instance.objectNode();
    if (vni != null) {
      status.put("vni", vni.longValue());
      status.put("bridgeName", OVERLAY_BRIDGE + vni);
      status.put("gateway", OVERLAY_GATEWAY);
      status.put("mtu", (long) rules.underlayMTU() - OVERLAY_OVERHEAD);
    } else if (!overlay) {
      status.put("bridgeName", network.spec().bridgeName());
      Subnet subnet = Subnet.of(network.spec());
      if (subnet != null) {
        status.put("gateway", Subnet.text(subnet.gateway()));
      }
      status.put("mtu", network.spec().mtu() == null ? MTU : network.spec().mtu().longValue());
    }
    if (network.spec().ipv6()) {
      String given = network.status() == null ? null : network.status().ipv6Prefix();
      status.put(
          "ipv6Prefix", given == null ? UniqueLocal.prefixOf(network.metadata().uid()) : given);
    }
    long generation = state.at("/metadata/generation").asLong(0);
    status.put("observedGeneration", generation);
    Condition ready = gather(network.metadata().name(), status.putArray("nodes"), generation);
    if (overlay && vni == null) {
      ready =
          new Condition(
              "Ready",
              Condition.FALSE,
              generation,
              null,
              "NoFreeVNI",
              "every identifier of ClusterSettings.spec.vniRange is in use; delete an overlay or"
                  + " widen the range");
    }
    return LivePatch.status(state, status, List.of(ready), clock);
  }

  private Condition gather(String name, ArrayNode into, long generation) {
    Map<String, JsonNode> states = new TreeMap<>();
    for (ObjectNode node : nodes.all()) {
      JsonNode state = states(node).get(name);
      if (state != null) {
        states.put(ResourceClient.keyOf(node).name(), state);
      }
    }
    int ready = 0;
    int failed = 0;
    for (Map.Entry<String, JsonNode> each : states.entrySet()) {
      String error = each.getValue().path("error").asString("");
      boolean good = each.getValue().path("ready").asBoolean(false);
      ready += good ? 1 : 0;
      failed += !good && !error.isEmpty() ? 1 : 0;
      ObjectNode entry = into.addObject().put("nodeName", each.getKey());
      entry.put("reconciliationStatus", good ? "ready" : error.isEmpty() ? "pending" : "failed");
      if (!good && !error.isEmpty()) {
        entry.put("reconciliationError", error);
      }
    }
    String message = ready + " of " + states.size() + " nodes that report it are ready";
    if (failed > 0) {
      return new Condition("Ready", Condition.FALSE, generation, null, "NodesFailed", message);
    }
    return ready < states.size()
        ? new Condition("Ready", Condition.FALSE, generation, null, "NodesPending", message)
        : new Condition("Ready", Condition.TRUE, generation, null, "NodesReady", message);
  }

  /// The one it has, else the lowest that is free; null when there is none.
  private @Nullable Integer vni(Network network, ClusterSettings.Spec rules) {
    String name = network.metadata().name();
    Integer present = network.status() == null ? given.get(name) : network.status().vni();
    if (present == null) {
      present = given.get(name);
    }
    if (present != null) {
      given.put(name, present);
      return present;
    }
    Set<Integer> used = new HashSet<>(given.values());
    for (ObjectNode each : networks.all()) {
      used.add(each.at("/status/vni").asInt(0));
    }
    for (int vni = rules.vniRange().min(); vni <= rules.vniRange().max(); vni++) {
      if (!used.contains(vni)) {
        given.put(name, vni);
        return vni;
      }
    }
    return null;
  }
}
