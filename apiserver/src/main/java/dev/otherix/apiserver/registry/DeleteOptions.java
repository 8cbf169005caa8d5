package dev.otherix.apiserver.registry;

import org.jspecify.annotations.Nullable;

/// How to delete.
///
/// @param propagation null when the client did not say
public record DeleteOptions(Preconditions preconditions, @Nullable Propagation propagation) {
  public static final DeleteOptions DEFAULT = new DeleteOptions(Preconditions.NONE, null);

  /// What becomes of the objects that the deleted one owns.
  public enum Propagation {
    /// They stay, without the owner.
    ORPHAN("Orphan"),
    /// They go after it.
    BACKGROUND("Background"),
    /// They go before it.
    FOREGROUND("Foreground");

    private final String wireName;

    Propagation(String wireName) {
      this.wireName = wireName;
    }

    public String wireName() {
      return wireName;
    }
  }
}
