package dev.otherix.controllers.simulation;

import dev.otherix.apimachinery.client.ResourceClient;
import dev.otherix.apimachinery.codec.EncodedObject;
import dev.otherix.apimachinery.object.ObjectKey;
import dev.otherix.apiserver.storage.Entry;
import dev.otherix.apiserver.storage.Storage;
import dev.otherix.apiserver.storage.StorageEvent;
import dev.otherix.apiserver.storage.Watch;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.node.ObjectNode;

/// What the store holds and how it came there, read behind the server's back; and what may never
/// be, looked at after each event.
final class Truth implements AutoCloseable {
  private static final String CORE = "/registry/core/";
  static final String PARENTS = "configmaps";
  static final String CHILDREN = "serviceaccounts";

  private final Watch watch;
  private final Map<String, List<Long>> revisions = new HashMap<>();
  private final Map<ObjectKey, ObjectNode> parents = new TreeMap<>(Truth::compare);
  private final Map<ObjectKey, ObjectNode> children = new TreeMap<>(Truth::compare);
  private final Map<String, Integer> mostWanted = new HashMap<>();
  private long events;

  Truth(Storage storage) {
    this.watch = storage.watch(CORE, storage.revision());
  }

  private static int compare(ObjectKey a, ObjectKey b) {
    return a.toString().compareTo(b.toString());
  }

  /// Takes what was written since the last time.
  ///
  /// @throws Violation when that may never be
  void observe(Cloud cloud) throws InterruptedException {
    while (true) {
      Watch.Batch batch = watch.next(Duration.ZERO);
      if (batch.events().isEmpty()) {
        return;
      }
      for (StorageEvent event : batch.events()) {
        take(event, cloud);
      }
    }
  }

  private void take(StorageEvent event, Cloud cloud) {
    String rest = event.key().substring(CORE.length());
    String resource = rest.substring(0, rest.indexOf('/'));
    revisions.computeIfAbsent(resource, _ -> new ArrayList<>()).add(event.revision());
    events++;
    Map<ObjectKey, ObjectNode> objects =
        switch (resource) {
          case PARENTS -> parents;
          case CHILDREN -> children;
          default -> new HashMap<>();
        };
    switch (event) {
      case StorageEvent.Created(Entry entry) -> put(objects, decode(resource, entry));
      case StorageEvent.Updated(Entry entry, Entry _) -> put(objects, decode(resource, entry));
      case StorageEvent.Deleted(Entry previous, long _) -> {
        ObjectNode gone = decode(resource, previous);
        objects.remove(ResourceClient.keyOf(gone));
        if (resource.equals(PARENTS) && cloud.holds(uid(gone))) {
          throw new Violation(name(gone) + " is gone, and the cloud still holds what was its");
        }
      }
    }
    parents.values().forEach(this::checkCount);
  }

  private void put(Map<ObjectKey, ObjectNode> objects, ObjectNode object) {
    objects.put(ResourceClient.keyOf(object), object);
    mostWanted.merge(uid(object), wanted(object), Math::max);
  }

  private void checkCount(ObjectNode parent) {
    int most = mostWanted.getOrDefault(uid(parent), 0);
    if (childrenOf(uid(parent)).size() > most) {
      throw new Violation(
          "%s has %d children, and never were more than %d wanted"
              .formatted(name(parent), childrenOf(uid(parent)).size(), most));
    }
  }

  /// Why things are not as they should be in the end; empty when they are.
  String unfinished(Cloud cloud) {
    for (ObjectNode parent : parents.values()) {
      if (parent.path("metadata").has("deletionTimestamp")) {
        return name(parent) + " is still being deleted";
      }
      int present = childrenOf(uid(parent)).size();
      if (present != wanted(parent)) {
        return name(parent) + " has " + present + " children instead of " + wanted(parent);
      }
      if (!cloud.holds(uid(parent))) {
        return name(parent) + " has nothing in the cloud";
      }
    }
    for (ObjectNode child : children.values()) {
      String owner = owner(child);
      if (!owner.isEmpty() && parents.values().stream().noneMatch(p -> uid(p).equals(owner))) {
        return name(child) + " outlived its owner";
      }
    }
    return cloud.held().size() == parents.size() ? "" : "the cloud holds something of nobody";
  }

  private List<ObjectNode> childrenOf(String uid) {
    List<ObjectNode> own = new ArrayList<>();
    for (ObjectNode each : children.values()) {
      if (owner(each).equals(uid)) {
        own.add(each);
      }
    }
    return own;
  }

  List<ObjectNode> parents() {
    return List.copyOf(parents.values());
  }

  List<ObjectNode> children() {
    return List.copyOf(children.values());
  }

  Map<ObjectKey, ObjectNode> of(String resource) {
    return resource.equals(PARENTS) ? parents : children;
  }

  /// How many events of a resource came after a revision.
  int eventsAfter(String resource, long revision) {
    int count = 0;
    for (long each : revisions.getOrDefault(resource, List.of())) {
      count += each > revision ? 1 : 0;
    }
    return count;
  }

  /// The revisions at which a resource changed.
  List<Long> revisions(String resource) {
    return revisions.getOrDefault(resource, List.of());
  }

  long events() {
    return events;
  }

  private static ObjectNode decode(String resource, Entry entry) {
    String kind =
        switch (resource) {
          case PARENTS -> "ConfigMap";
          case CHILDREN -> "ServiceAccount";
          default -> "Other";
        };
    EncodedObject.Head head = EncodedObject.Head.of("v1", kind);
    return EncodedObject.ofBody(head, entry.revision(), entry.value()).toTree();
  }

  static String uid(ObjectNode object) {
    return object.at("/metadata/uid").asString("");
  }

  static String owner(ObjectNode child) {
    return child.at("/metadata/ownerReferences/0/uid").asString("");
  }

  static int wanted(ObjectNode parent) {
    return Integer.parseInt(parent.at("/data/count").asString("0"));
  }

  private static String name(ObjectNode object) {
    return object.path("kind").asString("") + " " + ResourceClient.keyOf(object);
  }

  @Override
  public void close() {
    watch.close();
  }
}
