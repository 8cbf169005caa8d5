package dev.otherix.controllers.gc;

import dev.otherix.apimachinery.client.ServedType;
import dev.otherix.apimachinery.object.OwnerReference;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// Who owns whom, as the informers tell. Says after each change whom to look at. It may lag behind
/// the server, so it only ever says where to look, never what to delete. The lock guards both maps.
final class OwnershipGraph {
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<String, Item> items = new HashMap<>();
  private final Map<String, Set<String>> dependentsByOwner = new HashMap<>();

  /// @param before null when it was not known
  /// @param after null when it is gone
  /// @return the uids of those to look at
  Set<String> change(@Nullable Item before, @Nullable Item after) {
    lock.lock();
    try {
      Set<String> look = new LinkedHashSet<>();
      if (before != null && (after == null || !after.uid().equals(before.uid()))) {
        remove(before.uid(), look);
      }
      if (after != null) {
        put(after, look);
      }
      return look;
    } finally {
      lock.unlock();
    }
  }

  /// Forgets a kind that is no longer served: with it all its objects went.
  Set<String> removeAll(ServedType type) {
    lock.lock();
    try {
      Set<String> look = new LinkedHashSet<>();
      for (Item each : List.copyOf(items.values())) {
        if (each.type().equals(type)) {
          remove(each.uid(), look);
        }
      }
      return look;
    } finally {
      lock.unlock();
    }
  }

  private void remove(String uid, Set<String> look) {
    Item item = items.remove(uid);
    if (item == null) {
      return;
    }
    unlink(item);
    lookAtWaitingOwners(item, look);
    look.addAll(dependentsByOwner.getOrDefault(uid, Set.of()));
  }

  private void put(Item item, Set<String> look) {
    Item former = items.put(item.uid(), item);
    if (former != null) {
      unlink(former);
      lookAtWaitingOwners(former, look);
    }
    for (OwnerReference owner : item.owners()) {
      dependentsByOwner.computeIfAbsent(owner.uid(), _ -> new HashSet<>()).add(item.uid());
    }
    lookAtWaitingOwners(item, look);
    if (item.goesLast() || item.leavesOrphans() || mayBeGarbage(item)) {
      look.add(item.uid());
    }
  }

  private void unlink(Item item) {
    for (OwnerReference owner : item.owners()) {
      Set<String> those = dependentsByOwner.get(owner.uid());
      if (those != null && those.remove(item.uid()) && those.isEmpty()) {
        dependentsByOwner.remove(owner.uid());
      }
    }
  }

  private void lookAtWaitingOwners(Item item, Set<String> look) {
    for (OwnerReference reference : item.owners()) {
      Item owner = items.get(reference.uid());
      if (owner != null && owner.goesLast()) {
        look.add(owner.uid());
      }
    }
  }

  /// Whether one of its owners is not there, not where it should be, or about to go.
  private boolean mayBeGarbage(Item item) {
    for (OwnerReference reference : item.owners()) {
      Item owner = items.get(reference.uid());
      boolean solid =
          owner != null
              && !owner.goesLast()
              && owner.type().kind().equals(reference.kind())
              && owner.key().name().equals(reference.name())
              && (owner.key().namespace().isEmpty()
                  || owner.key().namespace().equals(item.key().namespace()));
      if (!solid) {
        return true;
      }
    }
    return false;
  }

  @Nullable Item item(String uid) {
    lock.lock();
    try {
      return items.get(uid);
    } finally {
      lock.unlock();
    }
  }

  List<Item> dependents(String uid) {
    lock.lock();
    try {
      List<Item> found = new ArrayList<>();
      for (String each : dependentsByOwner.getOrDefault(uid, Set.of())) {
        Item item = items.get(each);
        if (item != null) {
          found.add(item);
        }
      }
      return found;
    } finally {
      lock.unlock();
    }
  }
}
