package dev.otherix.controllers.scheduler;

import dev.otherix.schemas.v1.ClusterSettings;

/// How nodes are compared, and how much may be promised.
///
/// @param cpuPercent of a node's cores
/// @param memoryPercent of a node's memory
/// @param diskPercent of a pool's free space
public record Policy(
    ClusterSettings.Strategy strategy, int cpuPercent, int memoryPercent, int diskPercent) {
  public static final Policy DEFAULT =
      new Policy(ClusterSettings.Strategy.RESOURCE_AWARE, 100, 100, 100);

  static Policy of(ClusterSettings.Scheduler settings) {
    return new Policy(
        settings.strategy(),
        settings.cpuOvercommitPercent(),
        settings.memoryOvercommitPercent(),
        settings.diskOvercommitPercent());
  }
}
