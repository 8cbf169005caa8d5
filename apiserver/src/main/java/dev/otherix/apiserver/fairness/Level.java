package dev.otherix.apiserver.fairness;

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

  /// The value of the label `priority_level` in metrics.
  public String wireName() {
    return wireName;
  }
}
