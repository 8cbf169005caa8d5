package dev.otherix.ctl.manifest;

import dev.otherix.apimachinery.client.DeleteOptions;
import dev.otherix.apimachinery.client.ListOptions;
import dev.otherix.apimachinery.client.ResourceClient;
import dev.otherix.apimachinery.client.ServedType;
import dev.otherix.apimachinery.selector.LabelSelector;
import dev.otherix.ctl.failure.CommandFailure;
import dev.otherix.ctl.failure.Exit;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Deletes what an earlier apply made and the manifests have no more. Only objects that this tool
/// applied, and that have the set's labels.
record Pruning(String labels) {
  private static final int PAGE_ITEMS = 500;

  /// @throws CommandFailure when an object of the plan is not in the set: it would never be pruned
  static Pruning of(String labels, Plan plan) {
    LabelSelector selector = LabelSelector.parse(labels);
    for (Planned planned : plan.objects()) {
      if (!selector.matchesObject(planned.object())) {
        throw new CommandFailure(
            Exit.USAGE,
            planned.place()
                + ": "
                + planned.title()
                + " does not have the labels "
                + labels
                + " in its metadata, so a later --prune would not find it; add them");
      }
    }
    return new Pruning(labels);
  }

  void run(PlanServer server, List<PlanServer.Site> sent, DryRun dryRun, PrintWriter out)
      throws InterruptedException {
    Set<String> kept = new HashSet<>();
    Set<ServedType> types = new HashSet<>();
    for (PlanServer.Site site : sent) {
      kept.add(name(site.type(), site.object()));
      types.add(site.type());
    }
    for (ServedType type : server.types().all()) {
      boolean concerned = types.contains(type) || type.resource().group().equals("otherix");
      if (concerned && type.can("list", "delete")) {
        prune(server.client().resource(type.resource()), type, kept, dryRun, out);
      }
    }
  }

  private void prune(
      ResourceClient objects, ServedType type, Set<String> kept, DryRun dryRun, PrintWriter out)
      throws InterruptedException {
    List<ObjectNode> stale = new ArrayList<>();
    objects.forEach(
        ListOptions.ALL.withSelectors(labels, "").withLimit(PAGE_ITEMS),
        each -> {
          if (isApplied(each) && !kept.contains(name(type, each))) {
            stale.add(each);
          }
        });
    for (ObjectNode each : stale) {
      DeleteOptions options = DeleteOptions.DEFAULT.onlyUid(each.at("/metadata/uid").asString(""));
      objects.delete(
          ResourceClient.keyOf(each), dryRun == DryRun.SERVER ? options.asDryRun() : options);
      out.println(
          "pruned " + type.kind() + "/" + each.at("/metadata/name").asString("") + dryRun.suffix());
    }
  }

  private static boolean isApplied(ObjectNode object) {
    for (JsonNode entry : object.at("/metadata/managedFields")) {
      if (entry.path("manager").asString("").equals("otherixctl")
          && entry.path("operation").asString("").equals("Apply")) {
        return !object.path("metadata").has("deletionTimestamp");
      }
    }
    return false;
  }

  private static String name(ServedType type, ObjectNode object) {
    return type.resource() + " " + ResourceClient.keyOf(object);
  }
}
