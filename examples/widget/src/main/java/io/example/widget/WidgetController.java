package io.example.widget;

import dev.otherix.apimachinery.client.DeleteOptions;
import dev.otherix.apimachinery.client.ResourceClient;
import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.informer.Informer;
import dev.otherix.apimachinery.object.Condition;
import dev.otherix.apimachinery.object.GroupVersionResource;
import dev.otherix.apimachinery.object.ObjectKey;
import dev.otherix.apimachinery.object.Records;
import dev.otherix.controllers.runtime.Controller;
import dev.otherix.controllers.runtime.ControllerHost;
import dev.otherix.controllers.runtime.Finalizers;
import dev.otherix.controllers.runtime.Reconciler;
import dev.otherix.controllers.runtime.Result;
import dev.otherix.controllers.runtime.StatusConditions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/// Gives each Widget a ConfigMap per part and a sign in a folder. The ConfigMaps name it as their
/// owner, so the garbage collector deletes them after it. The sign it cannot see: for that there is
/// a finalizer.
final class WidgetController implements Reconciler<ObjectKey> {
  static final GroupVersionResource MAPS = new GroupVersionResource("", "v1", "configmaps");
  static final String FINALIZER = "example.io/sign";

  private final ResourceClient widgets;
  private final ResourceClient maps;
  private final Informer knownWidgets;
  private final Informer knownMaps;
  private final InstantSource clock;
  private final Path signs;

  private WidgetController(ControllerHost host, Path signs) {
    this.widgets = host.client().resource(Widget.RESOURCE);
    this.maps = host.client().resource(MAPS);
    this.knownWidgets = host.informer(Widget.RESOURCE);
    this.knownMaps = host.informer(MAPS);
    this.clock = host.clock();
    this.signs = signs;
  }

  static void addTo(ControllerHost host, Path signs) {
    WidgetController reconciler = new WidgetController(host, signs);
    Controller<ObjectKey> controller = host.controller("widgets", reconciler, 4);
    Controller.watching(controller, reconciler.knownWidgets, (_, _) -> true)
        .maps(reconciler.knownMaps, Controller.owners(Widget.API_VERSION, Widget.KIND));
  }

  @Override
  public Result reconcile(ObjectKey key) throws IOException, InterruptedException {
    ObjectNode known = knownWidgets.get(key).orElse(null);
    if (known == null) {
      return Result.DONE;
    }
    Path sign = signs.resolve(uid(known));
    if (Finalizers.deleting(known)) {
      Files.deleteIfExists(sign);
      Finalizers.remove(widgets, known, FINALIZER);
      return Result.DONE;
    }
    ObjectNode object = Finalizers.add(widgets, known, FINALIZER);
    Widget widget = Records.read(object, Widget.class);
    Files.writeString(sign, key + " is " + widget.spec().color());
    for (int i = 0; i < widget.spec().parts(); i++) {
      maps.apply(part(key, i, object, widget));
    }
    removeSurplus(key, widget.spec().parts(), uid(object));
    Condition ready =
        new Condition(
            "Ready",
            Condition.TRUE,
            object.at("/metadata/generation").asLong(),
            null,
            "Assembled",
            widget.spec().parts() + " parts are there");
    StatusConditions.write(widgets, object, List.of(ready), clock);
    return Result.DONE;
  }

  private static ObjectNode part(ObjectKey key, int index, ObjectNode owner, Widget widget) {
    return Json.parseObject(
        """
        {"apiVersion": "v1", "kind": "ConfigMap",
         "metadata": {"namespace": "%s", "name": "%s-%d", "ownerReferences": [
           {"apiVersion": "%s", "kind": "%s", "name": "%s", "uid": "%s", "controller": true}]},
         "data": {"color": "%s"}}
        """
            .formatted(
                key.namespace(),
                key.name(),
                index,
                Widget.API_VERSION,
                Widget.KIND,
                key.name(),
                uid(owner),
                widget.spec().color()));
  }

  private void removeSurplus(ObjectKey key, int wanted, String uid) throws InterruptedException {
    for (ObjectNode map : knownMaps.all()) {
      boolean ours = map.at("/metadata/ownerReferences/0/uid").asString("").equals(uid);
      ObjectKey mapKey = ResourceClient.keyOf(map);
      if (ours && Integer.parseInt(mapKey.name().substring(key.name().length() + 1)) >= wanted) {
        maps.delete(mapKey, DeleteOptions.DEFAULT.onlyUid(uid(map)));
      }
    }
  }

  private static String uid(ObjectNode object) {
    return object.at("/metadata/uid").asString();
  }
}
