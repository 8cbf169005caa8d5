package dev.otherix.apiserver.identity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apiserver.storage.MemoryStorage;
import dev.otherix.apiserver.storage.Storage;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;

final class SignedTokensTest {
  private static final SecureRandom RANDOM = new SecureRandom();

  private Instant now = Instant.parse("2026-01-01T00:00:00Z");
  private final InstantSource clock = () -> now;

  // The store forgets nothing by itself here: only the keys' own age counts.
  private final Storage store = new MemoryStorage(InstantSource.fixed(now));
  private final SignedTokens tokens = new SignedTokens(store, clock, RANDOM);
  private final AccessTokens access = new AccessTokens(tokens, clock);
  private final ServiceAccountTokens accounts = new ServiceAccountTokens(tokens, clock);

  private String access() {
    return access.issue("uid", "jane", "session", "viewer");
  }

  private String account(Duration lifetime) {
    return accounts.issue("default", "robot", "uid", List.of("otherix"), lifetime).text();
  }

  private static String key(String token) {
    String header = token.substring(0, token.indexOf('.'));
    return Json.parseObject(
            new String(Base64.getUrlDecoder().decode(header), StandardCharsets.UTF_8))
        .path("kid")
        .asString("");
  }

  @Test
  void key_isReplacedAfterAMonth_andWhatTheFormerSignedCountsOn() {
    String first = access();
    now = now.plus(SigningKeys.SIGNS_FOR).minus(Duration.ofMinutes(1));
    String last = access();
    String longest = account(Duration.ofDays(1));
    assertEquals(key(first), key(last));
    now = now.plus(Duration.ofMinutes(11));
    assertNotEquals(key(first), key(access()));
    assertNotNull(access.verify(last), "the former key still verifies");
    now = now.plus(Duration.ofHours(23));
    assertNull(access.verify(last));
    assertNotNull(accounts.verify(longest), "the longest token ends before its key does");
    now = now.plus(Duration.ofHours(1));
    assertNull(accounts.verify(longest));
  }

  @Test
  void anotherReplica_verifiesWhatOneSigned() {
    AccessTokens other = new AccessTokens(new SignedTokens(store, clock, RANDOM), clock);
    AccessTokens.Claims claims = other.verify(access());
    assertNotNull(claims);
    assertEquals("jane", claims.name());
  }

  /// One kind of token is nothing where another is asked for.
  @Test
  void verify_aTokenOfAnotherPurpose_isNothing() {
    assertNull(access.verify(account(Duration.ofHours(1))));
    assertNull(accounts.verify(access()));
    assertTrue(ServiceAccountTokens.isOne(account(Duration.ofHours(1))));
    assertTrue(!ServiceAccountTokens.isOne(access()));
    assertTrue(!ServiceAccountTokens.isOne("a.b.c"));
  }
}
