package dev.otherix.controllers.scheduler;

import dev.otherix.schemas.v1.Node;
import dev.otherix.schemas.v1.VM;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Whether a node by itself can take a machine: its state, its kind, its pool and its networks.
final class NodeFilter {
  private NodeFilter() {}

  /// Null when it can.
  static @Nullable Rejection reject(PlacementRequest request, Candidate node) {
    Rejection rejection = state(request, node);
    if (rejection == null) {
      rejection = kind(request, node);
    }
    if (rejection == null) {
      rejection = pool(request, node);
    }
    return rejection == null ? networks(request, node) : rejection;
  }

  private static @Nullable Rejection state(PlacementRequest request, Candidate node) {
    if (!request.nodeHint().isEmpty() && !request.nodeHint().equals(node.name())) {
      return no(node, RejectionReason.OTHER_NODE_ASKED, "spec.node asks for " + request.nodeHint());
    }
    if (!request.sourceNode().isEmpty() && !request.sourceNode().equals(node.name())) {
      return no(
          node,
          RejectionReason.SNAPSHOT_ELSEWHERE,
          "the snapshot that its disk is made of is on " + request.sourceNode());
    }
    if (!node.hypervisor()) {
      return no(node, RejectionReason.NO_HYPERVISOR, "it has not the role hypervisor");
    }
    if (!node.unready().isEmpty()) {
      return no(node, RejectionReason.NODE_NOT_READY, "it is " + node.unready());
    }
    return node.cordoned()
        ? no(node, RejectionReason.CORDONED, "it is cordoned; uncordon it to place machines on it")
        : null;
  }

  private static @Nullable Rejection kind(PlacementRequest request, Candidate node) {
    if (!request.arch().isEmpty() && !request.arch().equals(node.arch())) {
      return no(
          node,
          RejectionReason.ARCHITECTURE,
          "it is " + node.arch() + ", the machine " + request.arch());
    }
    for (String wanted : request.features()) {
      if (!node.features().contains(wanted)) {
        return no(
            node,
            RejectionReason.FEATURE,
            "it has no " + wanted + "; otherix-agent doctor tells there what to install");
      }
    }
    for (Map.Entry<String, String> wanted : request.nodeSelector().entrySet()) {
      String has = node.labels().get(wanted.getKey());
      if (!wanted.getValue().equals(has)) {
        String found = has == null ? "it has no such label" : "it has " + has;
        return no(
            node,
            RejectionReason.NODE_SELECTOR,
            "label " + wanted.getKey() + "=" + wanted.getValue() + " is asked for; " + found);
      }
    }
    for (Node.Taint taint : node.taints()) {
      if (taint.effect() == VM.TaintEffect.NO_SCHEDULE && !tolerates(request, taint)) {
        return no(node, RejectionReason.TAINT, "taint " + text(taint) + " is not tolerated");
      }
    }
    return null;
  }

  static boolean tolerates(PlacementRequest request, Node.Taint taint) {
    for (VM.Toleration each : request.tolerations()) {
      boolean value = each.value() == null || each.value().equals(taint.value());
      boolean effect = each.effect() == null || each.effect() == taint.effect();
      if (each.key().equals(taint.key()) && value && effect) {
        return true;
      }
    }
    return false;
  }

  private static String text(Node.Taint taint) {
    String value = taint.value() == null ? "" : "=" + taint.value();
    return taint.key() + value + ":" + Words.of(taint.effect());
  }

  private static @Nullable Rejection pool(PlacementRequest request, Candidate node) {
    Candidate.PoolInstance pool = node.pools().get(request.pool());
    if (pool == null) {
      return no(node, RejectionReason.POOL_NOT_ON_NODE, "pool " + request.pool() + " is not on it");
    }
    if (!pool.unready().isEmpty()) {
      return no(
          node,
          RejectionReason.POOL_NOT_READY,
          "pool " + request.pool() + " is not ready: " + pool.unready());
    }
    if (node.memoryPressure()) {
      return no(node, RejectionReason.MEMORY_PRESSURE, "it is short of memory");
    }
    if (node.systemDiskPressure()) {
      return no(node, RejectionReason.SYSTEM_DISK_PRESSURE, "its system disk is nearly full");
    }
    return pool.pressure()
        ? no(node, RejectionReason.POOL_PRESSURE, "pool " + request.pool() + " is nearly full")
        : null;
  }

  private static @Nullable Rejection networks(PlacementRequest request, Candidate node) {
    for (String network : request.networks()) {
      String wrong = node.networks().get(network);
      if (wrong == null) {
        return no(
            node,
            RejectionReason.NETWORK_NOT_READY,
            "it has not reported network " + network + " yet");
      }
      if (!wrong.isEmpty()) {
        return no(
            node,
            RejectionReason.NETWORK_NOT_READY,
            "network " + network + " is not ready: " + wrong);
      }
    }
    return null;
  }

  static Rejection no(Candidate node, RejectionReason reason, String detail) {
    return new Rejection(node.name(), reason, detail);
  }
}
