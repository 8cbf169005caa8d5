package dev.otherix.apiserver.identity;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Tokens of programs that act as a ServiceAccount: for one account, told by its uid, and for the
/// audiences that they name. Thread-safe.
public final class ServiceAccountTokens {
  /// A key that signs now verifies for a day after its last signature.
  public static final Duration LIFETIME_MAX = Duration.ofDays(1);

  private static final String ISSUER = "otherix/serviceaccounts";
  private static final String ABOUT = "kubernetes.io";

  private final SignedTokens tokens;
  private final InstantSource clock;

  /// What a token that verified says.
  ///
  /// @param id of the token
  public record Claims(
      String namespace,
      String name,
      String uid,
      List<String> audiences,
      String id,
      Instant expires) {
    public Claims {
      audiences = List.copyOf(audiences);
    }
  }

  /// @param text what the program shows
  public record Issued(String text, Instant expires) {}

  public ServiceAccountTokens(SignedTokens tokens, InstantSource clock) {
    this.tokens = tokens;
    this.clock = clock;
  }

  /// Whether `token` says that it is one; nobody has checked.
  public static boolean isOne(String token) {
    return SignedTokens.claimedIssuer(token).equals(ISSUER);
  }

  /// The user name of an account.
  public static String user(String namespace, String name) {
    return "system:serviceaccount:" + namespace + ":" + name;
  }

  /// May block.
  ///
  /// @param lifetime more than [#LIFETIME_MAX] becomes that
  public Issued issue(
      String namespace, String name, String uid, List<String> audiences, Duration lifetime) {
    Duration bounded = lifetime.compareTo(LIFETIME_MAX) > 0 ? LIFETIME_MAX : lifetime;
    Instant expires = Instant.ofEpochSecond(clock.instant().plus(bounded).getEpochSecond());
    ObjectNode claims = JsonNodeFactory.instance.objectNode();
    claims.put("sub", user(namespace, name));
    audiences.forEach(claims.putArray("aud")::add);
    ObjectNode about = claims.putObject(ABOUT).put("namespace", namespace);
    about.putObject("serviceaccount").put("name", name).put("uid", uid);
    return new Issued(tokens.sign(ISSUER, claims, expires), expires);
  }

  /// Null for a token that does not count: forged, of another issuer, too old or too young. May
  /// block.
  public @Nullable Claims verify(String token) {
    JsonNode claims = tokens.verify(ISSUER, token);
    if (claims == null) {
      return null;
    }
    List<String> audiences = new ArrayList<>();
    claims.path("aud").forEach(each -> audiences.add(each.asString("")));
    JsonNode about = claims.path(ABOUT);
    return new Claims(
        about.path("namespace").asString(""),
        about.at("/serviceaccount/name").asString(""),
        about.at("/serviceaccount/uid").asString(""),
        audiences,
        claims.path("jti").asString(""),
        SignedTokens.expiry(claims));
  }
}
