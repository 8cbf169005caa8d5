package dev.otherix.apiserver.pki;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;

/// What people ask about a certificate.
public final class Certificates {
  private Certificates() {}

  /// SHA-256 of its DER form, lower-case hexadecimal; what a joining node compares.
  public static String fingerprint(X509Certificate certificate) {
    try {
      MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
      return HexFormat.of().formatHex(sha256.digest(certificate.getEncoded()));
    } catch (NoSuchAlgorithmException | CertificateEncodingException e) {
      throw new IllegalStateException("a certificate that was parsed can be hashed", e);
    }
  }

  /// Whole days until it expires; negative once it has.
  public static long daysLeft(X509Certificate certificate, Instant now) {
    Duration left = Duration.between(now, certificate.getNotAfter().toInstant());
    return Math.floorDiv(left.toSeconds(), Duration.ofDays(1).toSeconds());
  }
}
