package dev.otherix.controllers.scheduler;

import dev.otherix.schemas.v1.Node;
import dev.otherix.schemas.v1.VM;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Chooses the node for a machine: of those that can take it the one that leaves the fewest wishes
/// unmet, then the one with the lowest score, then the first by name. A pure function: the same
/// nodes and the same request make the same decision, in whatever order the nodes come.
public final class Scheduler {
  private Scheduler() {}

  /// Is told what was found out about each node.
  private interface Judged {
    void node(Candidate node, @Nullable Rejection rejection, int unmet, double score);
  }

  /// @param nodes every node of the cluster: also those that cannot take it have neighbours
  public static Decision decide(
      PlacementRequest request, Collection<Candidate> nodes, Policy policy) {
    return decide(request, nodes, policy, (_, _, _, _) -> {});
  }

  /// The same decision, with what led to it.
  static Explained explain(PlacementRequest request, Collection<Candidate> nodes, Policy policy) {
    List<Explained.Verdict> verdicts = new ArrayList<>();
    Decision decision =
        decide(
            request,
            nodes,
            policy,
            (node, rejection, unmet, score) ->
                verdicts.add(new Explained.Verdict(node, rejection, unmet, score)));
    return new Explained(decision, request, verdicts);
  }

  private static Decision decide(
      PlacementRequest request, Collection<Candidate> nodes, Policy policy, Judged judged) {
    List<Rejection> rejections = new ArrayList<>();
    List<Candidate> able = new ArrayList<>();
    for (Candidate each : nodes) {
      Rejection rejection = NodeFilter.reject(request, each);
      if (rejection == null) {
        able.add(each);
      } else {
        rejections.add(rejection);
        judged.node(each, rejection, 0, 0);
      }
    }
    Places places = new Places(request, nodes, able);
    Fit fit = new Fit(request, policy);
    Choice best = null;
    for (Candidate each : able) {
      Rejection rejection = places.reject(each);
      if (rejection == null) {
        rejection = fit.reject(each);
      }
      if (rejection != null) {
        rejections.add(rejection);
        judged.node(each, rejection, 0, 0);
        continue;
      }
      Choice choice = new Choice(each.name(), unmet(request, places, each), fit.score(each));
      judged.node(each, null, choice.unmet(), choice.score());
      best = best == null || choice.isBetterThan(best) ? choice : best;
    }
    return best == null
        ? Explanation.of(request, nodes, rejections)
        : new Decision.Placed(best.node(), best.score(), rejections);
  }

  private static int unmet(PlacementRequest request, Places places, Candidate node) {
    int unmet = places.unmet(node);
    for (Node.Taint taint : node.taints()) {
      boolean discourages = taint.effect() == VM.TaintEffect.PREFER_NO_SCHEDULE;
      unmet += discourages && !NodeFilter.tolerates(request, taint) ? 1 : 0;
    }
    return unmet;
  }

  private record Choice(String node, int unmet, double score) {
    boolean isBetterThan(Choice other) {
      if (unmet != other.unmet) {
        return unmet < other.unmet;
      }
      int byScore = Double.compare(score, other.score);
      return byScore < 0 || (byScore == 0 && node.compareTo(other.node) < 0);
    }
  }
}
