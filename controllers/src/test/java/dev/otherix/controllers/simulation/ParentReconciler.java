package dev.otherix.controllers.simulation;

import dev.otherix.apimachinery.client.ApiClient;
import dev.otherix.apimachinery.client.DeleteOptions;
import dev.otherix.apimachinery.client.ListOptions;
import dev.otherix.apimachinery.client.ResourceClient;
import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.informer.Informer;
import dev.otherix.apimachinery.object.ObjectKey;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apimachinery.status.StatusReason;
import dev.otherix.controllers.TestCluster;
import dev.otherix.controllers.runtime.Finalizers;
import dev.otherix.controllers.runtime.Reconciler;
import dev.otherix.controllers.runtime.Result;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.node.ObjectNode;

/// Gives each ConfigMap as many ServiceAccounts as its `count` says and something in the cloud, and
/// takes both back before it goes.
final class ParentReconciler implements Reconciler<ObjectKey> {
  private static final String FINALIZER = "example.io/cleanup";

  private final ParentSubject subject;
  private final ResourceClient parents;
  private final ResourceClient children;
  private final Informer knownParents;
  private final Informer knownChildren;
  private final World world;
  private final Set<ObjectKey> atWork = new HashSet<>();

  ParentReconciler(
      ParentSubject subject,
      ApiClient client,
      Informer knownParents,
      Informer knownChildren,
      World world) {
    this.subject = subject;
    this.parents = client.resource(SimulatedProcess.PARENTS);
    this.children = client.resource(SimulatedProcess.CHILDREN);
    this.knownParents = knownParents;
    this.knownChildren = knownChildren;
    this.world = world;
  }

  /// Whether it is in the middle of this key.
  boolean isAtWork(ObjectKey key) {
    return atWork.contains(key);
  }

  @Override
  public Result reconcile(ObjectKey key) throws InterruptedException {
    atWork.add(key);
    try {
      return bringIntoLine(key);
    } finally {
      atWork.remove(key);
    }
  }

  private Result bringIntoLine(ObjectKey key) throws InterruptedException {
    Optional<ObjectNode> known = knownParents.get(key);
    // The copy says that there is something to do; whether there still is, the server says.
    Optional<ObjectNode> present = known.isPresent() ? parents.find(key) : known;
    if (present.isEmpty()) {
      return Result.DONE;
    }
    if (!Finalizers.deleting(present.get())) {
      return provide(present.get());
    }
    cleanUp(present.get());
    return Result.DONE;
  }

  private void cleanUp(ObjectNode parent) throws InterruptedException {
    if (!Finalizers.has(parent, FINALIZER)) {
      return;
    }
    String uid = Truth.uid(parent);
    if (subject == ParentSubject.FINALIZER_FIRST) {
      Finalizers.remove(parents, parent, FINALIZER);
    }
    // Not from the copy: what is missing there would stay for ever.
    for (ObjectNode child : children.list(ListOptions.ALL.inNamespace("default")).items()) {
      if (Truth.owner(child).equals(uid)) {
        delete(child);
      }
    }
    world.cloud().release(uid);
    if (subject != ParentSubject.FINALIZER_FIRST) {
      Finalizers.remove(parents, parent, FINALIZER);
    }
  }

  private Result provide(ObjectNode parent) throws InterruptedException {
    ObjectNode held = Finalizers.add(parents, parent, FINALIZER);
    String uid = Truth.uid(held);
    int wanted = Truth.wanted(held);
    if (!world.cloud().holds(uid)) {
      world.cloud().acquire(uid);
    }
    List<ObjectNode> own = new ArrayList<>();
    for (ObjectNode child : knownChildren.all()) {
      if (Truth.owner(child).equals(uid)) {
        own.add(child);
      }
    }
    own.sort(Comparator.comparing(each -> ResourceClient.keyOf(each).name()));
    if (subject == ParentSubject.TWICE_ON_STALE) {
      for (int missing = wanted - own.size(); missing > 0; missing--) {
        children.create(child(held, Integer.toString(world.random().nextInt(1_000_000))));
      }
      for (int i = wanted; i < own.size(); i++) {
        delete(own.get(i));
      }
      return Result.DONE;
    }
    Result result = Result.DONE;
    for (int i = 0; i < wanted; i++) {
      // Who goes before the copy shows him is never told of: so not for the last time.
      result = isProvided(held, i) ? result : Result.AGAIN;
    }
    for (ObjectNode child : own) {
      String name = ResourceClient.keyOf(child).name();
      if (Integer.parseInt(name.substring(name.lastIndexOf('-') + 1)) >= wanted) {
        delete(child);
      }
    }
    return result;
  }

  /// Creates the child where it is missing.
  ///
  /// @return false when it is there, and the copy does not show it
  private boolean isProvided(ObjectNode parent, int index) throws InterruptedException {
    ObjectNode child = child(parent, Integer.toString(index));
    Optional<ObjectNode> known = knownChildren.get(ResourceClient.keyOf(child));
    if (known.isPresent() && Truth.owner(known.get()).equals(Truth.uid(parent))) {
      return true;
    }
    try {
      children.create(child);
      return true;
    } catch (ApiException e) {
      if (!e.is(StatusReason.ALREADY_EXISTS)) {
        throw e;
      }
      // Ours, and not yet in the copy; or a former parent's that is about to go.
      Optional<ObjectNode> present = children.find(ResourceClient.keyOf(child));
      if (present.isEmpty() || !Truth.owner(present.get()).equals(Truth.uid(parent))) {
        throw e;
      }
      return false;
    }
  }

  private static ObjectNode child(ObjectNode parent, String suffix) {
    ObjectNode child = Json.parseObject("{\"apiVersion\": \"v1\", \"kind\": \"ServiceAccount\"}");
    ObjectKey key = ResourceClient.keyOf(parent);
    child
        .putObject("metadata")
        .put("namespace", key.namespace())
        .put("name", key.name() + "-" + suffix)
        .putArray("ownerReferences")
        .add(TestCluster.reference(parent, true));
    return child;
  }

  private void delete(ObjectNode child) throws InterruptedException {
    try {
      children.delete(ResourceClient.keyOf(child), DeleteOptions.DEFAULT.onlyUid(Truth.uid(child)));
    } catch (ApiException e) {
      if (!e.is(StatusReason.NOT_FOUND)) {
        throw e;
      }
    }
  }
}
