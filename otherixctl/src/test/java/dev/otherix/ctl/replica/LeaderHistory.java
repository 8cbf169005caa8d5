package dev.otherix.ctl.replica;

import dev.otherix.apimachinery.object.ObjectKey;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/// How long the controllers had no leader: from the moment that one was lost to when the next one
/// took their Lease. Thread-safe.
final class LeaderHistory {
  private static final ObjectKey LEASE = new ObjectKey("kube-system", "otherix-controllers");

  private final List<Duration> gaps = new ArrayList<>();
  private @Nullable Instant lost;

  /// The leader dies now, or hangs.
  synchronized void lose() {
    if (lost == null) {
      lost = Instant.now();
    }
  }

  /// A handler of an informer of Leases.
  synchronized void changed(
      ObjectKey key, @Nullable ObjectNode before, @Nullable ObjectNode after) {
    if (!key.equals(LEASE) || after == null || lost == null) {
      return;
    }
    Instant acquired = Instant.parse(after.at("/spec/acquireTime").asString());
    if (acquired.isAfter(lost)) {
      gaps.add(Duration.between(lost, acquired));
      lost = null;
    }
  }

  /// Whether each that was lost has a successor.
  synchronized boolean isSettled() {
    return lost == null;
  }

  @Override
  public synchronized String toString() {
    Duration longest = gaps.stream().max(Duration::compareTo).orElse(Duration.ZERO);
    return "controllers' leader lost %d times, the next one after at most %d ms"
        .formatted(gaps.size(), longest.toMillis());
  }
}
