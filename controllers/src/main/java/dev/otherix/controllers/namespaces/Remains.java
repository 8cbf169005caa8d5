package dev.otherix.controllers.namespaces;

import dev.otherix.apimachinery.object.Condition;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// What one round of emptying a namespace left, in the words of its conditions.
final class Remains {
  private final Map<String, Integer> objects = new TreeMap<>();
  private final Map<String, Integer> finalizers = new TreeMap<>();
  private final List<String> unknownGroups = new ArrayList<>();
  private final List<String> failures = new ArrayList<>();

  void object(String groupResource, List<String> itsFinalizers) {
    objects.merge(groupResource, 1, Integer::sum);
    itsFinalizers.forEach(each -> finalizers.merge(each, 1, Integer::sum));
  }

  void unknown(List<String> groupVersions) {
    unknownGroups.addAll(groupVersions);
  }

  void failed(String groupResource, String why) {
    failures.add(groupResource + ": " + why);
  }

  boolean isNothing() {
    return objects.isEmpty() && unknownGroups.isEmpty() && failures.isEmpty();
  }

  List<Condition> conditions() {
    return List.of(
        condition(
            "NamespaceDeletionDiscoveryFailure",
            !unknownGroups.isEmpty(),
            "DiscoveryFailed",
            "Discovery failed for some groups: " + String.join(", ", unknownGroups),
            "ResourcesDiscovered",
            "All resources successfully discovered"),
        condition(
            "NamespaceDeletionContentFailure",
            !failures.isEmpty(),
            "ContentDeletionFailed",
            "Failed to delete all resource types: " + String.join("; ", failures),
            "ContentDeleted",
            "All content successfully deleted, may be waiting on finalization"),
        condition(
            "NamespaceContentRemaining",
            !objects.isEmpty(),
            "SomeResourcesRemain",
            "Some resources are remaining: " + counts(objects, " has ", " resource instances"),
            "ContentRemoved",
            "All content successfully removed"),
        condition(
            "NamespaceFinalizersRemaining",
            !finalizers.isEmpty(),
            "SomeFinalizersRemain",
            "Some content in the namespace has finalizers remaining: "
                + counts(finalizers, " in ", " resource instances"),
            "ContentHasNoFinalizers",
            "All content-preserving finalizers finished"));
  }

  private static Condition condition(
      String type, boolean holds, String reason, String message, String noReason, String no) {
    return new Condition(
        type,
        holds ? Condition.TRUE : Condition.FALSE,
        0,
        null,
        holds ? reason : noReason,
        holds ? message : no);
  }

  private static String counts(Map<String, Integer> all, String between, String behind) {
    List<String> parts = new ArrayList<>();
    all.forEach((name, count) -> parts.add(name + between + count + behind));
    return String.join(", ", parts);
  }
}
