package dev.otherix.controllers.access;

import dev.otherix.apiserver.auth.Authorizer;
import dev.otherix.apiserver.auth.Caller;
import dev.otherix.apiserver.auth.Permission;
import dev.otherix.controllers.relay.Relay;

/// Asks the rules that are for the caller: those of nodes, those of roles, or what holds for
/// everybody.
final class AccessAuthorizer implements Authorizer {
  private final NodePermissions nodes;
  private final RolePermissions roles;
  private final Authorizer others;

  AccessAuthorizer(NodePermissions nodes, RolePermissions roles, Authorizer others) {
    this.nodes = nodes;
    this.roles = roles;
    this.others = others;
  }

  @Override
  public Decision decide(Caller caller, Permission permission) {
    if (NodePaths.isPublic(permission)
        || MemberPaths.isPublic(permission)
        || AuthPaths.isPublic(permission)
        || Relay.isPublic(permission)
        || (caller.in(Caller.AUTHENTICATED)
            && (AuthPaths.isOfOneself(permission) || ServerPaths.isOfTheKnown(permission)))) {
      return Decision.ALLOWED;
    }
    if (caller.in(Caller.MASTERS)) {
      return others.decide(caller, permission);
    }
    if (!NodeName.of(caller).isEmpty()) {
      return nodes.decide(caller, permission);
    }
    Role role = Role.of(caller);
    return role == null
        ? others.decide(caller, permission)
        : roles.decide(caller, role, permission);
  }
}
