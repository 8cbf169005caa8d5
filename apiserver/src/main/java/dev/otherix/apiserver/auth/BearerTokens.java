package dev.otherix.apiserver.auth;

import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apimachinery.status.Status;
import dev.otherix.apimachinery.status.StatusReason;
import dev.otherix.apiserver.http.Request;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Fixed tokens, for programs that embed a server and for tests. Keeps hashes only.
public final class BearerTokens implements Authenticator {
  private static final String SCHEME = "bearer ";
  private static final String WEB_SOCKET = "base64url.bearer.authorization.k8s.io.";

  private final Map<String, Caller> callers = new HashMap<>();

  public BearerTokens(Map<String, Caller> callersByToken) {
    callersByToken.forEach((token, caller) -> callers.put(hash(token), caller));
  }

  @Override
  public @Nullable Caller authenticate(Request request) {
    String token = token(request);
    if (token == null) {
      return null;
    }
    Caller caller = callers.get(hash(token));
    if (caller == null) {
      throw ApiException.of(
          StatusReason.UNAUTHORIZED, "the bearer token is not known; log in again");
    }
    return caller;
  }

  /// The token that a request carries: in its Authorization header, or, as browsers cannot set that
  /// for a WebSocket, among the protocols.
  public static @Nullable String token(Request request) {
    String header = request.headers().first("authorization");
    if (header != null && header.toLowerCase(Locale.ROOT).startsWith(SCHEME)) {
      return header.substring(SCHEME.length()).strip();
    }
    String protocols = request.headers().first("sec-websocket-protocol");
    int at = protocols == null ? -1 : protocols.indexOf(WEB_SOCKET);
    if (protocols == null || at < 0) {
      return null;
    }
    int end = protocols.indexOf(',', at);
    String encoded =
        protocols.substring(at + WEB_SOCKET.length(), end < 0 ? protocols.length() : end).strip();
    try {
      return new String(Base64.getUrlDecoder().decode(encoded), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw new ApiException(
          Status.failure(
              StatusReason.UNAUTHORIZED, "the token in the WebSocket protocol is no base64", null),
          e);
    }
  }

  private static String hash(String token) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8));
      return Base64.getEncoder().encodeToString(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("a Java without SHA-256", e);
    }
  }
}
