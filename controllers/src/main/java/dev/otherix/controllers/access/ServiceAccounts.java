package dev.otherix.controllers.access;

import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apimachinery.status.StatusReason;
import dev.otherix.apiserver.auth.Authenticator;
import dev.otherix.apiserver.auth.BearerTokens;
import dev.otherix.apiserver.auth.Caller;
import dev.otherix.apiserver.http.Request;
import dev.otherix.apiserver.identity.ServiceAccountTokens;
import dev.otherix.apiserver.identity.ServiceAccountTokens.Claims;
import dev.otherix.apiserver.registry.Resource;
import dev.otherix.apiserver.registry.Resources;
import dev.otherix.apiserver.watchcache.CacheItem;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/// Recognises programs by tokens of ServiceAccounts. The account is looked at for every request:
/// with it go its tokens. Thread-safe.
final class ServiceAccounts implements Authenticator {
  /// The role that an account has, said by an administrator in this annotation; none without.
  static final String ROLE = "otherix/role";

  static final String RESOURCE = "serviceaccounts";
  private static final String ALL = "system:serviceaccounts";
  private static final String CREDENTIAL = "authentication.kubernetes.io/credential-id";

  private final ServiceAccountTokens tokens;
  private final Resources resources;
  private final VerifiedTokens<Claims> verified;

  ServiceAccounts(ServiceAccountTokens tokens, Resources resources, InstantSource clock) {
    this.tokens = tokens;
    this.resources = resources;
    this.verified = new VerifiedTokens<>(Claims::expires, clock);
  }

  @Override
  public @Nullable Caller authenticate(Request request) {
    Reviewed reviewed = review(request, List.of());
    return reviewed == null ? null : reviewed.caller();
  }

  @Override
  public @Nullable Reviewed review(Request request, List<String> audiences) {
    String token = BearerTokens.token(request);
    if (token == null || !ServiceAccountTokens.isOne(token)) {
      return null;
    }
    Claims claims = verified.find(token);
    if (claims == null) {
      request.requireThread();
      claims = tokens.verify(token);
      if (claims == null) {
        throw refused("is not valid or has expired");
      }
      verified.remember(token, claims);
    }
    List<String> meant = new ArrayList<>(audiences.isEmpty() ? List.of(SERVER) : audiences);
    meant.retainAll(claims.audiences());
    if (meant.isEmpty()) {
      throw refused("is for " + claims.audiences() + " and not for whoever got it");
    }
    ObjectNode account = account(request, claims);
    if (account == null) {
      throw refused("is of an account that is gone");
    }
    return new Reviewed(caller(claims, account), meant);
  }

  private static ApiException refused(String why) {
    return ApiException.of(
        StatusReason.UNAUTHORIZED, "the service account token " + why + "; ask for another");
  }

  private static Caller caller(Claims claims, ObjectNode account) {
    List<String> groups = new ArrayList<>(List.of(ALL, ALL + ":" + claims.namespace()));
    Role role = role(account);
    if (role != null) {
      groups.add(role.group());
    }
    return new Caller(
        ServiceAccountTokens.user(claims.namespace(), claims.name()),
        claims.uid(),
        groups,
        Map.of(CREDENTIAL, List.of("JTI=" + claims.id())));
  }

  private static @Nullable Role role(ObjectNode account) {
    return Role.named(account.path("metadata").path("annotations").path(ROLE).asString(""));
  }

  private @Nullable ObjectNode account(Request request, Claims claims) {
    ObjectNode known = peek(claims);
    if (known != null) {
      return known;
    }
    // What was made a moment ago may not be in the copy yet.
    request.requireThread();
    Resource accounts = resources.find("", RESOURCE);
    try {
      CacheItem item = accounts == null ? null : accounts.find(claims.namespace(), claims.name());
      return same(item, claims);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw ApiException.of(StatusReason.TIMEOUT, "interrupted while looking for the account");
    }
  }

  private @Nullable ObjectNode peek(Claims claims) {
    Resource accounts = resources.find("", RESOURCE);
    return accounts == null ? null : same(accounts.peek(claims.namespace(), claims.name()), claims);
  }

  private static @Nullable ObjectNode same(@Nullable CacheItem item, Claims claims) {
    ObjectNode account = item == null ? null : item.object().toTree();
    return account != null && account.at("/metadata/uid").asString("").equals(claims.uid())
        ? account
        : null;
  }

  @Override
  public boolean stillValid(Request request, Caller caller) {
    String token = BearerTokens.token(request);
    Claims claims = token == null ? null : verified.find(token);
    ObjectNode account = claims == null ? null : peek(claims);
    if (account == null) {
      return false;
    }
    Role now = role(account);
    return now == Role.of(caller);
  }
}
