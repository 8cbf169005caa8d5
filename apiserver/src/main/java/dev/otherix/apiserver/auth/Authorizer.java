package dev.otherix.apiserver.auth;

import dev.otherix.apimachinery.selector.FieldSelector;

/// Decides who may do what. Called for every request, on event loops too: answers from memory.
@FunctionalInterface
public interface Authorizer {
  Decision decide(Caller caller, Permission permission);

  /// @param reason for people; may be empty
  /// @param hidden of a refusal: the caller shall not learn that the object exists, so the answer
  ///   is the one for an object that does not
  /// @param within of a permission for a collection: only objects that this selects
  record Decision(boolean allowed, String reason, boolean hidden, FieldSelector within) {
    public static final Decision ALLOWED =
        new Decision(true, "", false, FieldSelector.everything());

    /// For an object that the caller must not even know of.
    public static final Decision HIDDEN = new Decision(false, "", true, FieldSelector.everything());

    public static Decision refused(String reason) {
      return new Decision(false, reason, false, FieldSelector.everything());
    }

    /// Allowed for the objects of a collection that `field=value` selects.
    public static Decision within(String field, String value) {
      return new Decision(true, "", false, FieldSelector.of(field, value));
    }
  }
}
