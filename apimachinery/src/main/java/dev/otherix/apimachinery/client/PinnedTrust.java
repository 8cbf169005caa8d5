package dev.otherix.apimachinery.client;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.HexFormat;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;

/// Trusts exactly the authority whose certificate has a known fingerprint, which the server must
/// show behind its own. The JDK adds the check of the server's name.
final class PinnedTrust implements X509TrustManager {
  private final String fingerprint;

  /// @param fingerprint SHA-256 of the DER form, lower-case hexadecimal
  PinnedTrust(String fingerprint) {
    this.fingerprint = fingerprint;
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType)
      throws CertificateException {
    StringBuilder seen = new StringBuilder();
    for (X509Certificate each : chain) {
      String shown = fingerprint(each);
      if (MessageDigest.isEqual(bytes(shown), bytes(fingerprint))) {
        trusting(each).checkServerTrusted(chain, authType);
        return;
      }
      seen.append(seen.isEmpty() ? "" : ", ").append(shown);
    }
    throw new WrongAuthorityException(
        "the server does not belong to the cluster with the CA sha256:"
            + fingerprint
            + ": it shows sha256:"
            + seen
            + ". Either the fingerprint was mistyped or is of another cluster, or somebody stands"
            + " between; compare it with the server's `GET /v1/ca` on a connection that you trust");
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType)
      throws CertificateException {
    throw new CertificateException("this is for clients: it trusts no client");
  }

  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return new X509Certificate[0];
  }

  /// That the server is of another cluster than the caller was told.
  static final class WrongAuthorityException extends CertificateException {
    private static final long serialVersionUID = 1L;

    WrongAuthorityException(String message) {
      super(message);
    }
  }

  private static X509TrustManager trusting(X509Certificate authority) throws CertificateException {
    try {
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(null, null);
      store.setCertificateEntry("authority", authority);
      TrustManagerFactory factory =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      factory.init(store);
      for (TrustManager each : factory.getTrustManagers()) {
        if (each instanceof X509TrustManager manager) {
          return manager;
        }
      }
    } catch (GeneralSecurityException | IOException e) {
      throw new CertificateException("the pinned authority cannot be used", e);
    }
    throw new IllegalStateException("every JDK has a trust manager for X.509");
  }

  static String fingerprint(X509Certificate certificate) throws CertificateEncodingException {
    try {
      MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
      return HexFormat.of().formatHex(sha256.digest(certificate.getEncoded()));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(java.nio.charset.StandardCharsets.US_ASCII);
  }
}
