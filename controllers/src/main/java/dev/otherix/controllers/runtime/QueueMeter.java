package dev.otherix.controllers.runtime;

import dev.otherix.apimachinery.meter.Durations;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;

/// What a [WorkQueue] counts of itself, under the queue's lock.
final class QueueMeter<K> {
  /// Those of client-go: powers of ten from 10 ns to 1000 s.
  private static final double[] SECONDS = {
    1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1, 10, 100, 1000
  };

  private static final double NANOS_PER_SECOND = 1e9;

  private final Map<K, Instant> addedAt = new HashMap<>();
  private final Map<K, Instant> takenAt = new HashMap<>();
  private final Durations waits = new Durations(SECONDS);
  private final Durations works = new Durations(SECONDS);
  private long adds;
  private long retries;

  /// What the queue tells of itself.
  ///
  /// @param depth keys that wait now, delayed ones apart
  /// @param unfinishedSeconds how long the keys in work have been there, together
  /// @param longestSeconds how long the longest of them
  record Figures(
      int depth,
      long adds,
      long retries,
      double unfinishedSeconds,
      double longestSeconds,
      Durations.Snapshot waits,
      Durations.Snapshot works) {}

  /// A key that waits already counts once.
  void added(K key, Instant now) {
    if (addedAt.putIfAbsent(key, now) == null) {
      adds++;
    }
  }

  void taken(K key, Instant now) {
    Instant added = addedAt.remove(key);
    if (added != null) {
      waits.took(Duration.between(added, now));
    }
    takenAt.put(key, now);
  }

  void done(K key, Instant now) {
    Instant taken = takenAt.remove(key);
    if (taken != null) {
      works.took(Duration.between(taken, now));
    }
  }

  void retried() {
    retries++;
  }

  /// What waited does so no more.
  void dropped() {
    addedAt.clear();
  }

  Figures figures(int depth, Instant now) {
    double unfinished = 0;
    double longest = 0;
    for (Instant each : takenAt.values()) {
      double seconds = Duration.between(each, now).toNanos() / NANOS_PER_SECOND;
      unfinished += seconds;
      longest = Math.max(longest, seconds);
    }
    return new Figures(
        depth, adds, retries, unfinished, longest, waits.snapshot(), works.snapshot());
  }
}
