package dev.otherix.apiserver.fairness;

import dev.otherix.apiserver.auth.Caller;
import java.util.Set;

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

  private final String wireName;

  Level(String wireName) {
    this.wireName = wireName;
  }

  /// Of somebody who calls.
  ///
  /// @param machines the groups of controllers and agents
  static Level of(Caller caller, Set<String> machines) {
    if (caller.in(Caller.MASTERS)) {
      return EXEMPT;
    }
    if (caller.in(Caller.UNAUTHENTICATED)) {
      return ANONYMOUS;
    }
    for (String group : caller.groups()) {
      if (machines.contains(group)) {
        return MACHINES;
      }
    }
    // A name with this prefix can only be given by the cluster's own authority.
    return caller.name().startsWith("system:") ? SYSTEM : PEOPLE;
  }

  /// The value of the label `priority_level` in metrics.
  public String wireName() {
    return wireName;
  }
}
