package dev.otherix.apimachinery.schema;

/// Whether objects of a kind live inside a namespace.
public enum Scope {
  NAMESPACED("Namespaced"),
  CLUSTER("Cluster");

  private final String wireName;

  Scope(String wireName) {
    this.wireName = wireName;
  }

  public String wireName() {
    return wireName;
  }
}
