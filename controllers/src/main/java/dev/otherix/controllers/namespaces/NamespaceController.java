package dev.otherix.controllers.namespaces;

import dev.otherix.apimachinery.client.ApiClient;
import dev.otherix.apimachinery.client.DeleteOptions;
import dev.otherix.apimachinery.client.DeleteOptions.Propagation;
import dev.otherix.apimachinery.client.Discovery;
import dev.otherix.apimachinery.client.ListOptions;
import dev.otherix.apimachinery.client.ResourceClient;
import dev.otherix.apimachinery.client.ServedType;
import dev.otherix.apimachinery.client.WriteOptions;
import dev.otherix.apimachinery.object.Condition;
import dev.otherix.apimachinery.object.GroupVersionResource;
import dev.otherix.apimachinery.object.ObjectKey;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apimachinery.status.StatusReason;
import dev.otherix.controllers.runtime.Controller;
import dev.otherix.controllers.runtime.ControllerHost;
import dev.otherix.controllers.runtime.Finalizers;
import dev.otherix.controllers.runtime.Reconciler;
import dev.otherix.controllers.runtime.Result;
import dev.otherix.controllers.runtime.StatusConditions;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// A namespace that is deleted stays until everything in it is gone: this deletes that, kind by
/// kind, says in conditions what it waits for, and then removes the server's own finalizer from the
/// spec.
public final class NamespaceController implements Reconciler<ObjectKey> {
  private static final System.Logger LOG = System.getLogger(NamespaceController.class.getName());
  private static final GroupVersionResource NAMESPACES =
      new GroupVersionResource("", "v1", "namespaces");
  private static final String FINALIZER = "kubernetes";
  private static final int WORKERS = 4;
  private static final int PAGE = 500;

  private final ApiClient client;
  private final ResourceClient namespaces;
  private final InstantSource clock;

  private NamespaceController(ApiClient client, InstantSource clock) {
    this.client = client;
    this.namespaces = client.resource(NAMESPACES);
    this.clock = clock;
  }

  /// Adds it to a host that is not started yet.
  public static void addTo(ControllerHost host) {
    NamespaceController reconciler = new NamespaceController(host.client(), host.clock());
    Controller.watching(
        host.controller("namespaces", reconciler, WORKERS),
        host.informer(NAMESPACES),
        (_, after) -> after != null && Finalizers.deleting(after));
  }

  @Override
  public Result reconcile(ObjectKey key) throws InterruptedException {
    Optional<ObjectNode> found = namespaces.find(key);
    if (found.isEmpty() || !Finalizers.deleting(found.get()) || !holds(found.get())) {
      return Result.DONE;
    }
    ObjectNode namespace = found.get();
    Remains remains = empty(key.name());
    List<Condition> conditions = remains.conditions();
    if (!remains.isNothing()) {
      StatusConditions.write(namespaces, namespace, conditions, clock);
      return Result.AGAIN;
    }
    release(namespace);
    LOG.log(System.Logger.Level.INFO, "namespace emptied name={0}", key.name());
    return Result.DONE;
  }

  private static boolean holds(ObjectNode namespace) {
    for (JsonNode each : namespace.path("spec").path("finalizers")) {
      if (each.asString("").equals(FINALIZER)) {
        return true;
      }
    }
    return false;
  }

  private Remains empty(String namespace) throws InterruptedException {
    Remains remains = new Remains();
    Discovery.Found kinds = client.discovery().preferred();
    remains.unknown(kinds.failed());
    List<ServedType> inNamespaces = new ArrayList<>();
    for (ServedType type : kinds.types()) {
      if (type.namespaced() && type.can("list", "delete")) {
        inNamespaces.add(type);
      }
    }
    // First all, then a look at all: what one kind's finalizers wait for may be in another.
    for (ServedType type : inNamespaces) {
      attempt(type, remains, () -> delete(type, namespace));
    }
    for (ServedType type : inNamespaces) {
      attempt(type, remains, () -> count(type, namespace, remains));
    }
    return remains;
  }

  private interface Step {
    void run() throws InterruptedException;
  }

  /// One kind that cannot be deleted must not keep the others.
  private static void attempt(ServedType type, Remains remains, Step step)
      throws InterruptedException {
    try {
      step.run();
    } catch (ApiException e) {
      boolean unserved = e.is(StatusReason.NOT_FOUND) || e.is(StatusReason.METHOD_NOT_ALLOWED);
      if (!unserved) {
        remains.failed(type.resource().groupResource(), String.valueOf(e.getMessage()));
      }
    }
  }

  private void delete(ServedType type, String namespace) throws InterruptedException {
    ListOptions all = ListOptions.ALL.inNamespace(namespace);
    ResourceClient objects = client.resource(type.resource());
    if (type.can("deletecollection")) {
      objects.deleteCollection(all, DeleteOptions.DEFAULT.with(Propagation.BACKGROUND));
      return;
    }
    List<ObjectKey> keys = new ArrayList<>();
    objects
        .metadataOnly()
        .forEach(all.withLimit(PAGE), each -> keys.add(ResourceClient.keyOf(each)));
    for (ObjectKey key : keys) {
      objects.delete(key, DeleteOptions.DEFAULT.with(Propagation.BACKGROUND));
    }
  }

  private void count(ServedType type, String namespace, Remains remains)
      throws InterruptedException {
    ListOptions pages = ListOptions.ALL.inNamespace(namespace).withLimit(PAGE);
    client
        .resource(type.resource())
        .metadataOnly()
        .forEach(
            pages, each -> remains.object(type.resource().groupResource(), Finalizers.of(each)));
  }

  private void release(ObjectNode namespace) throws InterruptedException {
    ObjectNode released = namespace.deepCopy();
    ArrayNode left = released.withObjectProperty("spec").putArray("finalizers");
    for (JsonNode each : namespace.path("spec").path("finalizers")) {
      if (!each.asString("").equals(FINALIZER)) {
        left.add(each);
      }
    }
    // The path of a namespace names it, and is in none.
    released.withObjectProperty("metadata").remove("namespace");
    try {
      namespaces.update(released, "finalize", WriteOptions.DEFAULT);
    } catch (ApiException e) {
      if (!e.is(StatusReason.NOT_FOUND)) {
        throw e;
      }
    }
  }
}
