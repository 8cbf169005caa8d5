package dev.otherix.apiserver.auth;

/// Decides who may do what. Called for every request, on event loops too: answers from memory.
@FunctionalInterface
public interface Authorizer {
  Decision decide(Caller caller, Permission permission);

  /// @param reason for people; may be empty
  record Decision(boolean allowed, String reason) {
    public static final Decision ALLOWED = new Decision(true, "");

    public static Decision refused(String reason) {
      return new Decision(false, reason);
    }
  }
}
