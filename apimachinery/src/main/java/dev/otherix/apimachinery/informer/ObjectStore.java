package dev.otherix.apimachinery.informer;

import dev.otherix.apimachinery.object.ObjectKey;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/// The objects that an informer knows, by key and by index. The lock guards all maps.
final class ObjectStore {
  private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();
  private Map<ObjectKey, ObjectNode> objects = new HashMap<>();
  private final Map<String, Index> indexes;

  /// @param functions by the name of the index: the values under which to find an object
  ObjectStore(Map<String, Function<ObjectNode, Collection<String>>> functions) {
    Map<String, Index> all = new HashMap<>();
    functions.forEach((name, function) -> all.put(name, new Index(function, new HashMap<>())));
    this.indexes = Map.copyOf(all);
  }

  private record Index(
      Function<ObjectNode, Collection<String>> values, Map<String, Set<ObjectKey>> keys) {
    void remove(ObjectKey key, ObjectNode object) {
      for (String value : values.apply(object)) {
        Set<ObjectKey> those = keys.get(value);
        if (those != null && those.remove(key) && those.isEmpty()) {
          keys.remove(value);
        }
      }
    }

    void add(ObjectKey key, ObjectNode object) {
      for (String value : values.apply(object)) {
        keys.computeIfAbsent(value, _ -> new LinkedHashSet<>()).add(key);
      }
    }
  }

  /// @param object null to remove
  /// @return what was there
  @Nullable ObjectNode put(ObjectKey key, @Nullable ObjectNode object) {
    lock.writeLock().lock();
    try {
      ObjectNode before = object == null ? objects.remove(key) : objects.put(key, object);
      for (Index index : indexes.values()) {
        if (before != null) {
          index.remove(key, before);
        }
        if (object != null) {
          index.add(key, object);
        }
      }
      return before;
    } finally {
      lock.writeLock().unlock();
    }
  }

  /// Takes all of these, when there is nothing yet.
  ///
  /// @param all belongs to the store from now on, if it takes them
  /// @return whether it did
  boolean adopt(Map<ObjectKey, ObjectNode> all) {
    lock.writeLock().lock();
    try {
      if (!objects.isEmpty()) {
        return false;
      }
      objects = all;
      for (Index index : indexes.values()) {
        all.forEach(index::add);
      }
      return true;
    } finally {
      lock.writeLock().unlock();
    }
  }

  @Nullable ObjectNode get(ObjectKey key) {
    lock.readLock().lock();
    try {
      return objects.get(key);
    } finally {
      lock.readLock().unlock();
    }
  }

  List<ObjectNode> all() {
    lock.readLock().lock();
    try {
      return List.copyOf(objects.values());
    } finally {
      lock.readLock().unlock();
    }
  }

  Set<ObjectKey> keys() {
    lock.readLock().lock();
    try {
      return Set.copyOf(objects.keySet());
    } finally {
      lock.readLock().unlock();
    }
  }

  List<ObjectNode> byIndex(String name, String value) {
    Index index = indexes.get(name);
    if (index == null) {
      throw new IllegalStateException("the informer has no index \"" + name + "\"");
    }
    lock.readLock().lock();
    try {
      List<ObjectNode> found = new ArrayList<>();
      for (ObjectKey key : index.keys.getOrDefault(value, Set.of())) {
        ObjectNode object = objects.get(key);
        if (object != null) {
          found.add(object);
        }
      }
      return found;
    } finally {
      lock.readLock().unlock();
    }
  }

  int size() {
    lock.readLock().lock();
    try {
      return objects.size();
    } finally {
      lock.readLock().unlock();
    }
  }
}
