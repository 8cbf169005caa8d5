package dev.otherix.apiserver.identity;

import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.codec.Limits;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apiserver.storage.Storage;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.security.Signature;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// JWTs signed with ES256 and nothing else, by the keys of the store. What a token says of its
/// algorithm chooses nothing. Issuers keep tokens for different purposes apart. Thread-safe.
public final class SignedTokens {
  private static final String ALGORITHM = "ES256";
  private static final String SIGNATURE = "SHA256withECDSAinP1363Format";
  private static final Limits PART = new Limits(4096, 6, 0, 100, 1);
  private static final int CHARACTERS_MAX = 4096;

  /// Clocks of replicas may differ.
  private static final long CLOCK_SKEW_SECONDS = 30;

  private final SigningKeys keys;
  private final InstantSource clock;

  public SignedTokens(Storage store, InstantSource clock, SecureRandom random) {
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

  /// Who is said to have issued it, which nobody has checked; empty when it says nothing.
  static String claimedIssuer(String token) {
    if (!isOne(token)) {
      return "";
    }
    int first = token.indexOf('.');
    try {
      JsonNode claims = decoded(token.substring(first + 1, token.indexOf('.', first + 1)));
      return claims.path("iss").asString("");
    } catch (ApiException | IllegalArgumentException _) {
      // Neither base64 nor JSON: nobody's token.
      return "";
    }
  }

  /// A token that counts from now until `expires`. May block.
  ///
  /// @param claims of its purpose; those that every token has are added
  String sign(String issuer, ObjectNode claims, Instant expires) {
    long now = clock.instant().getEpochSecond();
    SigningKeys.Key key = keys.current();
    ObjectNode header = JsonNodeFactory.instance.objectNode();
    header.put("alg", ALGORITHM).put("kid", key.id()).put("typ", "JWT");
    claims.put("iss", issuer).put("iat", now).put("nbf", now);
    claims.put("exp", expires.getEpochSecond()).put("jti", UUID.randomUUID().toString());
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

  /// What the token says; null for one that does not count: forged, of another issuer, too old or
  /// too young. May block.
  @Nullable JsonNode verify(String issuer, String token) {
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
      JsonNode claims = decoded(token.substring(first + 1, second));
      return counts(issuer, claims) ? claims : null;
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

  private boolean counts(String issuer, JsonNode claims) {
    Instant now = clock.instant();
    Instant begins = Instant.ofEpochSecond(claims.path("nbf").asLong(Long.MAX_VALUE / 2000));
    return claims.path("iss").asString("").equals(issuer)
        && !begins.isAfter(now.plusSeconds(CLOCK_SKEW_SECONDS))
        && expiry(claims).isAfter(now);
  }

  static Instant expiry(JsonNode claims) {
    return Instant.ofEpochSecond(claims.path("exp").asLong(0));
  }

  private static JsonNode decoded(String part) {
    return Json.decode(Base64.getUrlDecoder().decode(part), PART).tree();
  }
}
