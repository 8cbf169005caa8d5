package dev.otherix.controllers.nodes;

import dev.otherix.apimachinery.meter.ClockOffset;
import dev.otherix.apimachinery.object.MicroTime;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.schemas.v1.ClusterSettings;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/// When each node's lease was last seen to change, by this process' clock: a node whose clock is
/// wrong is not lost. Only what was written before this process began is judged by the time in the
/// lease, and only when it is old. Thread-safe.
final class Heartbeats {
  private final InstantSource clock;
  private final Map<String, ClockOffset> offsets = new ConcurrentHashMap<>();
  private final Map<String, Seen> last = new ConcurrentHashMap<>();

  Heartbeats(InstantSource clock) {
    this.clock = clock;
  }

  /// @param at null when there was no heartbeat yet
  /// @param isNew whether this look was the first to see it
  record Seen(String renewed, @Nullable Instant at, boolean isNew) {}

  Seen look(String node, @Nullable ObjectNode lease, ClusterSettings.Nodes limits) {
    String renewed = lease == null ? "" : lease.at("/spec/renewTime").asString("");
    if (renewed.isEmpty()) {
      return new Seen("", null, false);
    }
    Seen known = last.get(node);
    if (known != null && known.renewed().equals(renewed)) {
      return new Seen(renewed, known.at(), false);
    }
    Instant now = clock.instant();
    if (known != null) {
      compare(node, renewed, now);
    }
    Seen seen = new Seen(renewed, known == null ? first(renewed, now, limits) : now, true);
    last.put(node, seen);
    return seen;
  }

  private void compare(String node, String renewed, Instant now) {
    try {
      offsets
          .computeIfAbsent(node, _ -> new ClockOffset())
          .heard(MicroTime.parse(renewed).instant(), now);
    } catch (ApiException _) {
      // A lease of another make tells no time.
      offsets.remove(node);
    }
  }

  private static Instant first(String renewed, Instant now, ClusterSettings.Nodes limits) {
    try {
      Instant written = MicroTime.parse(renewed).instant();
      Duration old = Duration.between(written, now);
      return old.toSeconds() >= limits.unreachableAfterSeconds() ? written : now;
    } catch (ApiException _) {
      // A lease of another make: from now on its changes count.
      return now;
    }
  }

  /// How far this clock is ahead of the node's, where one of them is wrong; null where not.
  @Nullable Duration wrongBy(String node) {
    ClockOffset offset = offsets.get(node);
    return offset != null && offset.isWrong() ? offset.value() : null;
  }

  void forget(String node) {
    offsets.remove(node);
    last.remove(node);
  }
}
