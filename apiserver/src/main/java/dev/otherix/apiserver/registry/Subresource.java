package dev.otherix.apiserver.registry;

/// Through which door a write comes, and so what it may change.
public enum Subresource {
  /// The object itself: everything but a status that has a door of its own.
  MAIN(""),
  /// Only `status`.
  STATUS("status"),
  /// The numbers that `autoscaling/v1 Scale` shows, in the spec.
  SCALE("scale"),
  /// The finalizers in a Namespace's spec.
  FINALIZE("finalize");

  private final String wireName;

  Subresource(String wireName) {
    this.wireName = wireName;
  }

  public String wireName() {
    return wireName;
  }
}
