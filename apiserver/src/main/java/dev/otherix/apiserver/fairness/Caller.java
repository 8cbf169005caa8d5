package dev.otherix.apiserver.fairness;

import java.util.List;

/// Who asks.
///
/// @param user such as `system:node:n1`
public record Caller(String user, List<String> groups) {
  private static final String MASTERS = "system:masters";
  private static final String UNAUTHENTICATED = "system:unauthenticated";
  private static final String NODES = "system:nodes";
  private static final String SERVICE_ACCOUNTS = "system:serviceaccounts";

  public Caller {
    groups = List.copyOf(groups);
  }

  Level level() {
    if (groups.contains(MASTERS)) {
      return Level.EXEMPT;
    }
    if (groups.contains(UNAUTHENTICATED)) {
      return Level.ANONYMOUS;
    }
    if (groups.contains(NODES) || groups.contains(SERVICE_ACCOUNTS)) {
      return Level.MACHINES;
    }
    // A name with this prefix can only be given by the cluster's own authority.
    return user.startsWith("system:") ? Level.SYSTEM : Level.PEOPLE;
  }
}
