package dev.otherix.controllers.runtime;

import dev.otherix.apimachinery.client.WriteListener;
import dev.otherix.apimachinery.informer.Gap;
import dev.otherix.apimachinery.informer.Informer;
import dev.otherix.apimachinery.object.GroupVersionResource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// What a controller wrote while it reconciled each key, so that it does not look at the key again
/// in a copy from before: it would create its children a second time. Holds an entry per key that
/// was written for until the informers have caught up.
final class OwnWrites<K> {
  private static final ScopedValue<Map<GroupVersionResource, String>> CURRENT =
      ScopedValue.newInstance();

  /// To be told of every write: notes it for the reconcile that runs on this thread.
  static final WriteListener LISTENER =
      (resource, version) -> {
        if (CURRENT.isBound()) {
          CURRENT.get().put(resource, version);
        }
      };

  private final Map<K, Map<GroupVersionResource, String>> byKey = new ConcurrentHashMap<>();

  /// Reconciles, and notes what is written meanwhile.
  Result reconcile(Reconciler<K> reconciler, K key) throws Exception {
    Map<GroupVersionResource, String> written = new HashMap<>();
    try {
      return ScopedValue.where(CURRENT, written).call(() -> reconciler.reconcile(key));
    } finally {
      if (!written.isEmpty()) {
        byKey.put(key, written);
      }
    }
  }

  /// The keys for which something of this resource was written within the gap.
  List<K> within(GroupVersionResource resource, Gap gap) {
    List<K> keys = new ArrayList<>();
    byKey.forEach((key, written) -> {
      String version = written.get(resource);
      if (version != null && gap.holds(version)) {
        keys.add(key);
      }
    });
    return keys;
  }

  /// Whether anything was written for the key the last time.
  boolean any(K key) {
    return byKey.containsKey(key);
  }

  /// Whether the informers have seen what was written for the key.
  boolean seen(K key, List<Informer> informers) {
    Map<GroupVersionResource, String> written = byKey.get(key);
    if (written == null) {
      return true;
    }
    for (Informer informer : informers) {
      String version = written.get(informer.resource());
      if (version != null && !informer.hasReached(version)) {
        return false;
      }
    }
    return true;
  }

  /// Waits until the informers have seen what was written for the key.
  ///
  /// @return whether they did in that time; either way it is not waited for again
  boolean await(K key, List<Informer> informers, Duration atMost) throws InterruptedException {
    Map<GroupVersionResource, String> written = byKey.remove(key);
    if (written == null) {
      return true;
    }
    boolean seen = true;
    for (Informer informer : informers) {
      String version = written.get(informer.resource());
      if (version != null) {
        seen &= informer.awaitRevision(version, atMost);
      }
    }
    return seen;
  }
}
