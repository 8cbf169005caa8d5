package dev.otherix.controllers.scheduler;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// What was promised on one node: every machine that is bound to it, running or not, because a
/// stopped one may be started at any time. Immutable.
///
/// @param claims in the order in which they were made
public record Load(List<Claim> claims, int vcpus, long memoryMiB, long unobservedMemoryMiB) {
  public static final Load NONE = new Load(List.of(), 0, 0, 0);

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
  }

  public static Load of(List<Claim> claims) {
    int vcpus = 0;
    long memory = 0;
    long unobserved = 0;
    for (Claim each : claims) {
      vcpus += each.vcpus();
      memory += each.memoryMiB();
      unobserved += each.observed() ? 0 : each.memoryMiB();
    }
    return new Load(claims, vcpus, memory, unobserved);
  }

  Load plus(Claim claim) {
    List<Claim> more = new ArrayList<>(claims.size() + 1);
    more.addAll(claims);
    more.add(claim);
    return new Load(
        more,
        vcpus + claim.vcpus(),
        memoryMiB + claim.memoryMiB(),
        unobservedMemoryMiB + (claim.observed() ? 0 : claim.memoryMiB()));
  }

  /// Disks promised on the pool that the node's measure of it does not count yet.
  long unobservedDiskBytes(String pool) {
    long bytes = 0;
    for (Claim each : claims) {
      if (!each.observed() && each.pool().equals(pool)) {
        bytes += each.diskBytes();
      }
    }
    return bytes;
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
