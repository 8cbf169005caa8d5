package dev.otherix.controllers.scheduler;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// What was promised on one node: every machine that is bound to it, running or not, because a
/// stopped one may be started at any time. Immutable.
///
/// @param claims in the order in which they were made
/// @param unobservedDisk by pool: bytes that its measure on this node does not count yet
public record Load(
    List<Claim> claims,
    int vcpus,
    long memoryMiB,
    long unobservedMemoryMiB,
    Map<String, Long> unobservedDisk) {
  public static final Load NONE = new Load(List.of(), 0, 0, 0, Map.of());

  /// One machine on the node.
  ///
  /// @param observed whether the node's measures count it already
  public record Claim(
      String uid,
      String pool,
      int vcpus,
      long memoryMiB,
      long diskBytes,
      Map<String, String> labels,
      boolean observed) {
    Claim seen(boolean now) {
      return new Claim(uid, pool, vcpus, memoryMiB, diskBytes, labels, now);
    }
  }

  public Load {
    claims = List.copyOf(claims);
    unobservedDisk = Map.copyOf(unobservedDisk);
  }

  public static Load of(List<Claim> claims) {
    int vcpus = 0;
    long memory = 0;
    long unobserved = 0;
    Map<String, Long> disk = new HashMap<>();
    for (Claim each : claims) {
      vcpus += each.vcpus();
      memory += each.memoryMiB();
      if (!each.observed()) {
        unobserved += each.memoryMiB();
        disk.merge(each.pool(), each.diskBytes(), Long::sum);
      }
    }
    return new Load(claims, vcpus, memory, unobserved, disk);
  }

  Load plus(Claim claim) {
    List<Claim> more = new ArrayList<>(claims.size() + 1);
    more.addAll(claims);
    more.add(claim);
    return of(more);
  }

  /// Disks promised on the pool that the node's measure of it does not count yet.
  long unobservedDiskBytes(String pool) {
    return unobservedDisk.getOrDefault(pool, 0L);
  }

  int machines() {
    return claims.size();
  }

  /// How many machines have all these labels.
  int matching(Map<String, String> labels) {
    int count = 0;
    for (Claim each : claims) {
      if (each.labels().entrySet().containsAll(labels.entrySet())) {
        count++;
      }
    }
    return count;
  }
}
