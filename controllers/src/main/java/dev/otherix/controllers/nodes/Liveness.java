package dev.otherix.controllers.nodes;

import dev.otherix.schemas.v1.ClusterSettings;
import dev.otherix.schemas.v1.Node;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// Whether a node is there, by its last heartbeat. A pure function.
///
/// @param recheck when time alone changes the answer; null when only a heartbeat does
record Liveness(Node.Phase phase, String reason, String message, @Nullable Duration recheck) {
  /// What is known of a node.
  ///
  /// @param before the phase until now; null for a node that never had one
  /// @param heartbeat when the last heartbeat was seen; null when there was none
  /// @param returnRefusal why a node that is gone may not come back by itself; empty when it may
  /// @param readmitted whether somebody has let it come back since it was gone
  record Facts(
      Node.@Nullable Phase before,
      @Nullable Instant heartbeat,
      String returnRefusal,
      boolean readmitted) {}

  static Liveness of(Facts facts, Instant now, ClusterSettings.Nodes limits) {
    Instant heartbeat = facts.heartbeat();
    if (heartbeat == null) {
      return new Liveness(
          Node.Phase.PENDING, "NoHeartbeat", "its agent has not reported yet", null);
    }
    Duration silent = Duration.between(heartbeat, now);
    Duration unreachable = Duration.ofSeconds(limits.unreachableAfterSeconds());
    Duration gone = Duration.ofSeconds(limits.goneAfterSeconds());
    if (silent.compareTo(gone) >= 0) {
      return new Liveness(
          Node.Phase.GONE,
          "HeartbeatLost",
          "no heartbeat for "
              + gone.toSeconds()
              + " s; its machines stay bound to it, but for those with recovery: Recreate",
          null);
    }
    if (silent.compareTo(unreachable) >= 0) {
      // What is gone does not become less gone by limits that changed.
      return facts.before() == Node.Phase.GONE
          ? stillGone("no heartbeat", null)
          : new Liveness(
              Node.Phase.UNREACHABLE,
              "HeartbeatLate",
              "no heartbeat for " + unreachable.toSeconds() + " s",
              gone.minus(silent));
    }
    Duration recheck = unreachable.minus(silent);
    if (facts.before() == Node.Phase.GONE && !facts.readmitted()) {
      if (!facts.returnRefusal().isEmpty()) {
        return stillGone(facts.returnRefusal(), recheck);
      }
    }
    return new Liveness(Node.Phase.READY, "Heartbeat", "its agent reports", recheck);
  }

  private static Liveness stillGone(String why, @Nullable Duration recheck) {
    return new Liveness(
        Node.Phase.GONE,
        "NotReadmitted",
        "it was gone and may not come back by itself: " + why,
        recheck);
  }
}
