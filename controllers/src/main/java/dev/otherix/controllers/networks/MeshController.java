package dev.otherix.controllers.networks;

import dev.otherix.apimachinery.client.ListOptions;
import dev.otherix.apimachinery.client.ResourceClient;
import dev.otherix.apimachinery.informer.Informer;
import dev.otherix.apimachinery.object.ObjectKey;
import dev.otherix.apimachinery.object.Records;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apimachinery.status.StatusReason;
import dev.otherix.controllers.cluster.OtherixResources;
import dev.otherix.controllers.cluster.Settings;
import dev.otherix.controllers.runtime.Controller;
import dev.otherix.controllers.runtime.ControllerHost;
import dev.otherix.controllers.runtime.LivePatch;
import dev.otherix.controllers.runtime.Reconciler;
import dev.otherix.controllers.runtime.Result;
import dev.otherix.schemas.v1.Node;
import java.time.Duration;
import java.util.HashSet;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Makes a MeshPeer of each node that reports a key, with an address of the mesh that no other node
/// has: what the other nodes may know of it. The garbage collector removes it after its node, and
/// only then is the address free. One worker, and each address is chosen among what the server has
/// at that moment.
public final class MeshController implements Reconciler<ObjectKey> {
  private static final System.Logger LOG = System.getLogger(MeshController.class.getName());
  private static final Duration RETRY = Duration.ofSeconds(60);

  private final ResourceClient peers;
  private final Informer nodes;
  private final Informer copies;
  private final Informer settings;

  private MeshController(ControllerHost host) {
    this.peers = host.client().resource(OtherixResources.MESH_PEERS);
    this.nodes = host.informer(OtherixResources.NODES);
    this.copies = host.informer(OtherixResources.MESH_PEERS);
    this.settings = host.informer(OtherixResources.SETTINGS);
  }

  /// Adds it to a host that is not started yet.
  public static void addTo(ControllerHost host) {
    MeshController reconciler = new MeshController(host);
    Controller<ObjectKey> controller = host.controller("mesh", reconciler, 1);
    controller
        .handles(
            reconciler.nodes,
            (key, before, after) -> {
              if (!Objects.equals(reported(before), reported(after))) {
                controller.queue().add(key);
              }
            })
        .handles(reconciler.copies, (key, _, _) -> controller.queue().add(key))
        .handles(
            reconciler.settings,
            (_, _, _) ->
                reconciler.copies.all().forEach(each -> controller.queue().add(keyOf(each))));
  }

  private static ObjectKey keyOf(ObjectNode peer) {
    return OtherixResources.key(peer.at("/metadata/name").asString(""));
  }

  private static @Nullable JsonNode reported(@Nullable ObjectNode node) {
    return node == null ? null : node.path("status").path("wireguard");
  }

  @Override
  public Result reconcile(ObjectKey key) throws InterruptedException {
    Optional<ObjectNode> found = nodes.get(key);
    if (found.isEmpty()) {
      return Result.DONE;
    }
    Node node = Records.read(found.get(), Node.class);
    Node.Wireguard mesh = node.status() == null ? null : node.status().wireguard();
    if (mesh == null || mesh.publicKey() == null) {
      return Result.DONE;
    }
    String holder = holder(mesh.publicKey(), key.name());
    if (!holder.isEmpty()) {
      LOG.log(
          System.Logger.Level.WARNING,
          "node has the key of another and stays out of the mesh node={0} other={1}",
          key.name(),
          holder);
      return Result.after(RETRY);
    }
    Optional<ObjectNode> present = copies.get(key);
    if (present.isEmpty()) {
      return create(node, mesh);
    }
    if (!present
        .get()
        .at("/metadata/ownerReferences/0/uid")
        .asString("")
        .equals(node.metadata().uid())) {
      // Of a former node of this name; the garbage collector takes it.
      return Result.AGAIN;
    }
    boolean relays = relays(key.name(), mesh);
    LivePatch.write(peers, present.get(), "", state -> changed(state, mesh, relays));
    return Result.DONE;
  }

