package dev.otherix.controllers.example;

import dev.otherix.apimachinery.client.ResourceClient;
import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.informer.Informer;
import dev.otherix.apimachinery.object.GroupVersionResource;
import dev.otherix.apimachinery.object.ObjectKey;
import dev.otherix.controllers.runtime.Controller;
import dev.otherix.controllers.runtime.ControllerHost;
import dev.otherix.controllers.runtime.Finalizers;
import dev.otherix.controllers.runtime.Reconciler;
import dev.otherix.controllers.runtime.Result;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/// Keeps a ConfigMap `welcome` in every namespace that has the label `example.io/team`.
final class WelcomeController implements Reconciler<ObjectKey> {
  static final GroupVersionResource NAMESPACES = new GroupVersionResource("", "v1", "namespaces");
  static final GroupVersionResource MAPS = new GroupVersionResource("", "v1", "configmaps");

  private final Informer namespaces;
  private final ResourceClient maps;

  private WelcomeController(Informer namespaces, ResourceClient maps) {
    this.namespaces = namespaces;
    this.maps = maps;
  }

  static void addTo(ControllerHost host) {
    Informer namespaces = host.informer(NAMESPACES);
    WelcomeController reconciler = new WelcomeController(namespaces, host.client().resource(MAPS));
    Controller<ObjectKey> controller = host.controller("welcome", reconciler, 2);
    Controller.watching(controller, namespaces, (_, after) -> after != null);
    controller.maps(host.informer(MAPS), WelcomeController::itsNamespace);
  }

  /// A ConfigMap that changed, or went, brings the namespace that it is in.
  private static List<ObjectKey> itsNamespace(ObjectNode map) {
    return List.of(ObjectKey.clusterScoped(ResourceClient.keyOf(map).namespace()));
  }

  @Override
  public Result reconcile(ObjectKey key) throws InterruptedException {
    Optional<ObjectNode> namespace = namespaces.get(key);
    if (namespace.isEmpty() || Finalizers.deleting(namespace.get())) {
      return Result.DONE;
    }
    String team = namespace.get().at("/metadata/labels/example.io~1team").asString("");
    if (team.isEmpty()) {
      return Result.DONE;
    }
    ObjectNode wanted =
        Json.parseObject("{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{}}");
    wanted.withObjectProperty("metadata").put("namespace", key.name()).put("name", "welcome");
    wanted.putObject("data").put("text", "Welcome, " + team + "!");
    maps.apply(wanted);
    return Result.DONE;
  }
}
