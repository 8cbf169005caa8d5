package dev.otherix.apiserver.auth;

import dev.otherix.apiserver.http.Request;
import org.jspecify.annotations.Nullable;

/// One way to find out who calls.
@FunctionalInterface
public interface Authenticator {
  /// The caller, without the group of all authenticated; null when the request shows nothing that
  /// this way understands.
  ///
  /// @throws dev.otherix.apimachinery.status.ApiException 401 for credentials that are wrong
  /// @throws dev.otherix.apiserver.http.WouldWait when finding out takes long
  @Nullable Caller authenticate(Request request);

  /// Whether what [#authenticate] accepted still counts, asked for every message of a stream:
  /// answers from memory, at once.
  default boolean stillValid(Request request, Caller caller) {
    return true;
  }
}