  /// Another node whose key this is; empty when there is none. Two peers with one key would be one
  /// peer to the others, and what is meant for the first would go to the second.
  private String holder(String publicKey, String node) {
    for (ObjectNode each : copies.all()) {
      String name = each.at("/metadata/name").asString("");
      if (!name.equals(node) && each.at("/spec/publicKey").asString("").equals(publicKey)) {
        return name;
      }
    }
    return "";
  }

  /// A node that nobody reaches can bring nobody together.
  private boolean relays(String node, Node.Wireguard mesh) {
    return mesh.endpoint() != null && node.equals(Settings.in(settings).spec().meshRelay());
  }

  private static Optional<ObjectNode> changed(
      ObjectNode peer, Node.Wireguard mesh, boolean relays) {
    String endpoint = mesh.endpoint() == null ? "" : mesh.endpoint();
    boolean same =
        peer.at("/spec/publicKey").asString("").equals(mesh.publicKey())
            && peer.at("/spec/relay").asBoolean(false) == relays
            && peer.at("/spec/endpoint").asString("").equals(endpoint);
    if (same) {
      return Optional.empty();
    }
    ObjectNode patch = JsonNodeFactory.instance.objectNode();
    ObjectNode spec = patch.putObject("spec").put("publicKey", mesh.publicKey());
    spec.put("relay", relays);
    if (endpoint.isEmpty()) {
      spec.putNull("endpoint");
    } else {
      spec.put("endpoint", endpoint);
    }
    return Optional.of(patch);
  }

  private Result create(Node node, Node.Wireguard mesh) throws InterruptedException {
    String supernet = Settings.in(settings).spec().overlaySupernet();
    String address = free(supernet);
    if (address == null) {
      LOG.log(
          System.Logger.Level.WARNING,
          "no mesh address is free in {0}; delete nodes that are gone node={1}",
          supernet,
          node.metadata().name());
      return Result.after(RETRY);
    }
    ObjectNode peer = JsonNodeFactory.instance.objectNode();
    peer.put("apiVersion", OtherixResources.API_VERSION).put("kind", "MeshPeer");
    ObjectNode metadata = peer.putObject("metadata").put("name", node.metadata().name());
    metadata
        .putArray("ownerReferences")
        .addObject()
        .put("apiVersion", OtherixResources.API_VERSION)
        .put("kind", "Node")
        .put("name", node.metadata().name())
        .put("uid", node.metadata().uid());
    ObjectNode spec = peer.putObject("spec").put("address", address);
    spec.put("publicKey", mesh.publicKey());
    spec.put("relay", relays(node.metadata().name(), mesh));
    if (mesh.endpoint() != null) {
      spec.put("endpoint", mesh.endpoint());
    }
    try {
      peers.create(peer);
      return Result.DONE;
    } catch (ApiException e) {
      if (!e.is(StatusReason.ALREADY_EXISTS)) {
        throw e;
      }
      return Result.AGAIN;
    }
  }

  /// The lowest address that no peer has, as the server knows them now; null when there is none.
  private @Nullable String free(String supernet) throws InterruptedException {
    Set<Long> used = new HashSet<>();
    peers.forEach(
        ListOptions.ALL,
        each -> {
          String address = each.at("/spec/address").asString("");
          used.add(Subnet.number(address.substring(0, address.indexOf('/'))));
        });
    int slash = supernet.indexOf('/');
    long first = Subnet.number(supernet.substring(0, slash));
    long last =
        first + (1L << (Integer.SIZE - Integer.parseInt(supernet.substring(slash + 1)))) - 1;
    for (long at = first + 1; at < last; at++) {
      if (!used.contains(at)) {
        return Subnet.text(at) + supernet.substring(slash);
      }
    }
    return null;
  }
}
