package dev.otherix.controllers.recovery;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import tools.jackson.databind.node.ObjectNode;

/// For how long this process itself has seen no renewal of each node's lease, by a clock that
/// nobody sets. What others wrote about time, the node in its lease or an earlier server, proves
/// nothing here: their clocks may be wrong. Thread-safe.
final class Silence {
  private final LongSupplier nanoTime;
  private final Map<String, Seen> last = new ConcurrentHashMap<>();

  Silence(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  private record Seen(String version, long since) {}

  /// Since the first look at the lease as it is now.
  Duration of(String node, ObjectNode lease) {
    String version = version(lease);
    long now = nanoTime.getAsLong();
    Seen seen =
        last.compute(
            node,
            (_, before) ->
                before != null && before.version.equals(version) ? before : new Seen(version, now));
    return Duration.ofNanos(now - seen.since);
  }

  static String version(ObjectNode lease) {
    return lease.path("metadata").path("uid").asString("")
        + " "
        + lease.path("metadata").path("resourceVersion").asString("");
  }

  void forget(String node) {
    last.remove(node);
  }
}
