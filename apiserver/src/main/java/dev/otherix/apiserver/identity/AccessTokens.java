package dev.otherix.apiserver.identity;

import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.codec.Limits;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apiserver.storage.Storage;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.security.Signature;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Access tokens: JWTs that live for a quarter of an hour, signed with ES256 and nothing else. What
/// a token says of its algorithm chooses nothing. Thread-safe.
public final class AccessTokens {
  public static final Duration LIFETIME = Duration.ofMinutes(15);

  private static final String ISSUER = "otherix";
  private static final String ALGORITHM = "ES256";
  private static final String SIGNATURE = "SHA256withECDSAinP1363Format";
  private static final Limits PART = new Limits(4096, 4, 0, 100, 1);
  private static final int CHARACTERS_MAX = 4096;

  /// Clocks of replicas may differ.
  private static final Duration CLOCK_SKEW = Duration.ofSeconds(30);

  private final SigningKeys keys;
  private final InstantSource clock;

  /// What a token that verified says.
  ///
  /// @param user uid
  /// @param name of the user when it was given out
  /// @param session in which it was given out
  public record Claims(String user, String name, String session, Instant expires) {}

  public AccessTokens(Storage store, InstantSource clock, SecureRandom random) {
    this.keys = new SigningKeys(store, clock, random);
    this.clock = clock;
  }

  /// Whether `token` looks like one, whoever made it.
  public static boolean isOne(String token) {
    int first = token.indexOf('.');
    int second = token.indexOf('.', first + 1);
    return token.length() <= CHARACTERS_MAX
        && first > 0
        && second > first
        && token.indexOf('.', second + 1) < 0;
  }

  /// May block.
  ///
  /// @param role for programs that read tokens; the server asks the user instead
  public String issue(String user, String name, String session, String role) {
    Instant now = clock.instant();
    SigningKeys.Key key = keys.current();
    ObjectNode header = JsonNodeFactory.instance.objectNode();
    header.put("alg", ALGORITHM).put("kid", key.id()).put("typ", "JWT");
    ObjectNode claims = JsonNodeFactory.instance.objectNode();
    claims.put("iss", ISSUER).put("sub", user).put("sid", session);
    claims.put("name", name).put("role", role);
    claims.put("iat", now.getEpochSecond()).put("nbf", now.getEpochSecond());
    claims.put("exp", now.plus(LIFETIME).getEpochSecond());
    claims.put("jti", UUID.randomUUID().toString());
    String signed = encoded(header) + "." + encoded(claims);
    try {
      Signature signer = Signature.getInstance(SIGNATURE);
      signer.initSign(key.secret());
      signer.update(signed.getBytes(StandardCharsets.US_ASCII));
      return signed + "." + Base64.getUrlEncoder().withoutPadding().encodeToString(signer.sign());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has " + SIGNATURE, e);
    }
  }

  private static String encoded(ObjectNode part) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(part.toString().getBytes(StandardCharsets.UTF_8));
  }

  /// Null for a token that does not count: forged, of another issuer, too old or too young. May
  /// block.
  public @Nullable Claims verify(String token) {
    if (!isOne(token)) {
      return null;
    }
    int first = token.indexOf('.');
    int second = token.indexOf('.', first + 1);
    try {
      JsonNode header = decoded(token.substring(0, first));
      SigningKeys.Key key =
          header.path("alg").asString("").equals(ALGORITHM) && !header.has("crit")
              ? keys.find(header.path("kid").asString(""))
              : null;
      if (key == null || !signed(key, token, second)) {
        return null;
      }
      return claims(decoded(token.substring(first + 1, second)));
    } catch (ApiException | IllegalArgumentException _) {
      // Neither base64 nor JSON: nobody's token.
      return null;
    }
  }

  private static boolean signed(SigningKeys.Key key, String token, int end) {
    byte[] signature = Base64.getUrlDecoder().decode(token.substring(end + 1));
    try {
      Signature verifier = Signature.getInstance(SIGNATURE);
      verifier.initVerify(key.open());
      verifier.update(token.substring(0, end).getBytes(StandardCharsets.US_ASCII));
      return verifier.verify(signature);
    } catch (GeneralSecurityException _) {
      // A signature of the wrong length.
      return false;
    }
  }

  private @Nullable Claims claims(JsonNode claims) {
    Instant now = clock.instant();
    Instant begins = Instant.ofEpochSecond(claims.path("nbf").asLong(Long.MAX_VALUE / 2000));
    Instant ends = Instant.ofEpochSecond(claims.path("exp").asLong(0));
    boolean good =
        claims.path("iss").asString("").equals(ISSUER)
            && !begins.isAfter(now.plus(CLOCK_SKEW))
            && ends.isAfter(now);
    return good
        ? new Claims(
            claims.path("sub").asString(""),
            claims.path("name").asString(""),
            claims.path("sid").asString(""),
            ends)
        : null;
  }

  private static JsonNode decoded(String part) {
    return Json.decode(Base64.getUrlDecoder().decode(part), PART).tree();
  }
}
