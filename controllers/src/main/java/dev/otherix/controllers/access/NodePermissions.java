package dev.otherix.controllers.access;

import dev.otherix.apiserver.auth.Authorizer;
import dev.otherix.apiserver.auth.Authorizer.Decision;
import dev.otherix.apiserver.auth.Caller;
import dev.otherix.apiserver.auth.Permission;
import dev.otherix.apiserver.registry.Resource;
import dev.otherix.apiserver.registry.Resources;
import dev.otherix.apiserver.watchcache.CacheItem;
import dev.otherix.controllers.relay.Relay;
import java.util.Set;

/// What a node may do: read and report on what is its own or bound to it, and read what all nodes
/// need. [NodeWrites] looks at what it writes.
final class NodePermissions {
  static final String LEASES = "otherix-nodes";

  private static final String NODE_NAME = "spec.nodeName";
  private static final String NAME = "metadata.name";
  private static final Set<String> READ = Set.of("get", "list", "watch");
  private static final Set<String> CHANGE = Set.of("update", "patch");
  private static final Set<String> OF_ALL =
      Set.of(
          "ports",
          "networks",
          "meshpeers",
          Kinds.SECURITY_RULES,
          "storagepools",
          "clustersettings");
  private static final Set<String> EVENT_GROUPS = Set.of("", "events.k8s.io");

  private final Resources resources;
  private final Authorizer others;

  /// @param others decides what any known caller may do
  NodePermissions(Resources resources, Authorizer others) {
    this.resources = resources;
    this.others = others;
  }

  Decision decide(Caller caller, Permission permission) {
    String node = NodeName.of(caller);
    if (Kinds.ours(permission)) {
      return switch (permission.resource()) {
        case Kinds.VMS, Kinds.SNAPSHOTS -> bound(node, permission, true);
        case Kinds.TASKS -> bound(node, permission, false);
        case Kinds.NODES -> itself(node, permission);
        default ->
            OF_ALL.contains(permission.resource())
                    && permission.subresource().isEmpty()
                    && READ.contains(permission.verb())
                ? Decision.ALLOWED
                : Decision.refused("");
      };
    }
    if (permission.resource().equals("leases")) {
      return ownLease(node, permission);
    }
    if (permission.resource().equals("events") && EVENT_GROUPS.contains(permission.group())) {
      boolean writes = permission.verb().equals("create") || CHANGE.contains(permission.verb());
      return writes ? Decision.ALLOWED : Decision.refused("");
    }
    if (Relay.isOfNode(permission, node)) {
      return Decision.ALLOWED;
    }
    if (permission.path().equals(NodePaths.RENEW) && permission.verb().equals("post")) {
      return Decision.ALLOWED;
    }
    return others.decide(caller, permission);
  }

  /// Objects whose `spec.nodeName` says where they are.
  ///
  /// @param mayTouch whether the object itself may be written, for its finalizer
  private Decision bound(String node, Permission permission, boolean mayTouch) {
    boolean status = permission.subresource().equals("status");
    if (!status && !permission.subresource().isEmpty()) {
      return Decision.refused("");
    }
    return switch (permission.verb()) {
      case "list", "watch" ->
          permission.name().isEmpty()
              ? Decision.within(NODE_NAME, node)
              : onlyWhenBound(node, permission);
      case "get" -> onlyWhenBound(node, permission);
      case "update", "patch" ->
          status || mayTouch ? onlyWhenBound(node, permission) : Decision.refused("");
      default -> Decision.refused("");
    };
  }

  private Decision onlyWhenBound(String node, Permission permission) {
    Resource resource = resources.find(permission.group(), permission.resource());
    CacheItem item = resource == null ? null : resource.peek("", permission.name());
    return item != null && item.field(NODE_NAME).equals(node) ? Decision.ALLOWED : Decision.HIDDEN;
  }

  private static Decision itself(String node, Permission permission) {
    boolean status = permission.subresource().equals("status");
    if (!status && !permission.subresource().isEmpty()) {
      return Decision.refused("");
    }
    boolean reads = READ.contains(permission.verb());
    if (reads && permission.name().isEmpty()) {
      return Decision.within(NAME, node);
    }
    if (!reads && !(status && CHANGE.contains(permission.verb()))) {
      return Decision.refused("");
    }
    return permission.name().equals(node) ? Decision.ALLOWED : Decision.HIDDEN;
  }

  private static Decision ownLease(String node, Permission permission) {
    boolean own =
        permission.group().equals("coordination.k8s.io") && permission.namespace().equals(LEASES);
    boolean allowed =
        own
            && switch (permission.verb()) {
              case "create" -> true;
              case "get", "update", "patch" -> permission.name().equals(node);
              default -> false;
            };
    return allowed ? Decision.ALLOWED : Decision.refused("");
  }
}
