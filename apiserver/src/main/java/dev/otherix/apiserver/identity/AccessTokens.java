package dev.otherix.apiserver.identity;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// What people get when they log in: tokens that live for a quarter of an hour. Thread-safe.
public final class AccessTokens {
  public static final Duration LIFETIME = Duration.ofMinutes(15);

  private static final String ISSUER = "otherix";

  private final SignedTokens tokens;
  private final InstantSource clock;

  /// What a token that verified says.
  ///
  /// @param user uid
  /// @param name of the user when it was given out
  /// @param session in which it was given out
  public record Claims(String user, String name, String session, Instant expires) {}

  public AccessTokens(SignedTokens tokens, InstantSource clock) {
    this.tokens = tokens;
    this.clock = clock;
  }

  /// Whether `token` looks like one, whoever made it.
  public static boolean isOne(String token) {
    return SignedTokens.isOne(token);
  }

  /// May block.
  ///
  /// @param role for programs that read tokens; the server asks the user instead
  public String issue(String user, String name, String session, String role) {
    ObjectNode claims = JsonNodeFactory.instance.objectNode();
    claims.put("sub", user).put("sid", session);
    claims.put("name", name).put("role", role);
    return tokens.sign(ISSUER, claims, clock.instant().plus(LIFETIME));
  }

  /// Null for a token that does not count: forged, of another issuer, too old or too young. May
  /// block.
  public @Nullable Claims verify(String token) {
    JsonNode claims = tokens.verify(ISSUER, token);
    return claims == null
        ? null
        : new Claims(
            claims.path("sub").asString(""),
            claims.path("name").asString(""),
            claims.path("sid").asString(""),
            SignedTokens.expiry(claims));
  }
}
