package dev.otherix.controllers.scheduler;

import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/// Says why no node can take a machine: how many for which reason, and of those that came nearest
/// what they lack.
final class Explanation {
  private static final int NAMED_MAX = 3;

  private Explanation() {}

  static Decision.Unplaced of(
      PlacementRequest request, Collection<Candidate> nodes, List<Rejection> rejections) {
    String hint = request.nodeHint();
    if (!hint.isEmpty() && nodes.stream().noneMatch(each -> each.name().equals(hint))) {
      return new Decision.Unplaced(
          "NodeNotFound",
          "spec.node asks for " + hint + ", and there is no such node; waiting for it to join",
          rejections);
    }
    if (rejections.isEmpty()) {
      return new Decision.Unplaced(
          "NoNodes", "there is no node yet; waiting for one to join", rejections);
    }
    Map<RejectionReason, TreeSet<String>> byReason = new EnumMap<>(RejectionReason.class);
    Map<String, String> details = new HashMap<>();
    for (Rejection each : rejections) {
      byReason.computeIfAbsent(each.reason(), _ -> new TreeSet<>()).add(each.node());
      details.put(each.node(), each.detail());
    }
    RejectionReason nearest = byReason.keySet().stream().reduce((_, last) -> last).orElseThrow();
    StringBuilder text = new StringBuilder(256);
    text.append("none of ").append(rejections.size()).append(" nodes can take it:");
    byReason.forEach((reason, names) ->
        text.append(' ').append(names.size()).append(' ').append(reason.word()).append(','));
    text.setCharAt(text.length() - 1, ';');
    int named = 0;
    for (String each : byReason.getOrDefault(nearest, new TreeSet<>())) {
      if (named++ == NAMED_MAX) {
        break;
      }
      text.append(' ').append(each).append(": ").append(details.get(each)).append(';');
    }
    text.setLength(text.length() - 1);
    return new Decision.Unplaced(nearest.word(), text.toString(), rejections);
  }
}
