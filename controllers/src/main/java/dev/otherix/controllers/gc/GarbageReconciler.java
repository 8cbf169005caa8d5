package dev.otherix.controllers.gc;

import dev.otherix.apimachinery.client.ApiClient;
import dev.otherix.apimachinery.client.DeleteOptions;
import dev.otherix.apimachinery.client.DeleteOptions.Propagation;
import dev.otherix.apimachinery.client.ResourceClient;
import dev.otherix.apimachinery.object.OwnerReference;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apimachinery.status.StatusReason;
import dev.otherix.controllers.runtime.Finalizers;
import dev.otherix.controllers.runtime.Reconciler;
import dev.otherix.controllers.runtime.Result;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Looks at one object, by its uid. The graph says only that there may be something to do: what is
/// done goes by the object and its owners as the server has them now, and only to the very state of
/// the object that was looked at.
final class GarbageReconciler implements Reconciler<String> {
  private static final System.Logger LOG = System.getLogger(GarbageReconciler.class.getName());

  private final ApiClient client;
  private final OwnershipGraph graph;
  private final Owners owners;
  private final Consumer<String> lookAt;

  GarbageReconciler(
      ApiClient client, OwnershipGraph graph, Owners owners, Consumer<String> lookAt) {
    this.client = client;
    this.graph = graph;
    this.owners = owners;
    this.lookAt = lookAt;
  }

  @Override
  public Result reconcile(String uid) throws InterruptedException {
    Item item = graph.item(uid);
    if (item == null) {
      return Result.DONE;
    }
    if (item.leavesOrphans()) {
      orphanDependents(item);
    } else if (item.goesLast()) {
      waitForDependents(item);
    } else if (!item.deleting() && !item.owners().isEmpty()) {
      collect(item);
    }
    return Result.DONE;
  }

  private ResourceClient of(Item item) {
    return client.resource(item.type().resource()).metadataOnly();
  }

  /// The object on the server, null when it is gone.
  private @Nullable ObjectNode live(Item item) throws InterruptedException {
    Optional<ObjectNode> found = of(item).find(item.key());
    return found.isPresent() && Item.of(item.type(), found.get()).uid().equals(item.uid())
        ? found.get()
        : null;
  }

  private void orphanDependents(Item owner) throws InterruptedException {
    for (Item dependent : graph.dependents(owner.uid())) {
      ObjectNode live = live(dependent);
      if (live != null) {
        withoutOwners(dependent, live, Set.of(owner.uid()));
      }
    }
    releaseFrom(owner, Item.ORPHAN);
  }

  private void waitForDependents(Item owner) throws InterruptedException {
    List<Item> dependents = graph.dependents(owner.uid());
    for (Item each : dependents) {
      if (each.blocks(owner)) {
        dependents.forEach(one -> lookAt.accept(one.uid()));
        return;
      }
    }
    releaseFrom(owner, Item.FOREGROUND);
  }

  private void releaseFrom(Item owner, String finalizer) throws InterruptedException {
    ObjectNode live = live(owner);
    if (live != null) {
      Finalizers.remove(of(owner), live, finalizer);
    }
  }

  private void collect(Item item) throws InterruptedException {
    ObjectNode live = live(item);
    if (live == null || Finalizers.deleting(live)) {
      return;
    }
    Item present = Item.of(item.type(), live);
    boolean solid = false;
    boolean waiting = false;
    Set<String> leaving = new HashSet<>();
    for (OwnerReference reference : present.owners()) {
      switch (owners.stateOf(present, live, reference)) {
        case SOLID -> solid = true;
        case GOES_LAST -> {
          waiting = true;
          leaving.add(reference.uid());
        }
        case ABSENT -> leaving.add(reference.uid());
        case MEANINGLESS -> {
          return;
        }
      }
    }
    if (leaving.isEmpty()) {
      return;
    }
    if (solid) {
      withoutOwners(present, live, leaving);
    } else if (waiting && !graph.dependents(present.uid()).isEmpty()) {
      deleteAfterItsDependents(present, live);
    } else {
      delete(present, ownPolicy(present), present.resourceVersion());
    }
  }

  /// How the object itself wants to go, if somebody said so before.
  private static Propagation ownPolicy(Item item) {
    if (item.finalizers().contains(Item.ORPHAN)) {
      return Propagation.ORPHAN;
    }
    return item.finalizers().contains(Item.FOREGROUND)
        ? Propagation.FOREGROUND
        : Propagation.BACKGROUND;
  }

  /// In a circle each would wait for the next: the one that closes it gives way.
  private void deleteAfterItsDependents(Item item, ObjectNode live) throws InterruptedException {
    String version = item.resourceVersion();
    for (Item dependent : graph.dependents(item.uid())) {
      if (dependent.goesLast()) {
        version = unblock(item, live);
        break;
      }
    }
    delete(item, Propagation.FOREGROUND, version);
  }

  /// @return the resourceVersion since
  private String unblock(Item item, ObjectNode live) throws InterruptedException {
    List<OwnerReference> references = new ArrayList<>();
    for (OwnerReference each : item.owners()) {
      references.add(
          new OwnerReference(
              each.apiVersion(), each.kind(), each.name(), each.uid(), each.controller(), false));
    }
    ObjectNode written = of(item).mergePatch(item.key(), "", patch(live, references));
    return Item.of(item.type(), written).resourceVersion();
  }

  private void withoutOwners(Item item, ObjectNode live, Set<String> uids)
      throws InterruptedException {
    List<OwnerReference> left = new ArrayList<>();
    for (OwnerReference each : Item.of(item.type(), live).owners()) {
      if (!uids.contains(each.uid())) {
        left.add(each);
      }
    }
    try {
      of(item).mergePatch(item.key(), "", patch(live, left));
    } catch (ApiException e) {
      if (!e.is(StatusReason.NOT_FOUND)) {
        throw e;
      }
    }
  }

  private static ObjectNode patch(ObjectNode live, List<OwnerReference> references) {
    JsonNode present = live.path("metadata");
    ObjectNode patch = JsonNodeFactory.instance.objectNode();
    ObjectNode metadata = patch.putObject("metadata");
    metadata.put("uid", present.path("uid").asString(""));
    metadata.put("resourceVersion", present.path("resourceVersion").asString(""));
    ArrayNode owners = metadata.putArray("ownerReferences");
    references.forEach(each -> owners.add(each.toJson()));
    return patch;
  }

  private void delete(Item item, Propagation policy, String version) throws InterruptedException {
    try {
      of(item)
          .delete(
              item.key(), DeleteOptions.DEFAULT.onlyUid(item.uid()).onlyAt(version).with(policy));
      LOG.log(System.Logger.Level.INFO, "collected object={0} policy={1}", item, policy);
    } catch (ApiException e) {
      if (!e.is(StatusReason.NOT_FOUND)) {
        throw e;
      }
    }
  }
}
