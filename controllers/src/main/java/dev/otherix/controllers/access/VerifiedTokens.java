package dev.otherix.controllers.access;

import dev.otherix.apiserver.identity.Tokens;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Iterator;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// What tokens say whose signature was checked already, by their hash: a check costs far more than
/// everything else about a request. Thread-safe.
///
/// @param <C> what a token says
final class VerifiedTokens<C> {
  private static final int TOKENS_MAX = 4096;

  private final Map<String, C> claims = new ConcurrentHashMap<>();
  private final Function<C, Instant> expiry;
  private final InstantSource clock;

  VerifiedTokens(Function<C, Instant> expiry, InstantSource clock) {
    this.expiry = expiry;
    this.clock = clock;
  }

  /// Null for one that is not known or has expired.
  @Nullable C find(String token) {
    C found = claims.get(Tokens.hash(token));
    return found != null && expiry.apply(found).isAfter(clock.instant()) ? found : null;
  }

  void remember(String token, C verified) {
    if (claims.size() >= TOKENS_MAX) {
      Instant now = clock.instant();
      claims.values().removeIf(each -> !expiry.apply(each).isAfter(now));
      Iterator<String> any = claims.keySet().iterator();
      if (claims.size() >= TOKENS_MAX && any.hasNext()) {
        claims.remove(any.next());
      }
    }
    claims.put(Tokens.hash(token), verified);
  }
}
