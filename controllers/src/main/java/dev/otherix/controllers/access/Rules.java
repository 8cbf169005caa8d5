package dev.otherix.controllers.access;

import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Which right a request needs. What stands in no rule needs the role admin.
final class Rules {
  private static final Set<String> READ = Set.of("get", "list", "watch");
  private static final Set<String> CHANGE = Set.of("update", "patch");
  private static final Set<String> REMOVE = Set.of("delete", "deletecollection");
  private static final Set<String> CREATE = Set.of("create");
  private static final Set<String> WRITE =
      Set.of("create", "update", "patch", "delete", "deletecollection");

  /// @param group of the API
  /// @param subresources with the empty one for the object itself
  record Rule(
      String group, String resource, Set<String> verbs, Set<String> subresources, Right right) {
    boolean meets(String group, String resource, String verb, String subresource) {
      return this.group.equals(group)
          && this.resource.equals(resource)
          && verbs.contains(verb)
          && subresources.contains(subresource);
    }
  }

  private static final Set<String> ITSELF = Set.of("");
  private static final Set<String> AND_STATUS = Set.of("", "status");

  static final List<Rule> ALL =
      List.of(
          rule("vms", READ, AND_STATUS, Right.VM_READ),
          rule("vms", CREATE, ITSELF, Right.VM_CREATE),
          rule("vms", CHANGE, ITSELF, Right.VM_UPDATE),
          rule("vms", REMOVE, ITSELF, Right.VM_DELETE),
          rule(
              "vms",
              CREATE,
              Set.of("start", "stop", "poweroff", "reboot", "reset", "pause", "resume"),
              Right.VM_LIFECYCLE),
          rule("vms", CREATE, Set.of("console", "vnc"), Right.VM_CONSOLE),
          rule("vms", Set.of("get"), Set.of("log"), Right.VM_CONSOLE),
          rule("vms", CREATE, Set.of("portforward"), Right.VM_CONNECT),
          rule("vms", CREATE, Set.of("explain-placement"), Right.NODE_DETAIL),
          rule(Kinds.SNAPSHOTS, READ, AND_STATUS, Right.SNAPSHOT_READ),
          rule(Kinds.SNAPSHOTS, CREATE, ITSELF, Right.SNAPSHOT_CREATE),
          rule(Kinds.SNAPSHOTS, CHANGE, ITSELF, Right.SNAPSHOT_UPDATE),
          rule(Kinds.SNAPSHOTS, REMOVE, ITSELF, Right.SNAPSHOT_DELETE),
          rule(Kinds.SNAPSHOTS, CREATE, Set.of("restore"), Right.SNAPSHOT_RESTORE),
          rule("networks", READ, AND_STATUS, Right.NETWORK_READ),
          rule("networks", WRITE, ITSELF, Right.NETWORK_MANAGE),
          rule("ports", READ, AND_STATUS, Right.NETWORK_READ),
          rule(Kinds.SECURITY_RULES, READ, AND_STATUS, Right.VM_READ),
          rule(Kinds.SECURITY_RULES, CREATE, ITSELF, Right.VM_CREATE),
          rule(Kinds.SECURITY_RULES, CHANGE, ITSELF, Right.VM_UPDATE),
          rule(Kinds.SECURITY_RULES, REMOVE, ITSELF, Right.VM_DELETE),
          rule("meshpeers", READ, AND_STATUS, Right.NODE_DETAIL),
          rule("storagepools", READ, AND_STATUS, Right.STORAGE_POOL_READ),
          rule("storagepools", WRITE, ITSELF, Right.STORAGE_POOL_MANAGE),
          rule("storagepools", CREATE, Set.of("scan"), Right.STORAGE_POOL_SCAN),
          rule("nodes", READ, AND_STATUS, Right.NODE_READ),
          rule("nodes", WRITE, ITSELF, Right.NODE_MANAGE),
          rule(
              "nodes",
              CREATE,
              Set.of("cordon", "uncordon", "drain", "readmit"),
              Right.NODE_MAINTENANCE),
          rule("jointokens", READ, AND_STATUS, Right.NODE_MANAGE),
          rule("jointokens", WRITE, ITSELF, Right.NODE_MANAGE),
          rule("users", READ, AND_STATUS, Right.USER_READ),
          rule("users", CHANGE, ITSELF, Right.USER_UPDATE),
          rule("users", CREATE, ITSELF, Right.USER_MANAGE),
          rule("users", REMOVE, ITSELF, Right.USER_MANAGE),
          rule("apitokens", READ, AND_STATUS, Right.API_TOKEN_MANAGE),
          rule("apitokens", WRITE, ITSELF, Right.API_TOKEN_MANAGE),
          rule("tasks", READ, AND_STATUS, Right.TASK_READ),
          rule("tasks", CREATE, Set.of("cancel"), Right.TASK_CANCEL),
          rule("clustersettings", READ, AND_STATUS, Right.CLUSTER_READ),
          rule("clustersettings", WRITE, ITSELF, Right.CLUSTER_MANAGE),
          new Rule("", "namespaces", READ, AND_STATUS, Right.CLUSTER_READ),
          new Rule("", "events", READ, ITSELF, Right.CLUSTER_READ),
          new Rule("events.k8s.io", "events", READ, ITSELF, Right.CLUSTER_READ));

  private Rules() {}

  private static Rule rule(
      String resource, Set<String> verbs, Set<String> subresources, Right right) {
    return new Rule(Kinds.GROUP, resource, verbs, subresources, right);
  }

  /// Null when only an administrator may do it.
  static @Nullable Right needed(String group, String resource, String verb, String subresource) {
    for (Rule each : ALL) {
      if (each.meets(group, resource, verb, subresource)) {
        return each.right;
      }
    }
    return null;
  }
}
