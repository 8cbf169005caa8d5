package dev.otherix.controllers.access;

import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apimachinery.status.StatusReason;
import dev.otherix.apiserver.auth.Authenticator;
import dev.otherix.apiserver.auth.BearerTokens;
import dev.otherix.apiserver.auth.Caller;
import dev.otherix.apiserver.http.Request;
import dev.otherix.apiserver.identity.AccessTokens;
import dev.otherix.apiserver.identity.Tokens;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Iterator;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// Recognises people by access tokens, and programs that act for them by API tokens. Role, session
/// and user are looked at for every request, so that a change counts at once. Thread-safe.
final class PersonTokens implements Authenticator {
  /// Of tokens whose signature was checked already.
  private static final int VERIFIED_MAX = 4096;

  private final AccessTokens accessTokens;
  private final Sessions sessions;
  private final ApiTokens apiTokens;
  private final LastUsed lastUsed;
  private final People people;
  private final InstantSource clock;
  private final Map<String, AccessTokens.Claims> verified = new ConcurrentHashMap<>();

  PersonTokens(
      AccessTokens accessTokens,
      Sessions sessions,
      ApiTokens apiTokens,
      LastUsed lastUsed,
      People people,
      InstantSource clock) {
    this.accessTokens = accessTokens;
    this.sessions = sessions;
    this.apiTokens = apiTokens;
    this.lastUsed = lastUsed;
    this.people = people;
    this.clock = clock;
  }

  @Override
  public @Nullable Caller authenticate(Request request) {
    String token = BearerTokens.token(request);
    if (token == null) {
      return null;
    }
    try {
      if (token.startsWith(ApiTokens.PREFIX)) {
        return byApiToken(request, token);
      }
      return AccessTokens.isOne(token) ? byAccessToken(request, token) : null;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw ApiException.of(StatusReason.TIMEOUT, "interrupted while checking the bearer token");
    }
  }

  private Caller byApiToken(Request request, String token) throws InterruptedException {
    ApiTokens.Holder holder = apiTokens.peek(token);
    if (holder == null) {
      request.requireThread();
      holder = apiTokens.find(token);
    }
    if (holder == null) {
      throw refused("the API token is not known, has expired or was revoked; use another");
    }
    lastUsed.note(holder.token());
    return holder.person().caller();
  }

  private Caller byAccessToken(Request request, String token) throws InterruptedException {
    AccessTokens.Claims claims = verified.get(Tokens.hash(token));
    if (claims == null) {
      request.requireThread();
      claims = accessTokens.verify(token);
      if (claims == null) {
        throw refused("the access token is not valid or has expired; refresh it or log in again");
      }
      remember(token, claims);
    }
    if (!claims.expires().isAfter(clock.instant())) {
      verified.remove(Tokens.hash(token));
      throw refused("the access token has expired; refresh it");
    }
    if (!sessions.lives(claims.user(), claims.session())) {
      request.requireThread();
      if (!sessions.livesNow(claims.user(), claims.session())) {
        throw refused("the session of the access token has ended; log in again");
      }
    }
    return person(request, claims).caller();
  }

  private void remember(String token, AccessTokens.Claims claims) {
    if (verified.size() >= VERIFIED_MAX) {
      Instant now = clock.instant();
      verified.values().removeIf(each -> !each.expires().isAfter(now));
      Iterator<String> any = verified.keySet().iterator();
      if (verified.size() >= VERIFIED_MAX && any.hasNext()) {
        verified.remove(any.next());
      }
    }
    verified.put(Tokens.hash(token), claims);
  }

  private People.Person person(Request request, AccessTokens.Claims claims)
      throws InterruptedException {
    People.Person person = people.peek(claims.name());
    if (person == null || !person.uid().equals(claims.user())) {
      request.requireThread();
      person = people.find(claims.name());
    }
    if (person == null || !person.uid().equals(claims.user())) {
      throw refused("the user of the access token is gone");
    }
    return person;
  }

  @Override
  public boolean stillValid(Request request, Caller caller) {
    String token = BearerTokens.token(request);
    People.Person person = people.peek(caller.name());
    if (token == null || person == null || !person.uid().equals(caller.uid())) {
      return false;
    }
    if (!caller.in(person.role().group())) {
      return false;
    }
    if (token.startsWith(ApiTokens.PREFIX)) {
      return apiTokens.peek(token) != null;
    }
    AccessTokens.Claims claims = verified.get(Tokens.hash(token));
    Instant now = clock.instant();
    // A token that fell out of memory is looked at again when the client comes back.
    return claims != null
        && claims.expires().isAfter(now)
        && sessions.lives(claims.user(), claims.session());
  }

  private static ApiException refused(String message) {
    return ApiException.of(StatusReason.UNAUTHORIZED, message);
  }
}
