package dev.otherix.controllers.scheduler;

import dev.otherix.schemas.v1.Node;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// One node as the scheduler sees it: what it is, and what was promised on it. Immutable.
///
/// @param unready why it takes no machine because of its state; empty when it is ready
/// @param cpuCores null when the agent has not reported it
/// @param memoryMiB null when the agent has not reported it
/// @param memoryAvailableMiB as the agent measured it; null when it has not
/// @param features that not every node has, such as `tpm`
/// @param networks by name: empty when it is ready, else what is wrong with it
public record Candidate(
    String name,
    String arch,
    Map<String, String> labels,
    List<Node.Taint> taints,
    boolean hypervisor,
    String unready,
    boolean cordoned,
    boolean memoryPressure,
    boolean systemDiskPressure,
    @Nullable Integer cpuCores,
    @Nullable Long memoryMiB,
    @Nullable Long memoryAvailableMiB,
    Set<String> features,
    Map<String, String> networks,
    Map<String, PoolInstance> pools,
    Load load) {

  /// A pool on this node.
  ///
  /// @param unready why it takes no disk; empty when it is ready
  /// @param capacityBytes null when nobody measured it
  /// @param availableBytes null when nobody measured it
  public record PoolInstance(
      String unready,
      boolean pressure,
      @Nullable Long capacityBytes,
      @Nullable Long availableBytes) {}

  Candidate with(Load other) {
    return new Candidate(
        name,
        arch,
        labels,
        taints,
        hypervisor,
        unready,
        cordoned,
        memoryPressure,
        systemDiskPressure,
        cpuCores,
        memoryMiB,
        memoryAvailableMiB,
        features,
        networks,
        pools,
        other);
  }

  /// Measured, less what was promised and is not in the measure yet; null when nobody measured it.
  @Nullable Long memoryEffectiveMiB() {
    return memoryAvailableMiB == null
        ? null
        : Math.max(0, memoryAvailableMiB - load.unobservedMemoryMiB());
  }

  /// Measured, less what was promised and is not in the measure yet; null when nobody measured it.
  @Nullable Long diskEffectiveBytes(String pool) {
    PoolInstance instance = pools.get(pool);
    Long measured = instance == null ? null : instance.availableBytes();
    return measured == null ? null : Math.max(0, measured - load.unobservedDiskBytes(pool));
  }
}
