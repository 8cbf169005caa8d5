package dev.otherix.controllers.scheduler;

import org.jspecify.annotations.Nullable;

/// Whether a node has enough left, and how full it would be. What nobody measured is passed over.
/// Processors and memory are counted by what was promised; memory and disk also by what is really
/// free, so that neither a promise nor something beside us is forgotten.
final class Fit {
  private static final long PERCENT = 100;

  private final PlacementRequest request;
  private final Policy policy;

  Fit(PlacementRequest request, Policy policy) {
    this.request = request;
    this.policy = policy;
  }

  /// Null when it has enough.
  @Nullable Rejection reject(Candidate node) {
    Integer cores = node.cpuCores();
    if (cores != null) {
      long limit = cores * (long) policy.cpuPercent() / PERCENT;
      if (node.load().vcpus() + (long) request.vcpus() > limit) {
        return NodeFilter.no(
            node,
            RejectionReason.CPU,
            "needs "
                + request.vcpus()
                + " vCPUs; "
                + node.load().vcpus()
                + " of "
                + limit
                + " are promised");
      }
    }
    Rejection memory = memory(node);
    return memory == null ? disk(node) : memory;
  }

  private @Nullable Rejection memory(Candidate node) {
    Long total = node.memoryMiB();
    if (total != null) {
      long limit = total * policy.memoryPercent() / PERCENT;
      if (node.load().memoryMiB() + request.memoryMiB() > limit) {
        return NodeFilter.no(
            node,
            RejectionReason.MEMORY,
            "needs "
                + request.memoryMiB()
                + " MiB; "
                + node.load().memoryMiB()
                + " of "
                + limit
                + " MiB are promised");
      }
    }
    Long free = node.memoryEffectiveMiB();
    if (free != null && free * policy.memoryPercent() / PERCENT < request.memoryMiB()) {
      return NodeFilter.no(
          node,
          RejectionReason.MEMORY,
          "needs " + request.memoryMiB() + " MiB; " + free + " MiB are free");
    }
    return null;
  }

  private @Nullable Rejection disk(Candidate node) {
    Long free = node.diskEffectiveBytes(request.pool());
    if (request.diskBytes() <= 0 || free == null) {
      return null;
    }
    long limit =
        free / PERCENT * policy.diskPercent() + free % PERCENT * policy.diskPercent() / PERCENT;
    return limit < request.diskBytes()
        ? NodeFilter.no(
            node,
            RejectionReason.DISK,
            "needs "
                + request.diskBytes()
                + " bytes in pool "
                + request.pool()
                + "; "
                + free
                + " are free")
        : null;
  }

  /// How full the node would be, from 0 to 1 for each thing that was measured, on average; nodes
  /// that nobody measured come after all others.
  double score(Candidate node) {
    return switch (policy.strategy()) {
      case LEAST_VM_COUNT -> node.load().machines();
      case RESOURCE_AWARE -> fullness(node);
    };
  }

  private double fullness(Candidate node) {
    double sum = 0;
    int measured = 0;
    Integer cores = node.cpuCores();
    if (cores != null && cores > 0) {
      sum += (node.load().vcpus() + request.vcpus()) / (cores * share(policy.cpuPercent()));
      measured++;
    }
    Long memory = node.memoryMiB();
    if (memory != null && memory > 0) {
      Long free = node.memoryEffectiveMiB();
      long used = Math.max(node.load().memoryMiB(), free == null ? 0 : memory - free);
      sum += (used + request.memoryMiB()) / (memory * share(policy.memoryPercent()));
      measured++;
    }
    Candidate.PoolInstance pool = node.pools().get(request.pool());
    Long capacity = pool == null ? null : pool.capacityBytes();
    Long free = node.diskEffectiveBytes(request.pool());
    if (capacity != null && capacity > 0 && free != null) {
      sum += (capacity - free + request.diskBytes()) / (capacity * share(policy.diskPercent()));
      measured++;
    }
    return measured == 0 ? 1 + (double) node.load().machines() : sum / measured;
  }

  private static double share(int percent) {
    return percent / (double) PERCENT;
  }
}
