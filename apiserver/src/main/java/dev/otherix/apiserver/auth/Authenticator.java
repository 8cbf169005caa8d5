package dev.otherix.apiserver.auth;

import dev.otherix.apiserver.http.Request;
import java.util.List;
import java.util.function.BooleanSupplier;
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

  /// For whom tokens are that name nobody else.
  String SERVER = "otherix";

  /// A caller and for whom the token is by which he was found.
  record Reviewed(Caller caller, List<String> audiences) {
    public Reviewed {
      audiences = List.copyOf(audiences);
    }
  }

  /// As [#authenticate], for somebody else who got the request's token.
  ///
  /// @param audiences who asks; empty for this server
  default @Nullable Reviewed review(Request request, List<String> audiences) {
    Caller caller = authenticate(request);
    boolean meant = audiences.isEmpty() || audiences.contains(SERVER);
    return caller == null || !meant ? null : new Reviewed(caller, List.of(SERVER));
  }

  /// Whether what [#authenticate] accepted still counts, asked for every message of a stream:
  /// answers from memory, at once.
  default boolean stillValid(Request request, Caller caller) {
    return true;
  }

  /// Tells whether the caller is still who he was, for what he began with this request and what
  /// goes on without it: also when what he showed has run out meanwhile, as tokens of a session do
  /// while that goes on. Answers from memory, at once.
  default BooleanSupplier standing(Request request, Caller caller) {
    return () -> stillValid(request, caller);
  }
}
