package dev.otherix.apimachinery.client;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.net.ssl.X509ExtendedTrustManager;

/// TLS as a kubeconfig wants it.
final class ClientTls {
  private static final char[] NO_PASSWORD = new char[0];

  private ClientTls() {}

  /// @param identity of the config, by [#identity(Kubeconfig)]
  /// @param trust of the config, by [#trust(Kubeconfig)]
  static SSLContext context(ReplaceableIdentity identity, ReplaceableTrust trust) {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(new KeyManager[] {identity}, new TrustManager[] {trust}, null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has TLS", e);
    }
  }

  /// Whom the config says to trust; whom the machine trusts when it does not say.
  static X509ExtendedTrustManager trust(Kubeconfig config) {
    try {
      if (config.insecure()) {
        return new BlindTrust();
      }
      TrustManagerFactory trust =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(config.authority().isEmpty() ? null : trusted(config.authority()));
      return (X509ExtendedTrustManager) trust.getTrustManagers()[0];
    } catch (GeneralSecurityException | IOException e) {
      throw new KubeconfigException(
          "the certificates for " + config.server() + " cannot be used: " + e.getMessage(), e);
    }
  }

  /// What the config says that its client proves itself with; nothing when it does not say.
  static X509ExtendedKeyManager identity(Kubeconfig config) {
    try {
      if (config.certificate().isEmpty()) {
        return ClientIdentity.NONE;
      }
      List<X509Certificate> chain = new ArrayList<>();
      for (Certificate each : certificates(config.certificate())) {
        chain.add((X509Certificate) each);
      }
      if (chain.isEmpty()) {
        throw new CertificateException("there is no certificate in it");
      }
      return ClientIdentity.of(PemKey.read(config.key()), chain);
    } catch (GeneralSecurityException e) {
      throw new KubeconfigException(
          "the client certificate for " + config.server() + " cannot be used: " + e.getMessage(),
          e);
    }
  }

  /// TLS without an identity of its own, to a cluster that is known by its authority's fingerprint.
  static SSLContext pinned(String fingerprint) {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, new TrustManager[] {new PinnedTrust(fingerprint)}, null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has TLS", e);
    }
  }

  private static KeyStore trusted(String pem) throws GeneralSecurityException, IOException {
    KeyStore store = empty();
    int index = 0;
    for (Certificate each : certificates(pem)) {
      store.setCertificateEntry("authority-" + index++, each);
    }
    return store;
  }

  private static KeyStore empty() throws GeneralSecurityException, IOException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, NO_PASSWORD);
    return store;
  }

  private static Collection<? extends Certificate> certificates(String pem)
      throws GeneralSecurityException {
    return CertificateFactory.getInstance("X.509")
        .generateCertificates(new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII)));
  }
}
