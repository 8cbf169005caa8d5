package dev.otherix.apiserver.identity;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;

/// Random texts that open doors, and what is kept of them. Thread-safe.
public final class Tokens {
  private static final int RANDOM_BYTES = 32;
  private static final int ID_LENGTH = 32;

  private final SecureRandom random;

  public Tokens(SecureRandom random) {
    this.random = random;
  }

  /// A new one: `prefix` and 256 random bits in base64url.
  public String next(String prefix) {
    byte[] bytes = new byte[RANDOM_BYTES];
    random.nextBytes(bytes);
    return prefix + Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  /// Under which the record of a token stands. Keys of the store are not encrypted, so it is
  /// neither the token's hash nor enough to make one.
  public static String id(String token) {
    return hash("id of " + token).substring(0, ID_LENGTH);
  }

  /// Whether `token` is the one that `hash` was made of.
  public static boolean matches(String token, String hash) {
    return MessageDigest.isEqual(
        hash(token).getBytes(StandardCharsets.US_ASCII), hash.getBytes(StandardCharsets.US_ASCII));
  }

  /// SHA-256 of a token in hexadecimal: enough, because nobody can guess 256 bits.
  public static String hash(String token) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
