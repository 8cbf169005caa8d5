package dev.otherix.controllers.access;

import dev.otherix.apimachinery.selector.FieldSelector;
import dev.otherix.apiserver.auth.Authorizer;
import dev.otherix.apiserver.auth.Authorizer.Decision;
import dev.otherix.apiserver.auth.Caller;
import dev.otherix.apiserver.auth.Permission;
import dev.otherix.apiserver.registry.Resource;
import dev.otherix.apiserver.registry.Resources;
import dev.otherix.apiserver.watchcache.CacheItem;
import java.util.Set;

/// What people may do by their roles. A role that lacks a right is told so; whoever has it only for
/// his own objects finds no others. [Ownership] looks again at what is really there.
final class RolePermissions {
  private static final Set<String> NARROWED = Set.of("list", "watch", "deletecollection");

  private final Resources resources;
  private final Authorizer others;

  /// @param others decides what any known caller may do
  RolePermissions(Resources resources, Authorizer others) {
    this.resources = resources;
    this.others = others;
  }

  Decision decide(Caller caller, Role role, Permission permission) {
    if (role == Role.ADMIN) {
      return Decision.ALLOWED;
    }
    Right right =
        Rules.needed(
            permission.group(), permission.resource(), permission.verb(), permission.subresource());
    if (right == null) {
      Decision decision = others.decide(caller, permission);
      return decision.allowed()
          ? decision
          : Decision.refused("role " + role.wireName() + " may not; it takes the role admin");
    }
    return switch (right.of(role)) {
      case ANY -> Decision.ALLOWED;
      case OWN -> own(caller, permission);
      case NONE ->
          Decision.refused("role " + role.wireName() + " does not hold " + right.wireName());
    };
  }

  private Decision own(Caller caller, Permission permission) {
    if (NARROWED.contains(permission.verb())) {
      String field = Owner.field(permission.resource());
      return field.isEmpty()
          ? Decision.refused("only single objects of one's own; name one")
          : Decision.within(field, caller.name());
    }
    if (permission.name().isEmpty()) {
      return new Decision(true, "for one's own", false, FieldSelector.everything());
    }
    Resource resource = resources.find(permission.group(), permission.resource());
    CacheItem item = resource == null ? null : resource.peek("", permission.name());
    boolean others = item != null && !Owner.of(permission.resource(), item).equals(caller.name());
    return others ? Decision.HIDDEN : Decision.ALLOWED;
  }
}
