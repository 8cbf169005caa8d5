package dev.otherix.controllers.cluster;

import dev.otherix.apimachinery.object.ObjectKey;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/// Which machines are bound to each node, kept by a handler of the machines' informer: to look
/// through all machines for each of many nodes would take too long. As old as what the handler was
/// told last. Thread-safe.
public final class BoundMachines {
  private final Map<String, Set<ObjectKey>> byNode = new ConcurrentHashMap<>();

  /// For the handler, on one thread.
  public void changed(ObjectKey key, @Nullable ObjectNode before, @Nullable ObjectNode after) {
    String was = node(before);
    String is = node(after);
    if (was.equals(is)) {
      return;
    }
    if (!was.isEmpty()) {
      byNode.computeIfPresent(
          was,
          (_, all) -> {
            all.remove(key);
            return all.isEmpty() ? null : all;
          });
    }
    if (!is.isEmpty()) {
      byNode.compute(
          is,
          (_, all) -> {
            Set<ObjectKey> more = all == null ? ConcurrentHashMap.newKeySet() : all;
            more.add(key);
            return more;
          });
    }
  }

  private static String node(@Nullable ObjectNode machine) {
    return machine == null ? "" : machine.path("spec").path("nodeName").asString("");
  }

  /// The machines of a node; look at each, it may be elsewhere by now.
  public List<ObjectKey> on(String node) {
    Set<ObjectKey> all = byNode.get(node);
    return all == null ? List.of() : List.copyOf(all);
  }
}
