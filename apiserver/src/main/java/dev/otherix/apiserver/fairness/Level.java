package dev.otherix.apiserver.fairness;

import dev.otherix.apiserver.auth.Caller;

/// How important a caller is. Levels share the server by fixed parts, so that none starves another.
public enum Level {
  /// Never waits and is never refused: health probes, administrators.
  EXEMPT("exempt"),
  /// The server's own parts, and leader election.
  SYSTEM("system"),
  /// Controllers and the agents of nodes.
  MACHINES("machines"),
  PEOPLE("people"),
  ANONYMOUS("anonymous");

  private static final String NODES = "system:nodes";
  private static final String SERVICE_ACCOUNTS = "system:serviceaccounts";

  private final String wireName;

  Level(String wireName) {
    this.wireName = wireName;
  }

  /// The value of the label `priority_level` in metrics. Of somebody who calls.
  static Level of(Caller caller) {
    if (caller.in(Caller.MASTERS)) {
      return EXEMPT;
    }
    if (caller.in(Caller.UNAUTHENTICATED)) {
      return ANONYMOUS;
    }
    if (caller.in(NODES) || caller.in(SERVICE_ACCOUNTS)) {
      return MACHINES;
    }
    // A name with this prefix can only be given by the cluster's own authority.
    return caller.name().startsWith("system:") ? SYSTEM : PEOPLE;
  }

  /// The value of the label `priority_level` in metrics.
  public String wireName() {
    return wireName;
  }
}
