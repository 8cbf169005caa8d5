package dev.otherix.controllers.scheduler;

import dev.otherix.schemas.v1.VM;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What a machine wishes of its neighbours: with whom, apart from whom, and how evenly. A place is
/// a node, or all nodes with the same value of a label.
final class Places {
  private final PlacementRequest request;
  private final Collection<Candidate> all;
  private final List<Candidate> able;
  private final Map<Object, Map<String, Integer>> counts = new HashMap<>();

  /// @param all nodes, whose machines count
  /// @param able those that can take the machine by themselves: only their places are compared
  Places(PlacementRequest request, Collection<Candidate> all, List<Candidate> able) {
    this.request = request;
    this.all = all;
    this.able = able;
  }

  /// Null when no required wish is against the node.
  @Nullable Rejection reject(Candidate node) {
    for (VM.Affinity each : request.affinity()) {
      if (each.required() && !near(each, node)) {
        return NodeFilter.no(
            node,
            RejectionReason.AFFINITY,
            "no machine with " + text(each.matchLabels()) + " there");
      }
    }
    for (VM.Affinity each : request.antiAffinity()) {
      if (each.required() && !apart(each, node)) {
        return NodeFilter.no(
            node,
            RejectionReason.ANTI_AFFINITY,
            "a machine with " + text(each.matchLabels()) + " is there");
      }
    }
    for (VM.Spread each : request.spread()) {
      if (each.required() && !even(each, node)) {
        return NodeFilter.no(
            node,
            RejectionReason.SPREAD,
            "more than "
                + each.maxSkew()
                + " above the emptiest place in machines with "
                + text(each.matchLabels()));
      }
    }
    return null;
  }

  /// How many wishes that are not required the node leaves unmet.
  int unmet(Candidate node) {
    int unmet = 0;
    for (VM.Affinity each : request.affinity()) {
      unmet += each.required() || near(each, node) ? 0 : 1;
    }
    for (VM.Affinity each : request.antiAffinity()) {
      unmet += each.required() || apart(each, node) ? 0 : 1;
    }
    for (VM.Spread each : request.spread()) {
      unmet += each.required() || even(each, node) ? 0 : 1;
    }
    return unmet;
  }

  /// The first of a group that wishes to be together may go anywhere.
  private boolean near(VM.Affinity wish, Candidate node) {
    String place = place(node, wish.topologyKey());
    if (place.isEmpty()) {
      return false;
    }
    Map<String, Integer> there = count(wish, wish.matchLabels(), wish.topologyKey());
    if (there.getOrDefault(place, 0) > 0) {
      return true;
    }
    boolean ofItsOwn = request.labels().entrySet().containsAll(wish.matchLabels().entrySet());
    return ofItsOwn && there.values().stream().allMatch(each -> each == 0);
  }

  private boolean apart(VM.Affinity wish, Candidate node) {
    String place = place(node, wish.topologyKey());
    return place.isEmpty()
        || count(wish, wish.matchLabels(), wish.topologyKey()).getOrDefault(place, 0) == 0;
  }

  private boolean even(VM.Spread wish, Candidate node) {
    String place = place(node, wish.topologyKey());
    if (place.isEmpty()) {
      return false;
    }
    Map<String, Integer> there = count(wish, wish.matchLabels(), wish.topologyKey());
    int least = Integer.MAX_VALUE;
    for (Candidate each : able) {
      String other = place(each, wish.topologyKey());
      if (!other.isEmpty()) {
        least = Math.min(least, there.getOrDefault(other, 0));
      }
    }
    return there.getOrDefault(place, 0) + 1 - least <= wish.maxSkew();
  }

  private Map<String, Integer> count(
      Object wish, Map<String, String> labels, @Nullable String topologyKey) {
    return counts.computeIfAbsent(
        wish,
        _ -> {
          Map<String, Integer> there = new HashMap<>();
          for (Candidate each : all) {
            String place = place(each, topologyKey);
            if (!place.isEmpty()) {
              there.merge(place, each.load().matching(labels), Integer::sum);
            }
          }
          return there;
        });
  }

  /// Empty when the node is in no place of that kind.
  private static String place(Candidate node, @Nullable String topologyKey) {
    return topologyKey == null ? node.name() : node.labels().getOrDefault(topologyKey, "");
  }

  private static String text(Map<String, String> labels) {
    StringBuilder text = new StringBuilder();
    labels.entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .forEach(each ->
            text.append(text.isEmpty() ? "" : ",")
                .append(each.getKey())
                .append('=')
                .append(each.getValue()));
    return text.toString();
  }
}
