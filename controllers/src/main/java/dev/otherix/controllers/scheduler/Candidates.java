package dev.otherix.controllers.scheduler;

import dev.otherix.apimachinery.object.Condition;
import dev.otherix.schemas.v1.Node;
import dev.otherix.schemas.v1.StoragePool;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Makes a [Candidate] of what the server says about a node, its pools and its machines.
final class Candidates {
  private static final String NO_REASON = "not ready yet";

  private Candidates() {}

  /// @param claims what is bound to the node; whether a measure counts it is worked out here
  static Candidate of(Node node, Map<String, StoragePool> pools, List<Load.Claim> claims) {
    Node.Spec spec = node.spec();
    Node.Status status = node.status();
    String name = node.metadata().name();
    Node.Capacity capacity = status == null ? null : status.capacity();
    Node.Available available = status == null ? null : status.available();
    return new Candidate(
        name,
        Words.of(spec.arch()),
        node.metadata().labels(),
        spec.taints(),
        spec.roles().contains(Node.Role.HYPERVISOR),
        unready(status),
        spec.cordoned() || spec.draining(),
        isTrue(status, "MemoryPressure"),
        isTrue(status, "SystemDiskPressure"),
        capacity == null ? null : capacity.cpuCores(),
        capacity == null ? null : capacity.memoryMiB(),
        available == null ? null : available.memoryMiB(),
        features(status),
        networks(status),
        instances(name, pools),
        Load.of(observed(status, claims)));
  }

  private static String unready(Node.@Nullable Status status) {
    Node.Phase phase = status == null ? null : status.phase();
    if (phase == null) {
      return "pending";
    }
    return phase == Node.Phase.READY ? "" : phase.name().toLowerCase(Locale.ROOT);
  }

  private static boolean isTrue(Node.@Nullable Status status, String type) {
    return status != null
        && Condition.find(status.conditions(), type).map(Condition::isTrue).orElse(false);
  }

  private static Set<String> features(Node.@Nullable Status status) {
    Node.Capabilities told = status == null ? null : status.capabilities();
    Set<String> features = new HashSet<>();
    if (told != null && told.firmwares().contains(PlacementRequest.SECURE_BOOT)) {
      features.add(PlacementRequest.SECURE_BOOT);
    }
    if (told != null && Boolean.TRUE.equals(told.tpm())) {
      features.add(PlacementRequest.TPM);
    }
    return features;
  }

  private static Map<String, String> networks(Node.@Nullable Status status) {
    Map<String, String> networks = new HashMap<>();
    if (status != null) {
      for (Node.NetworkState each : status.networks()) {
        String error = each.error() == null ? NO_REASON : each.error();
        networks.put(each.name(), each.ready() ? "" : error);
      }
    }
    return networks;
  }

  private static Map<String, Candidate.PoolInstance> instances(
      String node, Map<String, StoragePool> pools) {
    Map<String, Candidate.PoolInstance> found = new HashMap<>();
    pools.forEach((name, pool) -> {
      StoragePool.Status status = pool.status();
      if (status == null) {
        return;
      }
      for (StoragePool.Instance each : status.instances()) {
        if (each.nodeName().equals(node)) {
          found.put(name, instance(each));
        }
      }
    });
    return found;
  }

  private static Candidate.PoolInstance instance(StoragePool.Instance instance) {
    String unready =
        switch (instance.reconciliationStatus()) {
          case READY -> "";
          case PENDING -> NO_REASON;
          case FAILED -> {
            String error = instance.reconciliationError();
            yield error == null ? NO_REASON : error;
          }
        };
    return new Candidate.PoolInstance(
        unready,
        Boolean.TRUE.equals(instance.diskPressure()),
        instance.capacityBytes(),
        instance.availableBytes());
  }

  private static List<Load.Claim> observed(Node.@Nullable Status status, List<Load.Claim> claims) {
    Set<String> known = new HashSet<>();
    if (status != null) {
      status.machines().forEach(each -> known.add(each.uid()));
    }
    List<Load.Claim> marked = new ArrayList<>(claims.size());
    for (Load.Claim each : claims) {
      marked.add(each.seen(known.contains(each.uid())));
    }
    return marked;
  }
}
