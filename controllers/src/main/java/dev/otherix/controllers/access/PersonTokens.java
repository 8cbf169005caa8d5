package dev.otherix.controllers.access;

import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apimachinery.status.StatusReason;
import dev.otherix.apiserver.auth.Authenticator;
import dev.otherix.apiserver.auth.BearerTokens;
import dev.otherix.apiserver.auth.Caller;
import dev.otherix.apiserver.http.Request;
import dev.otherix.apiserver.identity.AccessTokens;
import java.time.InstantSource;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/// Recognises people by access tokens, and programs that act for them by API tokens. Role, session
/// and user are looked at for every request, so that a change counts at once. Thread-safe.
final class PersonTokens implements Authenticator {
  private final AccessTokens accessTokens;
  private final Sessions sessions;
  private final ApiTokens apiTokens;
  private final LastUsed lastUsed;
  private final People people;
  private final VerifiedTokens<AccessTokens.Claims> verified;

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
    this.verified = new VerifiedTokens<>(AccessTokens.Claims::expires, clock);
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
    AccessTokens.Claims claims = verified.find(token);
    if (claims == null) {
      request.requireThread();
      claims = accessTokens.verify(token);
      if (claims == null) {
        throw refused("the access token is not valid or has expired; refresh it or log in again");
      }
      verified.remember(token, claims);
    }
    if (!sessions.lives(claims.user(), claims.session())) {
      request.requireThread();
      if (!sessions.livesNow(claims.user(), claims.session())) {
        throw refused("the session of the access token has ended; log in again");
      }
    }
    return person(request, claims).caller();
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
    if (token == null || !isSame(caller)) {
      return false;
    }
    if (token.startsWith(ApiTokens.PREFIX)) {
      return apiTokens.peek(token) != null;
    }
    AccessTokens.Claims claims = verified.find(token);
    // A token that fell out of memory is looked at again when the client comes back.
    return claims != null && sessions.lives(claims.user(), claims.session());
  }

  /// Whether there is such a person, still of this role.
  private boolean isSame(Caller caller) {
    People.Person person = people.peek(caller.name());
    return person != null && person.uid().equals(caller.uid()) && caller.in(person.role().group());
  }

  @Override
  public BooleanSupplier standing(Request request, Caller caller) {
    String token = BearerTokens.token(request);
    AccessTokens.Claims claims = token == null ? null : verified.find(token);
    return claims == null
        ? () -> stillValid(request, caller)
        : () -> isSame(caller) && sessions.lives(claims.user(), claims.session());
  }

  private static ApiException refused(String message) {
    return ApiException.of(StatusReason.UNAUTHORIZED, message);
  }
}
