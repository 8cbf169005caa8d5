package dev.otherix.controllers.scheduler;

import dev.otherix.apimachinery.client.ApiClient;
import dev.otherix.apimachinery.client.ListOptions;
import dev.otherix.apimachinery.client.ResourceClient;
import dev.otherix.apimachinery.object.GroupVersionResource;
import dev.otherix.apimachinery.object.ObjectKey;
import dev.otherix.apimachinery.object.Records;
import dev.otherix.apimachinery.schema.Kind;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apimachinery.status.FieldError;
import dev.otherix.controllers.cluster.OtherixResources;
import dev.otherix.controllers.cluster.Settings;
import dev.otherix.schemas.Schemas;
import dev.otherix.schemas.v1.Node;
import dev.otherix.schemas.v1.StoragePool;
import dev.otherix.schemas.v1.VM;
import dev.otherix.schemas.v1.VMSnapshot;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/// Where a machine would go if it were placed at this moment, and what speaks against every other
/// node. Reads the whole cluster for each question and binds nothing. Thread-safe.
public final class PlacementQuestion {
  private static final int PAGE = 500;

  private final ApiClient client;

  public PlacementQuestion(ApiClient client) {
    this.client = client;
  }

  /// @param manifest of a machine that need not exist; empty for the one that is there
  /// @throws ApiException when there is no such machine, or the manifest is none
  public ObjectNode ask(String name, ObjectNode manifest) throws InterruptedException {
    ObjectNode object =
        manifest.isEmpty()
            ? client.resource(OtherixResources.VMS).get(OtherixResources.key(name))
            : prepared(name, manifest);
    VM vm = Records.read(object, VM.class);
    Ledger ledger = new Ledger();
    each(
        OtherixResources.NODES,
        each -> ledger.setNode(nameOf(each), Records.read(each, Node.class)));
    each(
        OtherixResources.POOLS,
        each -> ledger.setPool(nameOf(each), Records.read(each, StoragePool.class)));
    each(
        OtherixResources.SNAPSHOTS,
        each ->
            ledger.setSnapshot(
                each.at("/metadata/uid").asString(""), Records.read(each, VMSnapshot.class)));
    each(OtherixResources.NETWORKS, each -> ledger.setNetwork(nameOf(each), true));
    client
        .resource(OtherixResources.SETTINGS)
        .find(new ObjectKey("", "cluster"))
        .ifPresent(found -> ledger.setSettings(Settings.of(found)));
    each(
        OtherixResources.VMS,
        each -> {
          // Its own place is free for it.
          if (!nameOf(each).equals(name)) {
            ledger.setMachine(Records.read(each, VM.class));
          }
        });
    return ledger.explain(vm).toJson(name, vm.spec().nodeName());
  }

  private void each(GroupVersionResource resource, Consumer<ObjectNode> what)
      throws InterruptedException {
    client.resource(resource).forEach(ListOptions.ALL.withLimit(PAGE), what);
  }

  private static String nameOf(ObjectNode object) {
    return ResourceClient.keyOf(object).name();
  }

  private static ObjectNode prepared(String name, ObjectNode manifest) {
    Kind kind = Schemas.kinds().kind(OtherixResources.API_VERSION, "VM").orElseThrow();
    ObjectNode object = manifest.deepCopy();
    @Nullable String wrong =
        !object.path("kind").asString("").equals("VM")
                || !object.path("apiVersion").asString("").equals(OtherixResources.API_VERSION)
            ? "the body must be a VM of " + OtherixResources.API_VERSION + ", or nothing"
            : object.path("metadata").path("name").asString(name).equals(name)
                ? null
                : "the manifest is of another machine than " + name;
    if (wrong != null) {
      throw ApiException.badRequest(wrong);
    }
    object.withObjectProperty("metadata").put("name", name);
    kind.prepare(object);
    List<FieldError> errors = kind.validate(object);
    if (!errors.isEmpty()) {
      throw ApiException.invalid(OtherixResources.GROUP, "VM", name, errors);
    }
    return object;
  }
}
