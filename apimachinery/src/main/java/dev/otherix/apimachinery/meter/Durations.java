package dev.otherix.apimachinery.meter;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.LongAdder;

/// How long something took, by buckets. Thread-safe, without locks: a snapshot taken meanwhile may
/// lack what is just being counted.
public final class Durations {
  private static final double NANOS_PER_SECOND = 1e9;

  private final double[] bounds;
  private final AtomicLongArray counts;
  private final LongAdder nanos = new LongAdder();

  /// @param bounds upper bounds in seconds, ascending; what is longer has a bucket of its own
  public Durations(double... bounds) {
    this.bounds = bounds.clone();
    this.counts = new AtomicLongArray(bounds.length + 1);
  }

  public void took(Duration time) {
    tookNanos(time.toNanos());
  }

  public void tookNanos(long time) {
    double seconds = time / NANOS_PER_SECOND;
    int bucket = 0;
    while (bucket < bounds.length && seconds > bounds[bucket]) {
      bucket++;
    }
    counts.incrementAndGet(bucket);
    nanos.add(time);
  }

  /// @param bounds upper bounds in seconds
  /// @param counts of each bucket alone, and of what is above the last bound
  /// @param sum in seconds
  public record Snapshot(double[] bounds, long[] counts, double sum) {
    public long total() {
      long total = 0;
      for (long each : counts) {
        total += each;
      }
      return total;
    }
  }

  public Snapshot snapshot() {
    long[] copy = new long[counts.length()];
    for (int i = 0; i < copy.length; i++) {
      copy[i] = counts.get(i);
    }
    return new Snapshot(bounds.clone(), copy, nanos.sum() / NANOS_PER_SECOND);
  }
}
