package dev.otherix.apiserver.server;

import dev.otherix.apiserver.http.Request;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;

/// Gives every request a name under which logs and the client speak of it. A client may bring its
/// own.
final class RequestIds {
  static final String HEADER = "audit-id";

  private static final int LENGTH_MAX = 64;

  /// Odd, so that adding it visits every number before one comes again.
  private static final long STEP = 0x9e3779b97f4a7c15L;

  private final AtomicLong next;

  /// @param random where the ids begin; another one each time would cost more than they are worth
  RequestIds(RandomGenerator random) {
    this.next = new AtomicLong(random.nextLong());
  }

  String of(Request request) {
    String given = request.headers().first(HEADER);
    return given != null && acceptable(given) ? given : Long.toHexString(next.getAndAdd(STEP));
  }

  private static boolean acceptable(String id) {
    if (id.isEmpty() || id.length() > LENGTH_MAX) {
      return false;
    }
    for (int i = 0; i < id.length(); i++) {
      char c = id.charAt(i);
      boolean plain = c == '-' || c == '_' || Character.isLetterOrDigit(c);
      if (!plain || c > 0x7f) {
        return false;
      }
    }
    return true;
  }
}
