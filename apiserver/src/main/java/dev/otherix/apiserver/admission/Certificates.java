package dev.otherix.apiserver.admission;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.util.Base64;
import java.util.Collection;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/// The certificates that a webhook's server is checked against.
final class Certificates {
  private Certificates() {}

  /// @param bundle PEM in base64
  /// @throws IllegalArgumentException where it is not base64
  static Collection<? extends Certificate> parse(String bundle) throws CertificateException {
    byte[] pem = Base64.getMimeDecoder().decode(bundle);
    Collection<? extends Certificate> certificates =
        CertificateFactory.getInstance("X.509").generateCertificates(new ByteArrayInputStream(pem));
    if (certificates.isEmpty()) {
      throw new CertificateException("there is no certificate in it");
    }
    return certificates;
  }

  /// Trusts only who the bundle signs for, or, for an empty bundle, whom the platform trusts.
  static SSLContext context(String bundle) throws GeneralSecurityException, IOException {
    if (bundle.isEmpty()) {
      return SSLContext.getDefault();
    }
    KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
    store.load(null, null);
    int number = 0;
    for (Certificate each : parse(bundle)) {
      store.setCertificateEntry("ca" + number++, each);
    }
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(store);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust.getTrustManagers(), null);
    return context;
  }
}
