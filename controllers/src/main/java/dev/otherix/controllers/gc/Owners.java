package dev.otherix.controllers.gc;

import dev.otherix.apimachinery.client.ApiClient;
import dev.otherix.apimachinery.client.ServedType;
import dev.otherix.apimachinery.object.GroupVersionKind;
import dev.otherix.apimachinery.object.ObjectKey;
import dev.otherix.apimachinery.object.OwnerReference;
import dev.otherix.controllers.runtime.EventRecorder;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/// Asks the server about owners. Thread-safe.
final class Owners {
  private static final String WRONG_NAMESPACE = "OwnerRefInvalidNamespace";

  private final ApiClient client;
  private final OwnershipGraph graph;
  private final EventRecorder events;
  private final AbsentOwners absent = new AbsentOwners();

  /// Kinds by what references say; cleared when kinds come or go.
  private final Map<GroupVersionKind, ServedType> types = new ConcurrentHashMap<>();

  Owners(ApiClient client, OwnershipGraph graph, EventRecorder events) {
    this.client = client;
    this.graph = graph;
    this.events = events;
  }

  enum State {
    /// It is there to stay.
    SOLID,
    /// It goes when its dependents are gone.
    GOES_LAST,
    ABSENT,
    /// A reference that can lead nowhere: from a cluster-scoped object into some namespace.
    MEANINGLESS
  }

  void forgetTypes() {
    types.clear();
  }

  State stateOf(Item item, ObjectNode live, OwnerReference reference) throws InterruptedException {
    ServedType type = type(reference);
    if (type.namespaced() && item.key().namespace().isEmpty()) {
      tellWrongNamespace(live, reference);
      return State.MEANINGLESS;
    }
    ObjectKey key =
        new ObjectKey(type.namespaced() ? item.key().namespace() : "", reference.name());
    if (absent.has(reference, key)) {
      return State.ABSENT;
    }
    Optional<ObjectNode> found = client.resource(type.resource()).metadataOnly().find(key);
    Item owner = found.isPresent() ? Item.of(type, found.get()) : null;
    if (owner == null || !owner.uid().equals(reference.uid())) {
      absent.add(reference, key);
      if (isElsewhere(reference, key)) {
        tellWrongNamespace(live, reference);
      }
      return State.ABSENT;
    }
    return owner.goesLast() ? State.GOES_LAST : State.SOLID;
  }

  private boolean isElsewhere(OwnerReference reference, ObjectKey expected) {
    @Nullable Item other = graph.item(reference.uid());
    return other != null && !other.key().equals(expected);
  }

  private void tellWrongNamespace(ObjectNode live, OwnerReference reference)
      throws InterruptedException {
    events.warning(
        live,
        WRONG_NAMESPACE,
        "ownerRef ["
            + reference.apiVersion()
            + "/"
            + reference.kind()
            + ", name: "
            + reference.name()
            + ", uid: "
            + reference.uid()
            + "] does not exist in the object's namespace");
  }

  private ServedType type(OwnerReference reference) throws InterruptedException {
    GroupVersionKind kind = GroupVersionKind.of(reference.apiVersion(), reference.kind());
    ServedType known = types.get(kind);
    if (known != null) {
      return known;
    }
    // While nobody can say whether the owner is there, its dependents stay.
    ServedType found =
        client
            .discovery()
            .find(kind)
            .orElseThrow(() -> new UnknownOwnerKindException("no kind " + kind + " is served"));
    types.put(kind, found);
    return found;
  }
}
