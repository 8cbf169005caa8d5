package dev.otherix.controllers.scheduler;

import dev.otherix.controllers.cluster.OtherixResources;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// A decision with what was found out about every node.
///
/// @param decision where the machine would go
/// @param request null when the decision was made before any node was looked at
/// @param verdicts one for each node
record Explained(Decision decision, @Nullable PlacementRequest request, List<Verdict> verdicts) {
  private static final Comparator<Verdict> BEST_FIRST =
      Comparator.comparing((Verdict each) -> each.rejection() != null)
          .thenComparingInt(Verdict::unmet)
          .thenComparingDouble(Verdict::score)
          .thenComparing(each -> each.node().name());

  /// @param rejection null for a node that can take the machine
  /// @param unmet how many of its wishes the node leaves unmet
  /// @param score the lower the better
  record Verdict(Candidate node, @Nullable Rejection rejection, int unmet, double score) {}

  ObjectNode toJson(String machine, @Nullable String boundTo) {
    ObjectNode answer = JsonNodeFactory.instance.objectNode();
    answer.put("apiVersion", OtherixResources.API_VERSION).put("kind", "PlacementExplanation");
    answer.put("machine", machine);
    if (boundTo != null) {
      answer.put("boundTo", boundTo);
    }
    switch (decision) {
      case Decision.Placed placed -> answer.put("node", placed.node());
      case Decision.Unplaced unplaced ->
          answer.put("reason", unplaced.reason()).put("message", unplaced.message());
    }
    if (request != null) {
      answer
          .putObject("required")
          .put("vcpus", request.vcpus())
          .put("memoryMiB", request.memoryMiB())
          .put("diskBytes", request.diskBytes())
          .put("pool", request.pool());
    }
    ArrayNode candidates = answer.putArray("candidates");
    for (Verdict each : verdicts.stream().sorted(BEST_FIRST).toList()) {
      candidate(candidates.addObject(), each);
    }
    return answer;
  }

  private void candidate(ObjectNode out, Verdict verdict) {
    Candidate node = verdict.node();
    Rejection rejection = verdict.rejection();
    out.put("node", node.name()).put("fits", rejection == null);
    if (rejection == null) {
      out.put("score", verdict.score()).put("unmetWishes", verdict.unmet());
    } else {
      out.put("reason", rejection.reason().word()).put("message", rejection.detail());
    }
    out.put("machines", node.load().machines());
    out.put("vcpusPromised", node.load().vcpus()).put("memoryPromisedMiB", node.load().memoryMiB());
    if (node.cpuCores() != null) {
      out.put("cpuCores", node.cpuCores());
    }
    if (node.memoryMiB() != null) {
      out.put("memoryMiB", node.memoryMiB());
    }
    Candidate.PoolInstance pool = request == null ? null : node.pools().get(request.pool());
    if (pool != null && pool.capacityBytes() != null) {
      out.put("poolCapacityBytes", pool.capacityBytes());
    }
    if (pool != null && pool.availableBytes() != null) {
      out.put("poolAvailableBytes", pool.availableBytes());
    }
  }
}
