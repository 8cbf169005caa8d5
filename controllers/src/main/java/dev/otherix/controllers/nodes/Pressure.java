package dev.otherix.controllers.nodes;

import org.jspecify.annotations.Nullable;

/// Whether a resource is nearly used up, said only after several samples in a row and unsaid by the
/// first good one, so that one bad moment moves no machine. Immutable.
///
/// @param low how many samples in a row were low
public record Pressure(boolean active, int low) {
  public static final Pressure NONE = new Pressure(false, 0);

  private static final long PERCENT = 100;

  /// @param free null when the sample is missing, which changes nothing
  /// @param percentMin below it a sample is low
  /// @param samples how many low ones in a row it takes
  public Pressure after(@Nullable Long free, @Nullable Long total, int percentMin, int samples) {
    if (free == null || total == null || total <= 0) {
      return this;
    }
    boolean isLow = (double) free * PERCENT < (double) total * percentMin;
    if (!isLow) {
      return NONE;
    }
    int count = Math.min(low + 1, samples);
    return new Pressure(active || count >= samples, count);
  }
}
