package dev.otherix.controllers.pools;

import dev.otherix.apimachinery.object.Condition;
import dev.otherix.controllers.nodes.Pressure;
import dev.otherix.schemas.v1.Node;
import dev.otherix.schemas.v1.StoragePool;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// What a pool is on its nodes, worked out from what they report.
final class PoolRollUp {
  private static final int FREE_PERCENT_MIN = 15;
  private static final int SAMPLES = 1;

  private final StoragePool pool;
  private final List<Instance> instances = new ArrayList<>();

  private record Instance(
      String node, Node.@Nullable Pool reported, @Nullable Long effective, boolean pressure) {
    boolean isReady() {
      return reported != null && reported.error() == null;
    }
  }

  /// @param names the pool's nodes
  /// @param nodes those of them that exist
  /// @param promised bytes by node that the reports do not count yet
  PoolRollUp(
      StoragePool pool, List<String> names, Map<String, Node> nodes, Map<String, Long> promised) {
    this.pool = pool;
    for (String each : names) {
      Node.Pool reported = reported(nodes.get(each));
      Long free = reported == null ? null : reported.availableBytes();
      Long effective = free == null ? null : Math.max(0, free - promised.getOrDefault(each, 0L));
      Pressure pressure =
          before(each)
              .after(
                  free,
                  reported == null ? null : reported.capacityBytes(),
                  FREE_PERCENT_MIN,
                  SAMPLES);
      instances.add(new Instance(each, reported, effective, pressure.active()));
    }
  }

  private Node.@Nullable Pool reported(@Nullable Node node) {
    if (node == null || node.status() == null) {
      return null;
    }
    for (Node.Pool each : node.status().pools()) {
      if (each.name().equals(pool.metadata().name())) {
        return each;
      }
    }
    return null;
  }

  private Pressure before(String node) {
    if (pool.status() != null) {
      for (StoragePool.Instance each : pool.status().instances()) {
        if (each.nodeName().equals(node) && Boolean.TRUE.equals(each.diskPressure())) {
          return new Pressure(true, SAMPLES);
        }
      }
    }
    return Pressure.NONE;
  }

  /// The members of the status beside the conditions.
  ObjectNode members(boolean isDefault) {
    ObjectNode members = JsonNodeFactory.instance.objectNode();
    members.put("observedGeneration", pool.metadata().generation());
    members.put("isClusterDefault", isDefault);
    long free = 0;
    ArrayNode all = members.putArray("instances");
    for (Instance each : instances) {
      ObjectNode entry = all.addObject().put("nodeName", each.node());
      Node.Pool reported = each.reported();
      if (reported == null) {
        entry.put("reconciliationStatus", "pending");
        continue;
      }
      entry.put("reconciliationStatus", each.isReady() ? "ready" : "failed");
      put(entry, "reconciliationError", reported.error());
      put(entry, "capacityBytes", reported.capacityBytes());
      put(entry, "availableBytes", reported.availableBytes());
      put(entry, "availableBytesEffective", each.effective());
      entry.put("diskPressure", each.pressure());
      free += reported.availableBytes() == null ? 0 : reported.availableBytes();
    }
    members.put("availableBytes", free);
    return members;
  }

  private static void put(ObjectNode into, String name, @Nullable String value) {
    if (value != null) {
      into.put(name, value);
    }
  }

  private static void put(ObjectNode into, String name, @Nullable Long value) {
    if (value != null) {
      into.put(name, value);
    }
  }

  Condition ready() {
    int ready = 0;
    String failed = "";
    for (Instance each : instances) {
      ready += each.isReady() ? 1 : 0;
      if (each.reported() != null && !each.isReady()) {
        failed = each.node() + ": " + each.reported().error();
      }
    }
    String message = ready + " of " + instances.size() + " nodes have it";
    long generation = pool.metadata().generation();
    if (!failed.isEmpty()) {
      return new Condition(
          "Ready", Condition.FALSE, generation, null, "NodesFailed", message + "; " + failed);
    }
    return ready < instances.size()
        ? new Condition("Ready", Condition.FALSE, generation, null, "NodesPending", message)
        : new Condition("Ready", Condition.TRUE, generation, null, "NodesReady", message);
  }
}
